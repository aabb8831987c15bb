"""The commands as a user meets them: processes, exit codes, files."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CASE_DATA = Path(os.environ.get("GRIDSIM_CASE_DATA", ROOT / "../shared/data"))

SUMMARY_KEYS = """
hours load_mwh available_mwh curtailed_mwh curtailment_rate import_mwh export_mwh green_share self_use_ratio export_ratio hourly_matched_share hydrogen_kg
ammonia_t peak_import_mw peak_export_mw unserved_mwh cost_total_cny cost_operating_cny cost_investment_cny objective_cny max_balance_residual_mw
solver_status solve_seconds total_seconds
""".split()


def gridsim(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "gridsim", *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=900)


def test_new_validate_run_report(tmp_path: Path) -> None:
    """A newcomer's way: make a park, check it, run a week, write the report again in Chinese."""
    assert gridsim("new", "mypark", cwd=tmp_path).returncode == 0
    checked = gridsim("validate", "mypark", cwd=tmp_path)
    assert checked.returncode == 0
    assert "no problems" in checked.stdout
    ran = gridsim("run", "mypark", "--hours", "168", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "runs/mypark/report.html" in ran.stdout
    assert (tmp_path / "runs/mypark/tables.xlsx").exists()
    again = gridsim("report", "runs/mypark", "--lang", "zh", cwd=tmp_path)
    assert again.returncode == 0
    assert "绿电占比" in (tmp_path / "runs/mypark/report.html").read_text(encoding="utf-8")
    assert gridsim("new", "mypark", cwd=tmp_path).returncode == 2


def test_bad_input_is_one_message_exit_code_2_and_nothing_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = gridsim("run", "networks/starter", "--set", "technologies.wind_1.capcity_mw=3", "--out", str(out))
    assert done.returncode == 2
    assert "did you mean 'capacity_mw'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()
    machine = json.loads(gridsim("validate", "networks/starter", "--set", "technologies.wind_1.capacity_mw=-3", "--json").stdout)
    assert machine["ok"] is False
    assert machine["problems"][0]["where"] == "technologies.wind_1.capacity_mw"


def test_no_dispatch_is_exit_code_3(tmp_path: Path) -> None:
    small = ["--set", "technologies.grid.import_limit_mw=0", "--set", "technologies.wind_1.capacity_mw=5"]
    done = gridsim("run", "networks/starter", *small, "--hours", "24", "--out", str(tmp_path / "out"))
    assert done.returncode == 3
    assert "no dispatch serves factory" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path: Path) -> None:
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter.txt").write_text("years of work", encoding="utf-8")
    done = gridsim("run", "networks/starter", "--hours", "24", "--out", str(precious))
    assert done.returncode == 2
    assert (precious / "chapter.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.skipif(not CASE_DATA.is_dir(), reason="the measured hourly series are not at hand")
def test_the_reference_park_runs_on_measured_series(tmp_path: Path) -> None:
    """Any hourly CSV can take a profile's place; two days here, the year in `test_reference_year` is on the shipped series."""
    measured = CASE_DATA.resolve() / "inner_mongolia_wind_solar_hourly.csv"
    names = {"wind_wengniute": "wind_pu", "wind_aohan": "wind_pu", "solar_wengniute": "solar_pu", "solar_aohan": "solar_pu"}
    sets = [part for name, column in names.items() for part in ("--set", f"profiles.{name}={measured}#{column}")]
    done = gridsim("run", "networks/chifeng", *sets, "--hours", "2400:2448", "--no-report", "--json", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"]["hours"] == 48


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_reference_year(tmp_path: Path) -> None:
    """The reference park, 8760 h, with its report: every key of the contract, finite; balances closed; nothing runs both ways; plain PyPSA opens it."""
    import pypsa

    done = gridsim("run", "networks/chifeng", "--json", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out/summary.json").read_text(encoding="utf-8"))
    assert set(SUMMARY_KEYS) <= set(summary)
    assert all(math.isfinite(value) for value in summary.values() if not isinstance(value, str))
    for figure in ("energy_mwh", "capacity_mw", "full_load_hours", "curtailed_mwh"):
        assert f"wind_wengniute.{figure}" in summary
    assert summary["hours"] == 8760
    assert summary["max_balance_residual_mw"] <= 1e-6 * summary["peak_load_mw"]
    assert summary["max_simultaneous_charge_discharge_mw"] == 0
    assert summary["max_simultaneous_import_export_mw"] == 0
    assert summary["ammonia_t"] == pytest.approx(1.52e6)
    assert 0.7 < summary["green_share"] < 0.95
    assert 0.0 < summary["curtailment_rate"] < 0.15
    network = pypsa.Network(tmp_path / "out/network.nc")
    assert network.generators_t.p["wind_wengniute"].sum() == pytest.approx(summary["wind_wengniute.energy_mwh"])
    assert (tmp_path / "out/report.html").stat().st_size < 12e6
