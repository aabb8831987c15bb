"""What the page says of wires and of starts at which nothing can be given, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from gridsim.report.vpp_page.envelope import carried, envelope_verdict, nothing
from gridsim.report.vpp_page.vpp_view import VppView
from gridsim.report.words import Words

WIRES = {
    "looked": True,
    "settled": True,
    "rounds": 4,
    "points": 4320,
    "states": 31000,
    "points_beyond": 0,
    "dispatched_again": False,
    "network_cost_cny": 0.0,
    "starts_bound": 500,
    "binding": [{"kind": "connection", "element": "", "steps": 420}, {"kind": "line", "element": "wind", "steps": 3}],
    "up": {"firm_taken_mw": [0.0, 0.0], "mean_taken_mw": [0.0, 0.0]},
    "down": {"firm_taken_mw": [0.5, 0.4], "mean_taken_mw": [0.75, 0.6]},
}
NOTHING = {
    "up": {
        "share": [0.25, 0.5],
        "causes": [
            {"technology": "battery_1", "kind": "store", "share": 1.0},
            {"technology": "grid", "kind": "connection", "share": 0.75},
            {"technology": "wind_1", "kind": "renewable", "share": 0.2},
        ],
    },
    "down": {"share": [0.0, 0.1], "causes": []},
}


def record(**changes: Any) -> dict[str, Any]:
    way = {"firm_mw": [0.0, 0.0], "mean_mw": [3.0, 2.0]}
    return {"durations_hours": [1.0, 4.0], "starts": 720, "firm_share": 0.95, "up": way, "down": way, "wires": WIRES, "nothing": NOTHING, **changes}


def view(language: str = "en") -> VppView:
    return VppView({"park": {"labels": {"battery_1": "Battery"}}}, {}, Words(language))


def test_starts_without_power_are_told_with_what_leaves_nothing():
    """Wind, which leaves nothing in a fifth of them only, is not named; down there is always something over the shortest duration."""
    said = nothing(view(), record()).replace("\N{NO-BREAK SPACE}", " ")
    assert said == (
        "Over 1 h no power up can be given at 25 % of the starts. In these: Battery is empty or already discharges in full (100 %), "
        "grid imports nothing and may export no more (75 %)."
    )
    assert "无法上调" in nothing(view("zh"), record())
    assert "the way back" in nothing(view(), record(nothing={"up": {"share": [0.1, 0.1], "causes": []}}))
    assert nothing(view(), record(nothing={way: {"share": [0.0, 0.0], "causes": []} for way in ("up", "down")})) == ""


def test_a_firm_power_of_zero_is_explained_beside_it():
    assert nothing(view(), record()) in envelope_verdict(view(), record())
    sure = {"firm_mw": [1.0, 1.0], "mean_mw": [3.0, 2.0]}
    assert nothing(view(), record()) not in envelope_verdict(view(), record(up=sure, down=sure))


def test_what_the_wires_take_is_told():
    said = carried(view(), record())
    for piece in (
        "500 of 720 starts",
        "0.750 MW down over 1 h",
        "0.500 MW down of what is firm",
        "connection, in 420 steps",
        "line wind, in 3 steps",
        "31,000 states",
    ):
        assert piece in said, said
    assert "720 个起始时刻中有 500 个" in carried(view("zh"), record())
    assert "take nothing" in carried(view(), record(wires={**WIRES, "starts_bound": 0, "binding": []}))


def test_points_that_still_leave_a_limit_are_not_called_carried():
    said = carried(view(), record(wires={**WIRES, "points_beyond": 3, "settled": False}))
    assert "3 still leave a limit" in said
    assert "carry every call" not in said


def test_another_dispatch_than_the_optimum_is_told_with_its_cost():
    assert "carries, which costs" in carried(view(), record(wires={**WIRES, "dispatched_again": True, "network_cost_cny": 2e6}))


@pytest.mark.parametrize("reason", ["no_network", "switched_off", "wrong_network: the file", "not_carried: 7 h"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_why_no_wires_were_looked_at(reason: str, language: str):
    said = carried(view(language), record(wires={"looked": False, "reason": reason, "remedy": "gridsim run --check"}))
    assert said
    assert reason.partition(": ")[2] in said
    assert carried(view(language), record(wires=None)) == ""
