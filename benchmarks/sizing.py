"""How long does a proven sizing of the reference park take, against the same linear program given whole to HiGHS? Both in one run, one after the other.

    python benchmarks/sizing.py [--hours 8760]

Ten free capacities of networks/chifeng 2030: two wind, two solar plants, power and energy of two batteries, alkaline electrolysers, hydrogen tank. Whole
processes; the whole program is solved by the interior point method with the augmented system, without crossover, on both processors: the best single setting
that was found.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FREE = {
    "technologies.wind_wengniute.capacity_mw": 6000,
    "technologies.solar_wengniute.capacity_mw": 4000,
    "technologies.wind_aohan.capacity_mw": 5000,
    "technologies.solar_aohan.capacity_mw": 4000,
    "technologies.battery_shared.power_mw": 3000,
    "technologies.battery_shared.energy_mwh": 12000,
    "technologies.battery_aohan.power_mw": 3000,
    "technologies.battery_aohan.energy_mwh": 12000,
    "technologies.electrolyser_alkaline.capacity_mw": 8000,
    "technologies.hydrogen_tank.capacity_kg": 3e6,
}
PRICES = {"cny_per_kw": 250, "cny_per_kwh": 700}
"""Of both batteries, as a split between power and energy."""
WHOLE = {"solver": "hipo", "hipo_system": "augmented", "run_crossover": "off", "presolve": "on", "parallel": "on", "threads": 2, "hipo_parallel_type": "tree"}


def park_and_free(hours: int) -> tuple:
    """Return the park and its free capacities."""
    from gridsim.dispatch.sizes import Free
    from gridsim.park.read import read_park

    overrides = [f"technologies.battery_{name}.capital_cost_{unit}={price}" for name in ("shared", "aohan") for unit, price in PRICES.items()]
    park = read_park(ROOT / "networks" / "chifeng", stage="2030", overrides=overrides, hours=None if hours == 8760 else (0, hours))
    return park, [Free(path, 0.0, upper) for path, upper in FREE.items()]


def proven(hours: int) -> dict:
    """Size the park as gridsim does."""
    from gridsim.study.sizing import size

    found = size(*park_and_free(hours))
    return {"cost": found.cost_cny, "bound": found.bound_cny, "gap": found.gap, "steps": [vars(step) for step in found.steps], "sizes": found.values}


def whole(hours: int) -> dict:
    """Give HiGHS the whole program."""
    from gridsim.dispatch.optimum import optimum
    from gridsim.dispatch.program import make_program
    from gridsim.dispatch.segments import single_steps
    from gridsim.dispatch.sizes import find_sizes

    draft, sizes = find_sizes(*park_and_free(hours))
    program = make_program(draft, single_steps(draft.steps), sizes)
    found = optimum(program, WHOLE)
    return {
        "condition": found.condition,
        "cost": float(program.cost @ found.columns) + program.constant,
        "bound": found.bound_cny,
        "rows": program.row_lower.size,
    }


def main() -> None:
    """Run both and print times, bounds, gap and ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=int, default=8760)
    parser.add_argument("--only", choices=["proven", "whole"])
    asked = parser.parse_args()
    if asked.only:
        print(json.dumps({"proven": proven, "whole": whole}[asked.only](asked.hours)))
        return
    seconds, found = {}, {}
    for way in ("proven", "whole"):
        begin = time.perf_counter()
        done = subprocess.run([sys.executable, __file__, "--hours", str(asked.hours), "--only", way], stdout=subprocess.PIPE, text=True, check=True)
        seconds[way], found[way] = time.perf_counter() - begin, json.loads(done.stdout)
    ours, other = found["proven"], found["whole"]
    for step in ours["steps"]:
        spent = f"{step['relaxed_seconds']:.0f} s, bound by windows beside dispatch {step['dispatch_seconds']:.0f} s"
        print(f"  {step['segments']:,} segments: {spent}, gap {step['gap']:.3%}")
    words = f"cost {ours['cost']:,.0f} CNY, lower bound {ours['bound']:,.0f} CNY, certified gap {ours['gap']:.3%}"
    print(f"proven sizing   {seconds['proven']:7.1f} s   {words}")
    print(f"whole program   {seconds['whole']:7.1f} s   {other['condition']}, optimum {other['cost']:,.0f} CNY, {other['rows']:,} rows")
    print(f"ratio           {seconds['proven'] / seconds['whole']:7.2f}     cost {ours['cost'] / other['cost'] - 1:+.3%} of that optimum")


if __name__ == "__main__":
    main()
