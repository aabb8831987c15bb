"""What figures and varied fields of the virtual power plant are called on the page of a study, and in which unit they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from gridsim.park.parse import parse_yaml
from gridsim.report.numbers import SPACE
from gridsim.report.study_page.page import page
from gridsim.report.study_page.vpp_names import figure_title, path_title
from gridsim.report.words import Words
from gridsim.study.report import study_view
from tests.unit.test_study_report import made

STUDIES = sorted((Path(__file__).parents[2] / "studies").glob("1[0-3]-*"))
LABELS = {"battery_1": "一号电池"}


def written(folder: Path) -> dict:
    problems: list = []
    return parse_yaml((folder / "study.yaml").read_text(encoding="utf-8"), "study.yaml", problems).plain()


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_the_shipped_studies_show_no_name_of_a_key(folder: Path):
    """Proves: every figure that is asked for or expected, and every varied field, has a Chinese word without any underscore."""
    study = written(folder)
    figures = {*study["figures"], *(one["figure"] for one in study["expected"])}
    words = Words("zh")
    for name in [*(figure for figure in figures if "." in figure), *study["vary"]]:
        title = (path_title if name.startswith("vpp.") else figure_title)(words, name, LABELS) if not name.startswith("technologies.") else "储"
        assert re.search("[一-鿿]", title) and not re.search("[a-z]_|_[a-z]", title), title


@pytest.mark.parametrize(
    ("column", "english", "chinese"),
    [
        ("operation.regret_cny", "Cost of not knowing the future", "预测偏差成本（后悔值）"),
        ("envelope.up_2h_firm_mw", "Firm power up, 2 h", "保证上调能力（2 小时）"),
        ("envelope.down_0.5h_mean_mw", "Mean power down, 0.5 h", "平均下调能力（0.5 小时）"),
        ("envelope.reserve_1.second_level_always_mw", "reserve_1: second-level reserve, always", "reserve_1的秒级备用（始终可用）"),
        ("islanding.share_0.5h", "Starts that last at least 0.5 h", "离网持续不少于 0.5 小时的时刻占比"),
        ("islanding.north.share_24h", "north: Starts that last at least 24 h", "north的离网持续不少于 24 小时的时刻占比"),
        ("islanding.north.hours_median", "north: Critical loads last without the grid, median", "north的重要负荷离网持续时间（中位数）"),
        ("markets.nc-peak.income_cny", "nc-peak: income", "nc-peak的收入"),
        ("markets.income_cny", "Income from markets", "市场收入"),
        ("operation.something_new_mw", "Operation: something new mw", "滚动运行的something new mw"),
        ("markets.nc-peak.something_new", "Markets: nc-peak something new", "市场的nc-peak something new"),
    ],
)
def test_a_figure_has_its_words_or_those_of_its_part(column: str, english: str, chinese: str):
    assert (figure_title(Words("en"), column, {}), figure_title(Words("zh"), column, {})) == (english, chinese)


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("vpp.forecast.wind.scale", "wind: factor on the error of the forecast", "风电的预测误差倍数"),
        ("vpp.operation.horizon_hours", "Plans look ahead", "计划前瞻时长"),
        ("vpp.islanding.frequency.generation_delay_s", "Delay of cutting wind and sun", "切除风光的动作时间"),
        ("vpp.islanding.grid_forming.battery_1", "一号电池: level below which it no longer forms the grid", "一号电池的可构网的最低电量水平"),
        ("vpp.set_points.response.battery_1.ramp", "Set-points: response battery 1 ramp", "调节指令的response battery 1 ramp"),
    ],
)
def test_a_varied_field_has_its_words_or_those_of_its_section(path: str, english: str, chinese: str):
    assert (path_title(Words("en"), path, LABELS), path_title(Words("zh"), path, LABELS)) == (english, chinese)


def test_figures_stand_in_their_units(tmp_path: Path):
    """Shares in per cent, hours in h, frequency in Hz, money in the large unit, MW as they are."""
    path = "vpp.islanding.policy"
    table = pd.DataFrame(
        {
            path: ["serve_all", "save_for_critical"],
            "cost_total_cny": [1e7, 1e7],
            "islanding.share_24h": [0.557, 0.761],
            "islanding.share_0.5h": [0.9, 0.95],
            "islanding.hours_median": [30.0, 88.0],
            "seconds.lowest_nadir_hz_of_islands_kept": [47.5, 48.25],
            "seconds.lost_hours": [2137.0, 42.0],
            "envelope.up_2h_firm_mw": [0.0, 1.5],
            "operation.regret_cny": [1741507.0, 1954841.0],
            "markets.nc.offered_mw_h": [30.0, 60.0],
        }
    )
    view = study_view(made(tmp_path, table, (path,)), "zh")
    shown = {column: view.amount(column).text(float(table[column][1])).replace(SPACE, " ") for column in table if column != path}
    assert shown["islanding.share_24h"] == "76.10 %"
    assert shown["islanding.share_0.5h"] == "95.00 %"
    assert shown["islanding.hours_median"] == "88.00 h"
    assert shown["seconds.lowest_nadir_hz_of_islands_kept"] == "48.25 Hz"
    assert shown["seconds.lost_hours"] == "42.00 h"
    assert shown["envelope.up_2h_firm_mw"] == "1.500 MW"
    assert shown["operation.regret_cny"] == "195.5 万元"
    assert shown["markets.nc.offered_mw_h"] == "60.00 MW h"
    assert view.label(0) == "离网供电策略 全部负荷供电"
    text = page(view)
    assert "islanding." not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)


def test_a_technology_that_is_called_like_a_part_keeps_its_name(tmp_path: Path):
    table = pd.DataFrame({"finance.discount_rate": [0.05, 0.07], "cost_total_cny": [1.0, 2.0], "operation.energy_mwh": [1.0, 2.0]})
    view = study_view(made(tmp_path, table, ("finance.discount_rate",), record={"technologies": {"operation": {"label": "A hall"}}}), "en")
    assert view.title("operation.energy_mwh") == "A hall: energy"
