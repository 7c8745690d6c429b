"""Outcomes added up: in any order, to the same sum."""

from collections import Counter
from dataclasses import dataclass, field
from math import exp, inf, lgamma, log, log1p
from typing import Any

from checks.proof.campaign.oracles import Outcome

CONFIDENCE = 0.95
VERDICTS = ("PASS", "KINK", "INCONCLUSIVE", "FAIL")


@dataclass(order=True, frozen=True)
class Failure:
    """A case on which an oracle says FAIL; `number` and the campaign's seed make it again."""

    number: int
    kind: str
    ratio: float
    text: str


@dataclass
class Tally:
    """What one oracle found on many cases.

    Attributes
    ----------
    verdicts : Counter of (kind, verdict)
        How many cases of each kind had each verdict.
    inapplicable : int
        Cases of which the oracle had nothing to say.
    numbers : int
        How many numbers were compared.
    ratio : float
        The largest error over its bar among the cases that did not fail.
    failures : list of Failure
    """

    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    inapplicable: int = 0
    numbers: int = 0
    ratio: float = 0.0
    failures: list[Failure] = field(default_factory=list)

    def add(self, number: int, outcome: Outcome | None) -> None:
        """Count one case."""
        if outcome is None:
            self.inapplicable += 1
            return
        self.verdicts[outcome.kind, outcome.verdict] += 1
        self.numbers += outcome.numbers
        if outcome.verdict == "FAIL":
            self.failures.append(Failure(number, outcome.kind, outcome.ratio, outcome.failure))
        else:
            self.ratio = max(self.ratio, outcome.ratio)

    def merge(self, other: "Tally") -> None:
        """Count all that another tally counted."""
        self.verdicts += other.verdicts
        self.inapplicable += other.inapplicable
        self.numbers += other.numbers
        self.ratio = max(self.ratio, other.ratio)
        self.failures = sorted([*self.failures, *other.failures])

    def count(self, verdict: str) -> int:
        """How many cases had this verdict."""
        return sum(n for (_, found), n in self.verdicts.items() if found == verdict)

    @property
    def cases(self) -> int:
        """How many cases the oracle judged."""
        return self.verdicts.total()

    @property
    def upper_bound(self) -> float:
        """With `CONFIDENCE`, FAIL has at most this probability on a case like these."""
        return upper_bound(self.count("FAIL"), self.cases)

    def to_dict(self) -> dict[str, Any]:
        """Return the tally as JSON types, sorted; infinite ratios become None."""
        kinds: dict[str, dict[str, int]] = {}
        for (kind, verdict), n in sorted(self.verdicts.items()):
            kinds.setdefault(kind, {})[verdict] = n
        return {
            "kinds": kinds,
            "inapplicable": self.inapplicable,
            "numbers": self.numbers,
            "ratio": self.ratio,
            "failures": [
                {
                    "number": f.number,
                    "kind": f.kind,
                    "ratio": f.ratio if f.ratio < inf else None,
                    "text": f.text,
                }
                for f in sorted(self.failures)
            ],
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> "Tally":
        """Read what `to_dict` wrote.

        Raises
        ------
        ValueError, TypeError, KeyError
            When it is something else: other verdicts, counts or numbers than a tally can have, or not as many
            failures as were counted.
        """
        verdicts = Counter(
            {
                (_text("kind", kind), _one_of(VERDICTS, verdict)): _count(verdict, n, least=1)
                for kind, found in content["kinds"].items()
                for verdict, n in found.items()
            }
        )
        failures = [
            Failure(
                _count("number", f["number"]),
                _text("kind", f["kind"]),
                inf if f["ratio"] is None else _ratio(f["ratio"]),
                _text("text", f["text"]),
            )
            for f in content["failures"]
        ]
        counted = {kind: n for (kind, verdict), n in verdicts.items() if verdict == "FAIL"}
        listed = Counter(failure.kind for failure in failures)
        if counted != listed:
            raise ValueError(f"it counts {sum(counted.values())} failures and lists {len(failures)} of them")
        return cls(
            verdicts,
            _count("inapplicable", content["inapplicable"]),
            _count("numbers", content["numbers"]),
            _ratio(content["ratio"]),
            failures,
        )


def _count(name: str, value: Any, least: int = 0) -> int:
    """A number of things, which JSON might have as 1.5 or true."""
    if type(value) is not int or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return value


def _ratio(value: Any) -> float:
    """An error over its bar, which Python's JSON might have as NaN."""
    if type(value) not in (int, float) or not 0 <= value < inf:
        raise ValueError(f"ratio must be a finite number that is not negative, got {value!r}")
    return float(value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, got {value!r}")
    return value


def _one_of(known: tuple[str, ...], value: Any) -> str:
    if value not in known:
        raise ValueError(f"a verdict must be one of {', '.join(known)}, got {value!r}")
    return str(value)


def upper_bound(found: int, of: int, confidence: float = CONFIDENCE) -> float:
    """Clopper and Pearson's upper confidence bound of a probability: `found` times in `of` trials.

    It is the p at which `found` or fewer would be seen with probability 1 - confidence only, found by
    bisection; without any it is 1 - (1 - confidence)^(1/of), about 3 / of.
    """
    if found >= of:
        return 1.0
    low, high = found / of, 1.0
    while True:
        p = (low + high) / 2
        if not low < p < high:
            return high
        if _at_most(found, of, p) > 1 - confidence:
            low = p
        else:
            high = p


def _at_most(found: int, of: int, p: float) -> float:
    """The binomial probability of `found` or fewer in `of` trials, 0 < p < 1."""
    return sum(
        exp(lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + k * log(p) + (of - k) * log1p(-p))
        for k in range(found + 1)
    )
