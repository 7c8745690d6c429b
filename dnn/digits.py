"""Real data, small enough to ship: 1,797 handwritten digits of 8 x 8 pixels.

The test set of the "Optical Recognition of Handwritten Digits" data of the UCI Machine Learning Repository
(E. Alpaydin and C. Kaynak, 1998, doi:10.24432/C50P49, licence CC BY 4.0): each pixel counts the dark ones,
0..16, in a 4 x 4 block of a scanned bitmap. The file beside this one holds pixels and digits unchanged, as
unsigned bytes.
"""

from importlib.resources import as_file, files

import numpy as np

from dnn.activations import Array


def load_digits() -> tuple[Array, Array]:
    """The digits as samples in rows.

    Returns
    -------
    x : array of float64, shape (1797, 64)
        Pixels, scaled from 0..16 to 0..1.
    y : array of float64, shape (1797, 10)
        One-hot labels: y[i, d] = 1 where sample i shows the digit d.
    """
    with as_file(files("dnn") / "digits.npz") as path, np.load(path) as data:
        pixels, digit = data["pixels"], data["digit"]
    return pixels / 16.0, np.eye(10)[digit]
