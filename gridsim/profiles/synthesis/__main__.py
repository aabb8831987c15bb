"""Make the shipped profile sets again, and renew the results in their README: ``python -m gridsim.profiles.synthesis``."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gridsim.profiles.sets.write import write_set
from gridsim.profiles.synthesis.parks import SEED, TIME_ZONE, YEAR, chifeng, starter
from gridsim.profiles.synthesis.results import make, results_markdown
from gridsim.profiles.time_axis import TimeAxis

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS_BEGIN, RESULTS_END = "<!-- results: begin -->\n", "<!-- results: end -->\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the profile sets of all parks again, and renew the results in their README."""
    parser = argparse.ArgumentParser(prog="python -m gridsim.profiles.synthesis", description=main.__doc__)
    parser.add_argument("--out", type=Path, default=Path("profiles"), help="folder of the profile sets (default: profiles)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of every draw (default: {SEED})")
    options = parser.parse_args(arguments)
    made = {name: make(name, plan, options.seed) for name, plan in (("chifeng", chifeng()), ("starter", starter()))}
    for name, result in made.items():
        steps = len(result.tables[0].table)
        write_set(options.out / name, result.plan.title, TimeAxis(datetime.datetime(YEAR, 1, 1), steps, 60, TIME_ZONE), list(result.tables))
    results = results_markdown(made)
    sys.stdout.write(results)
    renew(options.out / "README.md", results)


def renew(readme: Path, results: str) -> None:
    """Put the results between their marks in a README, where there is one."""
    if readme.exists():
        before, _, rest = readme.read_text(encoding="utf-8").partition(RESULTS_BEGIN)
        after = rest.partition(RESULTS_END)[2]
        readme.write_text(f"{before}{RESULTS_BEGIN}\n{results}\n{RESULTS_END}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
