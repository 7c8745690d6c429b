"""How long the proofs take, from a cold start and one by one, and how the nested proof grows with depth.

Run on demand: ``python tests/benchmarks/derivation_times.py``.  Times are processor times, so that a busy
machine hardly counts; the cold start is a fresh interpreter with everything that it imports.
"""

import resource
import subprocess
import sys
import time


def processor_seconds(program: str) -> float:
    """Return the processor time of a fresh interpreter that runs ``program``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def main() -> None:
    """Print the three tables."""
    prove = "import derivations\nfor name in derivations.identifiers():\n    if {}: derivations.theorem(name)"
    for title, which in (
        ("import alone", "False"),
        ("all theorems of the table, cold start", "not name.startswith('nested')"),
        ("all theorems and all nested networks, cold start", "True"),
    ):
        print(f"{title:52} {processor_seconds(prove.format(which)):6.2f} s")

    import derivations

    print("\none by one, after import (the first call of each)")
    depths = []
    for name in derivations.identifiers():
        start = time.process_time()
        proved = derivations.theorem(name)
        seconds = time.process_time() - start
        print(f"  {name:30} {len(proved.steps):3} steps {seconds:7.3f} s")
        if name.startswith("nested"):
            depths.append((int(name.rsplit("-", 1)[1]), len(proved.claims), seconds))

    print("\ngrowth of the nested proof with depth")
    for before, (depth, claims, seconds) in zip([None, *depths], depths, strict=False):
        growth = "" if before is None else f", {seconds / before[2]:.1f} times depth {before[0]}"
        print(f"  depth {depth}: {claims:2} gradients, {seconds / claims * 1000:5.0f} ms each{growth}")


if __name__ == "__main__":
    main()
