"""The equations of backpropagation, derived and machine-checked."""
