"""Is this gradient right? The ground floor imports NumPy only."""
