"""The only room that draws with matplotlib: plots, diagrams, graphs and small pictures."""
