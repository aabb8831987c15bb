"""What `gridsim run`, `check` and `study` say at their end: the English lines to the letter, and the same in Chinese."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from unicodedata import east_asian_width

import pandas as pd
import pytest

from gridsim import cli, study_commands
from gridsim.network_lines import network_lines
from gridsim.report.wires.told import told
from gridsim.report.words import Words

EN, ZH = Words("en"), Words("zh")

SUMMARY = {
    "solver_status": "time_limit",
    "solver_gap": 0.0123,
    "green_share": 0.529,
    "hourly_matched_share": 0.537,
    "curtailment_rate": 0.0,
    "export_ratio": 0.25,
    "load_mwh": 1239.4,
    "import_mwh": 58300.0,
    "cost_operating_cny": 324380.0,
    "cost_total_cny": 539304000.0,
}


def test_headline_of_a_run():
    """Proves: the lines are those that scripts and users know; in Chinese money is in 万元 from 10 of them on, and the columns stand below each other."""
    assert cli._headline(SUMMARY, EN).splitlines() == [
        "  (time_limit, gap 1.23%)",
        "  green share                       52.9%   hour by hour, traced through stores                   53.7%",
        "  curtailed                          0.0%   exported of available                                 25.0%",
        "  load                          1,239 MWh   imported                                           58.3 GWh",
        "  operating cost              324,380 CNY   with investment                           539.3 million CNY",
    ]
    limit, *lines = cli._headline(SUMMARY, ZH).splitlines()
    assert limit == "  （达到时限，差距 1.23%）"
    assert [line.split() for line in lines] == [
        ["绿电占比", "52.9%", "逐时匹配绿电占比（储能溯源）", "53.7%"],
        ["弃电率", "0.0%", "上网电量占可发电量", "25.0%"],
        ["用电量", "1,239", "MWh", "下网电量", "58.3", "GWh"],
        ["运行成本", "32.4", "万元", "含投资", "53,930.4", "万元"],
    ]
    assert {sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) for line in lines} == {103}
    assert cli._headline({**SUMMARY, "solver_status": "optimal"}, ZH).splitlines() == lines


def checked_run() -> SimpleNamespace:
    kinds = {"voltage_low": 0.93, "voltage_high": 1.08, "line": 1.2, "transformer": 1.1}
    elements = [SimpleNamespace(kind=kind, element=f"e_{kind}", hours=12.0, worst=worst, limit=1.0, worst_step=0) for kind, worst in kinds.items()]
    broken = SimpleNamespace(kind="no_solution", element="", hours=1.0, worst=0.0, limit=0.0, worst_step=0)
    connection = SimpleNamespace(kind="connection", element="", hours=3.0, worst=55.0, limit=50.0, worst_step=0)
    time = SimpleNamespace(hours=8760.0, label=lambda step: "2030-01-01 00:00")
    return SimpleNamespace(
        feasibility=SimpleNamespace(feasible=False, dispatch=SimpleNamespace(time=time), statistics=[broken, *elements, connection]),
        summary={"violating_hours": 28.0, "network_loss_mwh": 12345.0, "network_loss_in_dispatch_mwh": 10000.0},
        network_studies={
            "n_1": SimpleNamespace(words=("24 critical hours of 8760 steps were judged",)),
            "short_circuit": SimpleNamespace(words=("not tried: a (out of service)",)),
            "hosting": SimpleNamespace(words=("asked of 3 of 40 buses",)),
            "reinforcement": SimpleNamespace(words=("no choice: the search ended after 600 sets",)),
        },
        coupled=SimpleNamespace(
            rounds=[0, 1, 2], cost_cny=1.5e6, unmet=[SimpleNamespace(kind="voltage_low", element="far", hours=4.0, worst_mw=1.25), connection_unmet()]
        ),
    )


def connection_unmet() -> SimpleNamespace:
    return SimpleNamespace(kind="connection", element="", hours=2.0, worst_mw=3.0)


def test_every_line_of_a_checked_network_has_its_chinese():
    lines = list(network_lines(checked_run()))
    assert [told(EN, line) for line in lines] == lines
    assert [told(ZH, line) for line in lines] == [
        "  配电网：8,760 小时中有 28 小时越限；网损 12.3 GWh，调度中计入 10.0 GWh",
        "    潮流无解：1 h 潮流不收敛，首次 2030-01-01 00:00",
        "    e_voltage_low 电压偏低：最低 0.9300 p.u.（限值 1.0000 p.u.），12 h",
        "    e_voltage_high 电压偏高：最高 1.0800 p.u.（限值 1.0000 p.u.），12 h",
        "    线路 e_line：最高负载率 120.0%（限值 100.0%），12 h",
        "    主变 e_transformer：最高负载率 110.0%（限值 100.0%），12 h",
        "    另有 1 项，见 violations.parquet",
        "  N-1 校核：在 8760 个时段中校核了 24 个关键时段",
        "  短路：未校核：a（停运）",
        "  接纳能力：计算了 40 个母线中的 3 个",
        "  改造：未得到方案：搜索 600 组后终止",
        "  配电网约束成本：1.50 百万元（2 轮）",
        "    含尽量接近无法满足的限值所需的成本：",
        "    无法满足：far 电压偏低，4 h，最有效的设备最多缺 1.2 MW",
        "    无法满足：并网点，2 h，最有效的设备最多缺 3.0 MW",
    ]
    run = checked_run()
    run.feasibility.feasible, run.feasibility.statistics = True, run.feasibility.statistics[-1:]
    assert [told(ZH, line) for line in network_lines(run)][:2] == [
        "  配电网：各小时均无越限；网损 12.3 GWh，调度中计入 10.0 GWh",
        "    并网点：最大 55 MW（限值 50 MW），3 h",
    ]


def studied(workers: int = 2) -> SimpleNamespace:
    columns = {"scenario": "s1", "status": "optimal", "cost_cny": 5.0, "seconds": 1.0, "start": "", "reason": ""}
    failed = pd.DataFrame([{"scenario": "s2", "status": "infeasible", "reason": "load is not served\n  -> more"}])
    answers = [
        SimpleNamespace(figure="cost_cny", scenario="s1", found=5.0, expected=5.0, holds=True),
        SimpleNamespace(figure="cost_cny", scenario="s2", found=None, expected=7000.0, holds=False),
    ]
    table = pd.DataFrame([{**columns, "scenario": f"s{number}", "cost_cny": float(number)} for number in range(41)])
    counts = {"computed": 40, "reused": 0, "seconds": 12.34, "workers": workers}
    return SimpleNamespace(
        question="How much?", table=table, paths=(), front=None, alternatives=None, failed=failed, answers=answers, notes=("x",), folder=Path("out"), **counts
    )


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            EN,
            [
                "… and 1 more",
                "41 scenarios: 40 run, 0 taken from a former start, 1 without a solution; 12.3 s with 2 workers",
                "  s2 infeasible: load is not served",
                "  answer: cost_cny at s1: 5, as expected",
                "  answer: cost_cny at s2: nothing, NOT the expected 7,000",
                "  note: x",
                "results: out, report: out/report.html",
            ],
        ),
        (
            ZH,
            [
                "… 另有 1 个",
                "情景 41 个：本次计算 40 个，沿用已有结果 0 个，无解 1 个；用时 12.3 秒（2 个进程）",
                "  s2 无可行解，原因：load is not served",
                "  答案：s1 的 cost_cny：5，与预期一致",
                "  答案：s2 的 cost_cny：无，与预期的 7,000 不符",
                "  说明：x",
                "结果：out，报告：out/report.html",
            ],
        ),
    ],
    ids=["en", "zh"],
)
def test_end_of_a_study(words: Words, lines: list[str], capsys: pytest.CaptureFixture[str]):
    study_commands._tell(studied(), words, machine=False)
    assert capsys.readouterr().out.replace("\\", "/").splitlines()[-7:] == lines


def test_one_worker_is_one():
    assert EN("terminal.seconds", seconds="1.0", workers=1) == "1.0 s with 1 worker"


def test_a_long_search_names_the_option_that_ends_it():
    """The hint that `gridsim run` gives names an option that it has."""
    assert all("--time-limit" in words("terminal.time_limit") for words in (EN, ZH))
    assert re.search(r"time_limit: Annotated", Path(cli.__file__).read_text(encoding="utf-8"))
