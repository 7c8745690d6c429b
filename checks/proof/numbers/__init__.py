"""Number systems in which the shipped network runs unchanged: one array class each.

NumPy hands `W @ a`, `np.exp(z)` and `z > 0` to whatever array it meets, so a number system is an array class
that answers them in its own arithmetic (`ring`). Literals enter exactly, nothing leaves (no `float()`, no
`np.asarray`), and a comparison is decided or raises.

=============== ============================================================ ==========================
rationals       Q, exactly                                                   Python's `Fraction`
field           GF(2^61 - 1); exp, log, tanh opaque; degrees counted         NumPy, 21-bit limbs
symbols         quotients of polynomials in symbols and opaque functions     dictionaries of monomials
balls           reals known to lie in an interval                            python-flint
rounded         floats that carry a bound on their rounding error            NumPy
dual            v + d eps with eps^2 = 0, over any of these or over floats   the arrays underneath
=============== ============================================================ ==========================
"""
