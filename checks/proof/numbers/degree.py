"""How large a polynomial can stand behind the numbers of an array: the degrees that Schwartz-Zippel asks for.

Behind each element stands a quotient of polynomials in the independent random numbers of the run. All
elements of one array are brought over one common denominator, a product of known factors; so adding a
thousand quotients with the same denominator costs nothing, and the bound stays small where the naive one
explodes with depth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Degree:
    """A bound for every element of an array.

    Parameters
    ----------
    numerator : int
        No element's numerator has a larger degree.
    factors : mapping
        The common denominator: name of a factor -> (its multiplicity, its degree).
    """

    numerator: int
    factors: Mapping[bytes, tuple[int, int]] = field(default_factory=dict)

    @property
    def denominator(self) -> int:
        """The degree of the common denominator."""
        return sum(multiplicity * degree for multiplicity, degree in self.factors.values())

    def __add__(self, other: Degree) -> Degree:
        """Over the least common multiple of both denominators."""
        if self.factors == other.factors:
            return Degree(max(self.numerator, other.numerator), self.factors)
        factors = dict(self.factors)
        for name, factor in other.factors.items():
            factors[name] = max(factors.get(name, factor), factor)
        common = Degree(0, factors)
        lifted = (one.numerator + common.denominator - one.denominator for one in (self, other))
        return Degree(max(lifted), factors)

    def __mul__(self, other: Degree) -> Degree:
        factors = dict(self.factors)
        for name, (multiplicity, degree) in other.factors.items():
            factors[name] = (factors.get(name, (0, degree))[0] + multiplicity, degree)
        return Degree(self.numerator + other.numerator, factors)

    def over(self, other: Degree, name: bytes, size: int) -> Degree:
        """Divided by an array of `size` elements: its numerators become one more factor, called `name`.

        x / (n_i / d) = x d prod_{j != i} n_j / prod_j n_j.
        """
        if not other.numerator and not other.factors:
            return self
        numerator = self.numerator + other.denominator + (size - 1) * other.numerator
        return Degree(numerator, self.factors) * Degree(0, {name: (1, size * other.numerator)})


CONSTANT = Degree(0)
INDEPENDENT = Degree(1)
