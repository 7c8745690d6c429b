"""How many random networks a second a campaign puts to the oracles, and what a second worker adds.

    python tests/benchmarks/campaign.py [--cases N]

Both runs of a ratio alternate in this one process tree, so that what else runs on the machine slows both.
The rate per core is cases over processor time of the workers, and so is not slowed by neighbours at all.
"""

import argparse
import os
import resource
import statistics
import time

from checks.proof.campaign import campaign, pools
from checks.proof.campaign.run import chosen_oracles, work
from checks.proof.campaign.state import Plan

GROUPS = ("cheap", "symbols", "equations", "number-systems", "false-alarms")
ROUNDS = 5


def rate_per_core(group: str, cases: int) -> float:
    """Cases a second of processor time, in this process."""
    plan = Plan.make(1, chosen_oracles([group]))
    work(plan, 0, 3)  # imports and caches
    start = time.process_time()
    work(plan, 3, 3 + cases)
    return cases / (time.process_time() - start)


def rates(workers: int, cases: int, rounds: int) -> list[float]:
    """Cases a second by the clock, with the workers started beforehand."""
    plan = Plan.make(1, chosen_oracles(["cheap"]))
    found = []
    with pools.processes(workers) as pool:
        list(pool.map(work, [plan] * workers * 4, range(workers * 4), range(1, workers * 4 + 1)))
        for _ in range(rounds):
            cuts = range(0, cases, 20)
            start = time.perf_counter()
            list(pool.map(work, [plan] * len(cuts), cuts, [min(cut + 20, cases) for cut in cuts]))
            found.append(cases / (time.perf_counter() - start))
    return found


def cost(workers: int, cases: int) -> tuple[float, float]:
    """Milliseconds of processor time a case: in the workers, and in the process that hands out the work.

    The difference of a long and a short campaign, so that what starting costs is not in it.
    """
    spent = []
    for n in (cases, 3 * cases):
        before = [_seconds(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
        campaign(n, seed=1, oracles=["cheap"], workers=workers)
        after = [_seconds(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
        spent.append([1e3 * (b - a) for a, b in zip(before, after, strict=True)])
    short, long = spent
    theirs, ours = ((b - a) / (2 * cases) for a, b in zip(short, long, strict=True))
    return theirs, ours


def _seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cases", type=int, default=400)
    cases = parser.parse_args().cases
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with pools.one_blas_thread():
        for group in GROUPS:
            few = cases if group in ("cheap", "symbols") else max(20, cases // 10)
            print(f"{group:16} {rate_per_core(group, few):8.1f} architectures a second per core")
        ratios = []
        for _ in range(ROUNDS):
            (one,), (two,) = rates(1, cases, 1), rates(2, 2 * cases, 1)
            ratios.append(two / one)
    print("two workers against one, by the clock:", ", ".join(f"{r:.2f}" for r in ratios))
    print(f"median {statistics.median(ratios):.2f}, linear is 2; worth little where others use the cores")
    (one, alone), (two, both) = cost(1, cases), cost(2, cases)
    print(
        "processor time a case, workers' and coordinator's: "
        f"{one:.2f} + {alone:.2f} ms with one worker, {two:.2f} + {both:.2f} ms with two"
    )
    print(f"so two idle cores would do {2 * (one + alone) / (two + both):.2f} times the work of one")


if __name__ == "__main__":
    main()
