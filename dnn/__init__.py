"""A fully connected network and its backward pass, in plain NumPy."""
