"""The oracles: one file each, running the shipped network in a number system of its own."""
