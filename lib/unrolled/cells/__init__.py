"""A whole sequence in one function: the forward pass and its pullback on one screen, a file for each cell."""
