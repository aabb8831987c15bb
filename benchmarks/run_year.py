"""How much slower than the bare solver is `gridsim run`? Whole processes, one after the other, ratios in one run.

The raw model is the same linear program, saved as arrays before, handed straight to highspy with the same options in a process of its own.

    python benchmarks/run_year.py networks/chifeng [--repeat 3] [--methods]
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

RAW = """
import json, sys
import highspy, numpy as np
arrays, options = np.load(sys.argv[1]), json.loads(sys.argv[2])
lp = highspy.HighsLp()
lp.num_col_, lp.num_row_ = arrays["cost"].size, arrays["row_lower"].size
lp.col_cost_, lp.col_lower_, lp.col_upper_ = arrays["cost"], arrays["column_lower"], arrays["column_upper"]
lp.row_lower_, lp.row_upper_ = arrays["row_lower"], arrays["row_upper"]
lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = arrays["start"], arrays["index"], arrays["value"]
highs = highspy.Highs()
highs.setOptionValue("output_flag", False)
for option, value in options.items():
    assert highs.setOptionValue(option, value) == highspy.HighsStatus.kOk, option
highs.passModel(lp)
highs.run()
info = highs.getInfo()
print(json.dumps({"status": highs.modelStatusToString(highs.getModelStatus()), "objective": info.objective_function_value,
                  "seconds": highs.getRunTime(), "iterations": info.simplex_iteration_count + info.ipm_iteration_count}))
"""

METHODS = {
    "dual simplex": {"solver": "simplex"},
    "primal simplex": {"solver": "simplex", "simplex_strategy": 4},
    "IPX with crossover": {"solver": "ipx"},
    "IPX without crossover": {"solver": "ipx", "run_crossover": "off"},
    "HiPO without crossover": {"solver": "hipo", "run_crossover": "off"},
    "PDLP": {"solver": "pdlp"},
}


def save_program(park: str, stage: str | None, path: Path) -> dict[str, int]:
    """Save the linear program that gridsim makes of a park."""
    import numpy as np

    from gridsim.dispatch.highs import HighsModel
    from gridsim.dispatch.model import make_draft, make_model
    from gridsim.dispatch.network import make_network
    from gridsim.park.read import read_park

    draft = make_draft(read_park(park, stage=stage))
    program = HighsModel(make_model(draft, make_network(draft)), {}).highs.getLp()
    matrix = program.a_matrix_  # HiGHS keeps it by columns
    np.savez(
        path,
        cost=program.col_cost_,
        column_lower=program.col_lower_,
        column_upper=program.col_upper_,
        row_lower=program.row_lower_,
        row_upper=program.row_upper_,
        start=np.array(matrix.start_, dtype=np.int32),
        index=np.array(matrix.index_, dtype=np.int32),
        value=np.array(matrix.value_),
    )
    return {"rows": program.num_row_, "columns": program.num_col_, "nonzeros": len(matrix.value_)}


def timed(command: list[str]) -> tuple[float, float, str]:
    """Run a process; return its wall time (s), peak memory (MB) and output."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(command[:4])}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024, output


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("park")
    parser.add_argument("--stage")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--methods", action="store_true", help="time each of HiGHS' methods on the raw model too (at most 300 s each)")
    arguments = parser.parse_args()
    from gridsim.dispatch.highs import LINEAR_OPTIONS

    with tempfile.TemporaryDirectory() as folder:
        program, script = Path(folder) / "program.npz", Path(folder) / "raw.py"
        script.write_text(RAW, encoding="utf-8")
        print(save_program(arguments.park, arguments.stage, program))
        stage = ["--stage", arguments.stage] if arguments.stage else []
        gridsim = [sys.executable, "-m", "gridsim", "run", arguments.park, *stage, "--no-report", "--json", "--out", f"{folder}/run"]
        raw = [sys.executable, str(script), str(program), json.dumps(LINEAR_OPTIONS)]
        ratios = []
        for _ in range(arguments.repeat):
            raw_seconds, raw_mb, raw_output = timed(raw)
            seconds, mb, output = timed(gridsim)
            answer, summary = json.loads(raw_output), json.loads(output)["summary"]
            ratios.append((seconds / raw_seconds, mb / raw_mb))
            print(
                f"raw {raw_seconds:6.1f} s {raw_mb:6.0f} MB   gridsim run {seconds:6.1f} s {mb:6.0f} MB (of it solver {summary['solve_seconds']:.1f} s)   "
                f"ratio {ratios[-1][0]:.2f} time, {ratios[-1][1]:.2f} memory   "
                f"objectives differ by {abs(summary['objective_cny'] / answer['objective'] - 1):.1e}"
            )
        print(f"best of {arguments.repeat}: {min(r[0] for r in ratios):.2f} x time, {min(r[1] for r in ratios):.2f} x memory")
        if arguments.methods:
            for method, options in METHODS.items():
                options = {"presolve": "on", "time_limit": 300.0, **options}
                try:
                    seconds, mb, output = timed([sys.executable, str(script), str(program), json.dumps(options)])
                    print(f"{method:<24}{seconds:7.1f} s {mb:6.0f} MB  {output.strip()}")
                except SystemExit as failure:
                    print(f"{method:<24} {failure}")


if __name__ == "__main__":
    main()
