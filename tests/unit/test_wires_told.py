"""Sentences of the network's studies in the page's language: every one that the studies say is known."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pandapower")

from hand_solved.parks import load

from gridsim.distribution import reinforcement
from gridsim.distribution.feasibility import Feasibility
from gridsim.distribution.reinforcement import menu
from gridsim.report.wires.studies_reinforcement import basis
from gridsim.report.wires.told import told
from gridsim.report.words import Words
from tests.unit.test_reinforcement import checked, feeder
from tests.unit.test_report_network_studies import options, seen

EN, ZH = Words("en"), Words("zh")
SENTENCES = {
    "2 more circuits of LGJ-240 beside line 3 and line 4, 3.5 km, with a bay at each end": (
        "与 line 3、line 4 并列增加 2 回线路（LGJ-240），长 3.5 km，两端各设一个间隔"
    ),
    "one more circuit of LGJ-240 beside tie_1, 3 km, with a bay at each end": "与 tie_1 并列增加 1 回线路（LGJ-240），长 3 km，两端各设一个间隔",
    "LGJ-300 in place of LGJ-240 on a, b and c; bays stay, nothing is counted for the old conductors": (
        "a、b、c 由 LGJ-240 更换为 LGJ-300；间隔保留，旧导线不计残值"
    ),
    "one more SZ11 in parallel with t_1": "与 t_1 并列增设一台 SZ11",
    "SZ11-63 in place of SZ11-50 at t_1; nothing is counted for the old ones": "t_1 由 SZ11-50 更换为 SZ11-63；旧主变不计残值",
    "t_1 stands at tap +2 instead of +0": "t_1 分接头由 +0 调至 +2",
    "t_1 stands at tap +2 instead of +0, changed while it is switched off": "t_1 分接头由 +0 调至 +2（停电调整）",
    "the tap changer of t_1 holds 1.02 ± 0.01 p.u. at hub instead of 1 ± 0.02": "t_1 有载调压将 hub 电压控制在 1.02 ± 0.01 p.u.（原为 1 ± 0.02）",
    "5.2 MW and 11 MWh at hub for tie_1, whose longest run is 4 h": "hub 配置 5.2 MW / 11 MWh 储能，用于 tie_1（最长连续越限 4 h）",
    "capacitor of 3 × 1 Mvar at far, in service in all hours": "far 装设电容器 3 × 1 Mvar，全时段投入",
    "static var generator of ±4 Mvar at far, holds 0.955 p.u.": "far 装设 SVG ±4 Mvar，电压控制在 0.955 p.u.",
    "24 critical hours of 8760 steps were judged": "在 8760 个时段中校核了 24 个关键时段",
    "not tried: tie_2 (a switch of it is open)": "未校核：tie_2（有开关断开）",
    "asked of 3 of 40 buses": "计算了 40 个母线中的 3 个",
    "cheapest of the menu: each of the 7 cheaper sets of measures that help by themselves was tried and leaves a limit broken": (
        "候选措施中费用最低：由单独有效的措施组成的 7 组更低费用方案均已试算，仍有越限"
    ),
    "cheapest of the menu: nothing cheaper could help": "候选措施中费用最低：更低费用的措施均无效",
    "cheapest of the menu if fewer measures are never better than more; not proven: more than 600 sets are cheaper, and 612 power flows of sets were made": (
        "在“措施增多不会变差”的前提下为候选中费用最低；未证明：更低费用的组合超过 600 组，已试算 612 组潮流"
    ),
    "no choice: the search ended after 600 sets": "未得到方案：搜索 600 组后终止",
    "left: voltage low far, 1,234 h; " + reinforcement.NOTHING_HELPS: "仍越限：far 电压偏低，1,234 h；候选措施均不能消除越限，需新建线路或母线，或调整调度",
    "left: connection, 5 h; " + reinforcement.NOT_IN_THE_MENU["connection"]: (
        "仍越限：并网点，5 h；申报容量属合同约定：可提高申报容量（相应增加需量或容量电费），或调整调度"
    ),
    "accept 100 CNY/a of re-dispatch; reinforcement for 2,000 CNY/a leaves beyond its limit: voltage_low far, line tie_1": (
        "接受再调度费用 100 CNY/a；改造（年费用 2,000 CNY/a）后仍越限：far 电压偏低、线路 tie_1"
    ),
    "reinforce for 2,000 CNY/a; re-dispatch does not keep all limits": "宜改造，年费用 2,000 CNY/a；再调度不能消除全部越限",
}


@pytest.mark.parametrize(("english", "chinese"), SENTENCES.items())
def test_a_sentence_is_said_in_chinese_and_stays_as_it_is_in_english(english: str, chinese: str):
    assert (told(ZH, english), told(EN, english)) == (chinese, english)


def test_every_measure_of_the_menu_is_known(tmp_path: Path):
    """Proves: each measure of the menus of small networks beyond their limits, and why something is left, is said in Chinese."""
    for name in ("battery", "overload", "voltage", "set_point", "tap"):
        (tmp_path / name).mkdir()

    def behind_a_transformer(folder: Path, demand_mw: float, end: str, rule: str) -> Feasibility:
        tables = {"buses": ["start,35,0.9,1.1", end], "transformers": [f"unit,start,end,T35/10-10,0,{rule}"]}
        return checked(folder, {"load": load([demand_mw, 5.0])}, sources=["public,start,1,3000,grid"], connections=["load,end,1,1,"], **tables)

    networks = [
        feeder(tmp_path / "battery", [3.0, 8.0, 3.0, 3.0], 2.5),
        feeder(tmp_path / "overload", [8.0, 8.0, 8.0], 2.0),
        feeder(tmp_path / "voltage", [2.0, 2.0], 15.0, cos_phi="0.9", reactive="draws"),
        behind_a_transformer(tmp_path / "set_point", 9.7, "end,10,0.9,1.1", "end,1.0,0.05"),
        behind_a_transformer(tmp_path / "tap", 9.7, "end,10,1.01,1.1", ",,"),
    ]
    kinds = set()
    for before in networks:
        for option in menu(before):
            kinds.add(option.kind)
            assert told(ZH, option.words) != option.words
    assert kinds >= {"parallel line", "battery", "capacitor", "var generator", "tap", "larger transformer"}
    for why in (*reinforcement.NOT_IN_THE_MENU.values(), reinforcement.NOTHING_HELPS):
        assert told(ZH, why) != why


def test_how_a_price_was_reckoned_keeps_its_numbers():
    text = "2 × (1 × 3.5 km × 900,000 CNY/km (M) + 4 bays × 1,200,000 CNY (M))"
    assert basis(seen("zh"), text) == text.replace("4 bays", "4 个间隔")
    assert basis(seen("en"), text) == text


def test_the_page_and_the_sheet_say_it_in_chinese(tmp_path: Path):
    import openpyxl
    import xlsxwriter

    from gridsim.report.wires import wires_sections
    from gridsim.report.wires.sheets import wires_sheets
    from gridsim.report.workbook import Book

    table = options().assign(description="one more SZ11 in parallel with t_1")
    wires = seen("zh", reinforcement=table)
    wires.record["studies"] = {"reinforcement": ["cheapest of the menu: nothing cheaper could help", "somebody's own words"]}
    section = next(section for section in wires_sections(wires.view) if section.name == "reinforcement")
    assert list(section.parts[-2:]) == ["候选措施中费用最低：更低费用的措施均无效", "somebody's own words"]
    with xlsxwriter.Workbook(tmp_path / "tables.xlsx") as workbook:
        wires_sheets(Book(workbook, wires.view))
    sheet = openpyxl.load_workbook(tmp_path / "tables.xlsx").worksheets[-1]
    assert "与 t_1 并列增设一台 SZ11" in [cell.value for cell in sheet[2]]
