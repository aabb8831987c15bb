"""What the page says of an operation and its wires."""

from __future__ import annotations

from gridsim.report.accounts.amounts import DASH
from gridsim.report.numbers import SPACE
from gridsim.report.tables import Table
from gridsim.report.vpp_page.operation import broken_table, cost_table, operation_verdict, row_name, wires
from gridsim.report.wires.wires_view import per_unit
from tests.unit.test_vpp_page import made, operation

FIGURES = {"wires_unaware_violating_hours": 3.0, "wires_violating_hours": 1.0, "wires_rounds": 2.0, "wires_cost_cny": 20000.0}


def element(kind, name, hours, worst, limit):
    return {"kind": kind, "element": name, "hours": hours, "energy_at_risk_mwh": 1.0, "worst": worst, "limit": limit, "worst_step": 0}


def parts(found, language="en", **figures):
    record = operation()
    record |= {"wires": found, "figures": record["figures"] | figures}
    view = made({"operation": record}, language)
    return view, record, wires(view, record)


def test_elements_stand_with_what_they_were_before_and_after():
    """A cable that the cuts relieve, a transformer that they cannot, a voltage that only the second operation leaves; the price is told."""
    before = [element("line", "cable_1", 2.0, 1.2, 1.0), element("transformer", "t_1", 1.0, 1.1, 1.0)]
    after = [element("transformer", "t_1", 1.0, 1.05, 1.0), element("voltage_low", "bus_9", 1.0, 0.89, 0.9)]
    view, record, (said, table) = parts({"figures": FIGURES, "before": before, "after": after, "windows_broken": 4})
    assert "not be kept in 4 windows" in said
    assert "1 h beyond a limit remain" in operation_verdict(view, record)
    assert "in 3 h" in said and "in 1 h" in said and "2 times" in said
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["cable_1", "t_1", "bus_9"]
    assert [row[2:4] for row in table.rows] == [["2", "0"], ["1", "1"], ["0", "1"]]
    assert [row[4:6] for row in table.rows] == [[f"120.0{SPACE}%", DASH], [f"110.0{SPACE}%", f"105.0{SPACE}%"], [DASH, per_unit(0.89)]]


def test_wires_that_carry_everything_take_one_sentence():
    calm = {**FIGURES, "wires_unaware_violating_hours": 0.0, "wires_violating_hours": 0.0}
    for language, word in (("en", "AC power flow"), ("zh", "交流潮流")):
        _, _, (said,) = parts({"figures": calm, "before": [], "after": []}, language)
        assert word in said


def test_a_park_without_a_network_says_nothing_of_wires():
    view, record, found = parts(None)
    assert found == []
    assert "wires" not in operation_verdict(view, record)
    assert wires(view, {key: value for key, value in record.items() if key != "wires"}) == []
    assert broken_table(view, record)


def test_a_rule_that_broke_a_limit_is_told_beside_its_cost():
    view, record, _ = parts(None, rule_windows_broken=4.0)
    assert "In 4 steps the rule" in cost_table(view, record).caption


def test_a_broken_row_is_told_by_whose_it_is():
    """A balance by its bus, a technology's limit by its label, a yearly limit by its words; what shifted loads owe stands in rows of nothing else."""
    view, _, _ = parts(None)
    names = [row_name(view, what) for what in ("balance of bus h2", "technologies wind_1, battery_1", "owed", "limits.export_share_max")]
    assert names[0] == "balance of h2" and names[2] == "what shifted loads may owe"
    assert view.label("wind_1") in names[1] and view.label("battery_1") in names[1]
    assert "." not in names[3]
