"""Architectures that Hypothesis draws, reproducible from a seed outside of a test."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from dnn import Architecture


def drawn(strategy: st.SearchStrategy[Architecture], n: int, seed: int) -> list[Architecture]:
    """N architectures, the simplest one first.

    Parameters
    ----------
    strategy : strategy
        Of architectures, such as `checks.strategies.architectures()`.
    n : int
    seed : int
        The same seed draws the same architectures, with one version of Hypothesis.
    """
    found: list[Architecture] = []

    @seeded(seed)
    @settings(
        max_examples=2 * n,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(architecture: Architecture) -> None:
        found.append(architecture)

    collect()
    distinct = list(dict.fromkeys(found))
    return (distinct * (n // len(distinct) + 1))[:n]
