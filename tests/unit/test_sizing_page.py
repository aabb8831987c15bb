"""What the page of a study says of its sizings: the proven gap, and beside it what straight part-load lines promise too much."""

from __future__ import annotations

import pandas as pd
import pytest

from gridsim.report.numbers import SPACE
from gridsim.report.study_page.page import head
from gridsim.report.study_page.study_view import StudyView
from gridsim.report.words import Words

PLANT = "technologies.electrolyser_1.capacity_mw"


def sized(**figures):
    table = pd.DataFrame({"scenario": ["s0", "s1"], PLANT: [10.0, 20.0], "cost_total_cny": [1e6, 2e6], "status": "solved", "reason": "", "seconds": 1.0})
    table = table.assign(sizing_cost_cny=[1e6, 2e6], sizing_bound_cny=[1e6, 2e6], sizing_gap=[0.0, 0.0], **figures)
    return StudyView(Words("en"), {"free": {PLANT: {"min": 0.0, "max": 50.0, "unit": None}}}, table, [], [])


@pytest.mark.parametrize(("overstated", "told"), [([1000.0, 8000.0], f"0.40{SPACE}%"), ([0.0, 0.0], f"0{SPACE}%")])
def test_the_largest_part_load_error_of_all_scenarios_is_a_tile(overstated, told):
    """Proves: 1,000 of a million and 8,000 of two are 0.1 and 0.4 % of the cost. Breaks as: 0.8 % if one is set against the other's cost."""
    tiles = {tile.title: tile.value for tile in head(sized(sizing_part_load_cny=overstated)).tiles}
    assert tiles["Part-load error"] == told


def test_without_electrolysers_there_is_no_such_tile():
    assert "Part-load error" not in {tile.title for tile in head(sized()).tiles}
