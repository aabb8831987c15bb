"""How much quicker is a sweep as one study than as runs that are built and solved one by one? Whole processes, one after the other, ratios in one run.

    python benchmarks/sweep.py [--park networks/starter] [--points 20] [--workers 1 2] [--size PATH LOW HIGH] [--price PATH LOW HIGH]

Two sweeps, of a size (bounds move) and of a price (costs move). The runs are `gridsim.run` without a folder, in one process; the study is `gridsim study`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
AXES = {
    "starter": {"size": ("technologies.battery_1.energy_mwh", 15, 60), "price": ("tariffs.two_part_35kv.energy_price_cny_per_mwh", 250, 400)},
    "chifeng": {"size": ("technologies.battery_shared.energy_mwh", 600, 1800), "price": ("tariffs.two_part_220kv.energy_price_cny_per_mwh", 250, 400)},
}
RUNS = """
import json, sys
import gridsim
park, path, values = json.loads(sys.argv[1])
runs = (gridsim.run(park, overrides=[f"{path}={value}"]).summary for value in values)
print(json.dumps([summary["objective_cny"] for summary in runs]))
"""


def timed(command: list[str]) -> tuple[float, float, str]:
    """Run a process; return its wall time (s), its processor time with that of its children (s), and its output."""
    begin, before = time.perf_counter(), os.times()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    after = os.times()
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(command[:4])}")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - begin, spent, done.stdout


def sweep(park: Path, path: str, values: list[float], workers: list[int]) -> None:
    """Print the ratios of one sweep."""
    print(f"{park.name}: {len(values)} values of {path} from {values[0]:g} to {values[-1]:g}")
    wall, processor, output = timed([sys.executable, "-c", RUNS, json.dumps([str(park), path, values])])
    runs = json.loads(output)
    print(f"  built and solved one by one   {wall:7.1f} s   {processor:7.1f} s of processor time")
    first = None
    for count in workers:
        with tempfile.TemporaryDirectory() as folder:
            text = f"question: benchmark\npark: {park}\nvary:\n  {path}: {json.dumps(values)}\nfigures: [objective_cny]\n"
            (Path(folder) / "study.yaml").write_text(text, encoding="utf-8")
            command = [sys.executable, "-m", "gridsim", "study", folder, "--out", f"{folder}/out", "--workers", str(count), "--json"]
            study_wall, study_processor, output = timed(command)
        rows = json.loads(output)["scenarios"]
        found = {row[path]: row["objective_cny"] for row in rows}
        apart = max(abs(found[value] / one - 1.0) for value, one in zip(values, runs, strict=True))
        first = first or study_wall
        print(
            f"  one study, {count} worker{'s' * (count > 1):1}         {study_wall:7.1f} s   {study_processor:7.1f} s of processor time   "
            f"{wall / study_wall:4.1f} x quicker ({processor / study_processor:4.1f} x in processor time)   {first / study_wall:4.2f} x one worker   "
            f"{sum(row['start'] == 'warm' for row in rows)} warm   objectives differ by {apart:.1e}"
        )
        if apart > 1e-7:
            sys.exit("objectives differ by more than 1e-7")


def main() -> None:
    """Sweep a size and a price."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--park", default="networks/starter")
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    for name in ("size", "price"):
        parser.add_argument(f"--{name}", nargs=3, metavar=("PATH", "LOW", "HIGH"), help="another path; 'none' 0 0 leaves the sweep out")
    arguments = parser.parse_args()
    park = Path(arguments.park)
    park = (park if park.exists() else ROOT / park).resolve()
    for name in ("size", "price"):
        path, low, high = getattr(arguments, name) or AXES[park.name][name]
        if path != "none":
            steps = arguments.points - 1
            values = [round(float(low) + (float(high) - float(low)) * step / steps, 3) for step in range(arguments.points)]
            sweep(park, path, values, arguments.workers)


if __name__ == "__main__":
    main()
