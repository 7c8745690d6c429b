"""How long a user waits before anything happens: imports, in fresh interpreters, and one `gradproof prove`.

Run ``python tests/benchmarks/startup.py``. Medians over several processes; NumPy's own import is subtracted.
"""

import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

ROUNDS = 7


def seconds(*arguments: str, rounds: int = ROUNDS) -> float:
    """The median time of a fresh interpreter with these arguments."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    numpy = seconds("-c", "import numpy")
    table = Table("", "seconds")
    table.add_row("import numpy", f"{numpy:.3f}")
    for statement in ("import checks", "import dnn", "import derivations"):
        table.add_row(
            f"{statement}, beyond NumPy", f"{seconds('-c', f'import numpy; {statement}') - numpy:.3f}"
        )
    table.add_row("gradproof prove, from start to exit", f"{seconds('-m', 'checks', 'prove', rounds=1):.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
