"""What each oracle does, and what it cannot see, whatever it looks at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Description:
    """An oracle in words.

    Parameters
    ----------
    does : str
    blind : str
        What it cannot see.
    """

    does: str
    blind: str


NUMERICAL = Description(
    "Each equation is put to the test by itself: its right side, from the network's own trace, against a "
    "numerical derivative of its left side that has never called backward(). The error of the derivative "
    "is estimated, and is the only tolerance there is.",
    "An error smaller than that estimate; a number at a kink, where there is no derivative (those are not "
    "counted).",
)

DESCRIPTIONS: dict[str, Description] = {
    "symbols": Description(
        "The shipped lines run on SymPy's symbols, with f and f' unknown functions: every entry of "
        "delta, dW and db equals the derivative of J that SymPy takes.",
        "Other shapes than the small ones it ran (for all shapes there are the theorems); whether a "
        "named f' is the derivative of its f; rounding.",
    ),
    "field-opaque": Description(
        "The shipped lines run on the integers modulo the prime 2^61 - 1, at random points, with f and "
        "f' random functions; dual numbers over the same field give the true derivative, exactly.",
        "Whether a named f' is the derivative of its f; rounding; a wrong formula that happens to agree "
        "at the points drawn, the probability of which is stated.",
    ),
    "field": Description(
        "The same with the shipped activations, over a random exp and a random tanh: a wrong f' shows as "
        "well.",
        "A mistake on one side of zero when no unit fell there; rounding.",
    ),
    "rationals": Description(
        "The shipped lines run on exact fractions. With a piecewise linear f and half the squared error, "
        "J is piecewise quadratic in each weight, so a central difference is the derivative, exactly, "
        "without a chain rule.",
        "Smooth activations, softmax and sigmoid: they leave the rationals; entries on a kink; rounding.",
    ),
    "balls": Description(
        "The shipped lines run on numbers with a proved error bar, which certifies how far the "
        "floating-point gradient is from the true one.",
        "Architectures on which a ball cannot decide a comparison: it refuses them; points that were not "
        "drawn.",
    ),
    "dual": Description(
        "The shipped forward pass runs on dual numbers, which carry a derivative along without ever touching "
        "backward().",
        "A wrong forward pass: it differentiates whatever forward() computes; an error below rounding.",
    ),
    "complex-step": Description(
        "The shipped forward pass runs a tiny imaginary step beside each point: a derivative without "
        "cancellation.",
        "Code that is not analytic; a wrong forward pass; an error below rounding.",
    ),
    "torch": Description(
        "PyTorch differentiates a replica of the network, written from textbook formulas.",
        "An error below its bar, a multiple of the rounding error.",
    ),
    "jax": Description(
        "JAX differentiates the same replica in float64.",
        "An error below its bar, a multiple of the rounding error.",
    ),
    "autograd": Description(
        "HIPS autograd differentiates the same replica.",
        "An error below its bar, a multiple of the rounding error.",
    ),
    "scikit-learn": Description(
        "scikit-learn trains its own network on the digits for one step; what the step changed is the "
        "gradient.",
        "delta, which it does not keep; activations and heads that it does not have.",
    ),
}

UNDESCRIBED = Description("An oracle that this page has no words for.", "See its note.")

TRUSTED = (
    "derivations/kernel.py, which decides when two lines are equal, is trusted. It stands on Python's "
    "integers and fractions alone; at small widths a referee writes every line out in scalars again."
)
NOT_PROVED = (
    "A gradient check looks at the points that it looks at. It says how small an error there could have gone "
    "unseen, and nothing about other points.",
    "Every check of a gradient is blind to a wrong forward pass, whose derivative may be right. The equation "
    "forward, against a reference in scalar loops, covers that.",
    "The error bar of a numerical derivative is an estimate that was calibrated, not a theorem. The finite "
    "field, the rationals, the symbols and the balls need no such estimate.",
    "NumPy, the compiler beneath it and the processor are taken at their word, save where the balls "
    "certify a result.",
)
