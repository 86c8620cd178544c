"""What stands behind the tables of data/results: a lesson's live run and the table over seeds are the same code.

A module here holds pure functions, which a lesson calls with one generator and its own sizes, and a function `measure…`
that the runner calls for every setting and every seed. `table.py` declares them all; `make experiments` runs them.
"""
