"""The applications that the five notes name: for each a card, with its honest baseline."""
