"""What the page says of calls, of upper bound and expectation, and of what flexibility costs: made-up records, so that every number is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gridsim.report.figures.figure import Figure
from gridsim.report.numbers import MINUS
from gridsim.report.tables import Table
from gridsim.report.vpp_page.markets import bounds_table, call_table, how, market_table, market_verdict, markets, owner_table, price_curves
from gridsim.report.vpp_page.vpp_view import VppView
from gridsim.report.vpp_page.write import view_of

MONEY = {"paid_cny": 37500.0, "penalty_cny": 0.0, "in_call_cny": -500.0, "recovery_cny": 1250.0, "net_cny": 36750.0}
CALL = {"at": "2030-01-02 18:00", "hours": 2.0, "asked_mwh": 5.0, "delivered_mwh": 5.0, "measured_mwh": 5.0, "paid_mwh": 5.0, "missing_mwh": 0.0, **MONEY}


def curve(month: int, hours: float = 2.0) -> dict[str, Any]:
    """Down 4 MW: 1 MWh more saves 20, the last 2 MW cost 50; up: 150 and then 300."""
    cost = [2 * 2 * 50.0 - 80.0, -80.0, 0.0, 900.0, 1500.0]
    frame = {"at": f"2030-{month:02d}-10 18:00", "hours": hours, "power_mw": [-4.0, -2.0, 0.0, 3.0, 4.0], "cost_cny": cost, "deliverable": [True] * 5}
    return {**frame, "price_cny_per_mwh": [-50.0, 20.0, 150.0, 300.0]}


def spread(mean: float, deviation: float | None = 1000.0) -> dict[str, float | None]:
    return {"mean": mean, "standard_deviation": deviation, "lowest": mean - 2000.0, "highest": mean + 2000.0}


def record() -> dict[str, Any]:
    figures = {"income_cny": 37500.0, "penalty_cny": 0.0, "delivery_cost_cny": 750.0, "cost_in_calls_cny": -500.0, "recovery_cost_cny": 1250.0}
    named = {"id": "dr", "label_zh": "削峰响应", "label_en": "Peak response", "product": "peak_shaving", "product_zh": "削峰", "product_en": "Peak shaving"}
    sold = {**named, "status": "draft", "direction": "up", "baseline": None, "called_share": 1.0, "by_month_cny": {"2030-01": 37500.0}, "not_called": []}
    sold |= {"figures": {**figures, "net_cny": 36750.0, "calls": 1.0}, "calls": [{**CALL, "why_zh": "", "why_en": ""}], "notes": []}
    sold["curves"] = [curve(month) for month in range(1, 13)]
    owners = [("a", 30000.0, 600.0), ("b", 7500.0, 150.0)]
    return {
        "markets": [sold, {**sold, "id": "other", "calls": [], "curves": [curve(1), curve(1, 4.0)]}],
        "not_sold": [],
        "headings": {language: list("abcdefgh") for language in ("zh", "en")},
        "statement": {"zh": [], "en": []},
        "total_cny": 37500.0,
        "owners": [{"owner": name, "income_cny": gets, "delivery_cost_cny": pays, "net_cny": gets - pays} for name, gets, pays in owners],
        "owners_by_market": {"dr": {"a": 30000.0, "b": 7500.0}},
        "has_owners": True,
        "expectation": {
            "draws": 10,
            "invited": 4,
            "income": spread(20000.0),
            "delivery_cost": spread(4000.0),
            "income_less_cost": spread(16000.0),
            "calls": spread(3.0, None),
        },
        "notes": [],
    }


def made(language: str = "en") -> VppView:
    park = {"name": "Small park", "start": "2030-01-01 00:00", "steps": 72, "step_minutes": 60, "labels": {}}
    sums = {"income": 37500.0, "delivery_cost": 750.0, "income_less_cost": 36750.0, "cost_in_calls": -500.0, "recovery_cost": 1250.0, "bill_change": 740.0}
    figures = {**{f"markets.{key}_cny": value for key, value in sums.items()}, "markets.green_share_change": -0.0125}
    hourly = {f"markets:dr_{kind}_mw": np.ones(72) for kind in ("offered", "asked", "delivered", "measured")}
    return view_of({"park": park, "versions": {}, "figures": figures, "record": {"markets": record()}}, hourly, language)


def test_a_market_and_its_calls_show_what_the_calls_and_their_recovery_cost():
    view = made()
    found = market_table(view, record())
    assert found.rows[0][1:5] == ["37,500", "0", "750", "36,750"]
    assert found.rows[0][3].note == f"in the calls {MINUS}500, recovery 1,250"
    calls = call_table(view, record()["markets"][0])
    assert calls.rows[0][7:12] == ["37,500.00", "0.00", f"{MINUS}500.00", "1,250.00", "36,750.00"]
    assert [column.title for column in calls.columns[7:12]] == ["Income", "Penalties", "Cost in the call", "Cost of recovery", "Left"]
    owners = owner_table(view, record())
    assert [row[-3:] for row in owners.rows] == [["30,000", "600", "29,400"], ["7,500", "150", "7,350"]]
    assert owners.total[-3:] == ["37,500", "750", "36,750"]
    text = how(view, record())
    assert f"{MINUS}1.25 percentage points" in text


def test_the_upper_bound_and_the_expectation_are_told_apart():
    view = made()
    found = bounds_table(view, record())
    assert found.rows[0] == ["Upper bound: chosen knowing the year", "37,500", "750", "36,750", "2.00"]
    assert found.rows[1] == ["Expectation: at random, mean", "20,000", "4,000", "16,000", "3.00"]
    assert found.rows[2][-1] == "\N{EN DASH}"
    assert [row[3] for row in found.rows[3:]] == ["14,000", "18,000"]
    assert "10 draws, 4 calls each" in found.caption
    assert "This is an upper bound" in how(view, record()) and "10 draws" in how(view, record())
    assert market_verdict(view, record()).startswith("Markets pay at most")
    bare = {**record(), "expectation": None}
    assert bounds_table(view, bare) is None
    assert "upper bound" not in how(view, bare) and "at most" not in market_verdict(view, bare)


def test_the_priced_curve_shows_what_one_mwh_more_costs_each_way():
    """Of twelve months four are drawn; a curve that two markets share, once; down, one MWh more saves 20 at first and costs 50 then."""
    found = price_curves(made(), record())
    assert found.choices[0] == "from 2030-01-10 18:00, 2 h" and len(found.choices) == 5
    up, down = found.frames[0].data
    assert (up["x"], up["y"]) == ([0.0, 3.0, 4.0], [150.0, 300.0, 300.0])
    assert (down["x"], down["y"]) == ([0.0, -2.0, -4.0], [-20.0, 50.0, 50.0])
    assert (up["customdata"], down["customdata"]) == ([0.0, 900.0, 1500.0], [0.0, -80.0, 120.0])
    assert up["line"]["shape"] == "hv"
    assert "range" not in found.frames[0].layout["yaxis"]
    peak = {**record()["markets"][0], "curves": [{**curve(1), "price_cny_per_mwh": [-16400.0, 20.0, 150.0, 300.0]}]}
    assert price_curves(made(), {"markets": [peak]}).frames[0].layout["yaxis"]["range"] == [-375.0, 375.0]
    assert found.layout["yaxis"]["title"]["text"] == "One MWh more costs [CNY/MWh]"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_section_is_whole_in_both_languages(language: str):
    parts = [part for part in markets(made(language)) if part]
    assert {"market-curves", "market-call"} <= {part.name for part in parts if isinstance(part, Figure)}
    assert sum(isinstance(part, Table) for part in parts) == 4
    if language == "zh":
        text = next(part for part in parts if isinstance(part, str))
        assert "上限" in text and "恢复" in text
