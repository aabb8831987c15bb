"""How much quicker is a year of rolling operation from one kept program than PyPSA's `optimize_with_rolling_horizon`? One process after the other, one run.

    python benchmarks/rolling.py [--days 365] [--horizon 48] [--overlap 24] [--modules 4] [--gap 1e-3] [--plain]

The same plain `pypsa.Network` (the starter park, its electrolyser as committed modules with minimum load, start cost, minimum up and down time), the same
windows, the same HiGHS options: those that gridsim gives its windows; with ``--plain`` both have HiGHS' own but for gap and threads. Prints seconds,
processor time, and the operating cost of both.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def network(days: int, modules: int) -> Any:
    """Return the starter park as a plain network with committed modules; stores begin half full and end anywhere."""
    import gridsim
    from gridsim.dispatch.model import make_draft
    from gridsim.dispatch.network import make_network

    opened = [f"technologies.{store}.{field}" for store in ("battery_1", "tank_1") for field in ("level_start_share=0.5", "level_end=free")]
    park = gridsim.read_park(ROOT / "networks/starter", hours=(0, 24 * days), overrides=opened)
    made = make_network(make_draft(park))
    pieces = [link for link in made.links.index if link.startswith("electrolyser_1.piece")]
    rated = made.links.loc[pieces]
    efficiency = float((rated.p_nom * rated.efficiency).sum() / rated.p_nom.sum())
    made.remove("Link", pieces)
    plant = park.technologies["electrolyser_1"]
    for number in range(modules):
        made.add(
            "Link",
            f"electrolyser_1.module_{number}",
            bus0="park",
            bus1="h2",
            p_nom=plant.capacity_mw / modules,
            efficiency=efficiency,
            committable=True,
            p_min_pu=plant.min_load_share,
            start_up_cost=plant.start_cost_cny_per_mw * plant.capacity_mw / modules,
            min_up_time=2,
            marginal_cost=0.01 * number,  # the modules are not all alike, for either side
        )
    return made


def cost(made: Any) -> float:
    """Return what was spent, from the network's own tables. [CNY]"""
    spent = sum(float((made.c[kind].dynamic.p * made.get_switchable_as_dense(kind, "marginal_cost")).to_numpy().sum()) for kind in ("Generator", "Link"))
    status = made.links_t.status
    starts = status.diff().clip(lower=0.0).fillna(0.0)
    return spent + float((starts * made.links.start_up_cost[status.columns]).to_numpy().sum())


def one_side(side: str, arguments: argparse.Namespace) -> None:
    """Run one side in this process, and print its time and cost."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    from gridsim.dispatch.rolling import OPTIONS

    own = {"presolve": "choose", "mip_heuristic_run_feasibility_jump": True} if arguments.plain else {}
    options = {**OPTIONS, **own, "mip_rel_gap": arguments.gap}
    made = network(arguments.days, arguments.modules)
    begin, processor = time.perf_counter(), time.process_time()
    if side == "gridsim":
        from gridsim.dispatch.rolling_network import roll_network

        windows = roll_network(made, horizon=arguments.horizon, overlap=arguments.overlap, options=options)
        solver = sum(window.seconds for window in windows)
    else:
        made.optimize.optimize_with_rolling_horizon(
            horizon=arguments.horizon, overlap=arguments.overlap, solver_name="highs", io_api="direct", progress=False, output_flag=False, **options
        )
        solver = None
    spent, processor = time.perf_counter() - begin, time.process_time() - processor
    sys.stderr.write(json.dumps({"seconds": spent, "processor": processor, "solver": solver, "cost_cny": cost(made)}) + "\n")


def main() -> None:
    """Run both sides, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--horizon", type=int, default=48)
    parser.add_argument("--overlap", type=int, default=24)
    parser.add_argument("--modules", type=int, default=4)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--plain", action="store_true", help="both with HiGHS' own options but for gap and threads")
    parser.add_argument("--side", choices=["gridsim", "pypsa"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        one_side(arguments.side, arguments)
        return
    found = {}
    for side in ("gridsim", "pypsa"):
        command = [sys.executable, __file__, *sys.argv[1:], "--side", side]
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": "ignore"}
        )
        if done.returncode != 0:
            sys.exit(done.stderr[-2000:])
        found[side] = json.loads(done.stderr.strip().splitlines()[-1])
        print(side, {name: None if value is None else round(value, 1) for name, value in found[side].items()}, flush=True)
    ours, theirs = found["gridsim"], found["pypsa"]
    print(
        f"{theirs['seconds'] / ours['seconds']:.2f} x quicker ({theirs['processor'] / ours['processor']:.2f} x in processor time), "
        f"cost {ours['cost_cny'] / theirs['cost_cny'] - 1:+.2e}"
    )


if __name__ == "__main__":
    main()
