"""What a study keeps of a scenario's dispatch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gridsim.dispatch.solve import Solved, solve
from gridsim.metrics.scorecard import Scorecard, scorecard
from gridsim.park.read import read_park
from gridsim.report.study_page.kept import SUPPLY, USE, read_kept
from gridsim.study.kept_dispatch import dispatch_table, dispatch_text, write_dispatch

STARTER = Path(__file__).parents[2] / "networks" / "starter"


@pytest.fixture(scope="module")
def solved() -> tuple[Solved, Scorecard]:
    found = solve(read_park(STARTER, hours=(2000, 2096)))
    return found, scorecard(found.dispatch, found.audit)


def test_each_step_is_kept_by_type_and_both_sides_are_equal(solved: tuple[Solved, Scorecard]):
    """Proves: what wind, import and battery supply is what load, electrolyser, export and battery use; each is the scorecard's own number, to 1 kW."""
    found, card = solved
    table = dispatch_table(found, card)
    supply, use = (table[[column for column in table if column.startswith(side)]] for side in (SUPPLY, USE))
    assert supply.sum(axis=1).to_numpy() == pytest.approx(use.sum(axis=1).to_numpy(), abs=0.01)
    assert table["supply:grid_connection"].to_numpy() == pytest.approx(card.hour["import_mw"].to_numpy(), abs=5.1e-4)
    assert table["use:battery"].to_numpy() == pytest.approx(card.hour["charge_mw"].to_numpy(), abs=5.1e-4)
    assert table["curtailed"].to_numpy() == pytest.approx(card.hour["curtailed_mw"].to_numpy(), abs=5.1e-4)
    assert (table["supply:wind"] + table["supply:solar"]).sum() == pytest.approx(card.year["available_mwh"] - card.year["curtailed_mwh"], abs=0.1)


def test_what_travels_is_what_the_page_reads(solved: tuple[Solved, Scorecard], tmp_path: Path):
    """Proves: text, file and table hold the same numbers and steps; single precision of 100 MW is 8 W."""
    text = dispatch_text(*solved)
    assert write_dispatch(tmp_path, "abc", text) == tmp_path / "dispatch" / "abc.parquet"
    (kept,) = read_kept(tmp_path, ["abc", "missing"]).values()
    table = dispatch_table(*solved)
    assert list(kept.table) == list(table)
    assert kept.table.to_numpy(dtype=float) == pytest.approx(table.to_numpy(), abs=1e-5)
    assert (kept.step_hours, kept.steps, kept.stamps[0]) == (1.0, 96, table.index.to_numpy()[0].astype("datetime64[m]"))
    assert kept.monthly(kept.power("use:load")).sum() == pytest.approx(table["use:load"].sum(), rel=1e-6)
    assert np.all(kept.power("supply:nothing") == 0.0)


def test_a_broken_file_is_as_if_it_were_not_there(tmp_path: Path):
    (tmp_path / "dispatch").mkdir()
    (tmp_path / "dispatch" / "abc.parquet").write_bytes(b"half a file")
    assert read_kept(tmp_path, ["abc"]) == {}
