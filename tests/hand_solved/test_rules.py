"""Rules on small parks: what is measured, what is enforced, and what it costs, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gridsim.errors import DefinitionError, InfeasibleError
from gridsim.park.sections import Rules
from gridsim.rules.judge import judge
from gridsim.rules.price import price_rule, shadow_prices
from hand_solved.parks import approx, battery, electrolyser, grid, hydrogen_demand, hydrogen_store, load, solar, tiny_park, wind

DECLARED = {"multi_user": False, "spot_market_continuous": True, "two_high": True, "project": "hydrogen", "year": 2028, "renewables": "self_storage"}


def ruled(park, **rules):
    return replace(park, rules=Rules(declared={**DECLARED, **rules.pop("declared", {})}, **rules))


def solved(park):
    from gridsim.dispatch.solve import KeptDispatch

    return KeptDispatch(park, with_network=False).solve()


def findings(park, given=None):
    from gridsim.metrics.scorecard import scorecard

    run = solved(park)
    card = scorecard(run.dispatch, run.audit)
    return run.dispatch, card, {one.name: one for one in judge(run.dispatch, card, given)}


def surplus(**fields):
    """10 MWh of wind at 55 and 6 of load: exporting at 60 pays."""
    return tiny_park(grid=grid(100.0, export_price=60.0), wind=wind([1.0, 0.5], 10.0, variable_cost_cny_per_mwh=55.0), load=load([6.0, 6.0]), **fields)


def test_shares_are_those_of_the_scorecard():
    """**Proves**: 15 MWh of wind, 12 of load, 4 exported, 1 imported: 11/15 self-used, 11/12 green, export 4/15 of both, 3 h by hand."""
    park = ruled(surplus(), report=["cn-650-2025", "im-2022-19-market", "im-source-grid-load-storage-2023"])
    _, card, found = findings(park)
    shares = {
        "cn-650-2025.self_use": ("self_use_ratio", 11 / 15),
        "cn-650-2025.green": ("green_share", 11 / 12),
        "cn-650-2025.export": ("export_ratio_of_generation", 4 / 15),
        "im-source-grid-load-storage-2023.utilisation": (None, 1.0),
        "im-2022-19-market.new_load": (None, 12 / 15),
    }
    for name, (word, value) in shares.items():
        assert found[name].value == pytest.approx(value, rel=1e-12)
        assert word is None or found[name].value == pytest.approx(card.year[word], rel=1e-12)
    assert found["cn-650-2025.export"].margin_mwh == approx(0.2 * 15 - 4)
    backfeed = found["im-source-grid-load-storage-2023.backfeed"]
    assert (backfeed.status, backfeed.value, backfeed.worst, backfeed.failing, backfeed.periods) == ("fail", approx(4.0), "2030-01-07 00:00", 1, 2)


def test_exchange_and_voltage_and_storage():
    """**Proves**: at most 6 MW is exchanged with 100 MW allowed; 5 MW of 20 MWh beside 10 MW of wind are 0.5 and 4 h; without voltages nobody knows."""
    park = tiny_park(grid=grid(100.0), wind=wind([1.0, 0.0], 10.0), load=load([6.0, 6.0]), battery=battery(0.0, 0.0))
    park = replace(park, technologies={**park.technologies, "battery": park.technologies["battery"].model_copy(update={"power_mw": 5.0, "energy_mwh": 20.0})})
    _, _, found = findings(ruled(park))
    assert found["cn-650-2025.exchange"].threshold == 100.0
    assert found["im-source-grid-load-storage-2023.storage_power"].value == 0.5
    assert found["im-source-grid-load-storage-2023.storage_hours"].value == 4.0
    assert found["cn-650-2025.voltage"].status == "not_known"
    bus = park.buses["electricity"].model_copy(update={"voltage_kv": 500.0})
    _, _, found = findings(ruled(replace(park, buses={"electricity": bus})))
    assert (found["cn-650-2025.voltage"].status, found["cn-650-2025.voltage"].value) == ("fail", 500.0)
    _, _, found = findings(ruled(replace(park, buses={"electricity": bus}), declared={"special_security_review": True}))
    assert found["cn-650-2025.voltage"].status == "not_applicable"


def test_peak_shaving_that_is_recognised_counts_as_storage():
    """**Proves**: 1 MW of storage and 1 MW of recognised peak shaving beside 10 MW of wind: 0.2."""
    park = tiny_park(grid=grid(), wind=wind([1.0], 10.0), load=load([6.0]), battery=battery(1.0, 4.0))
    _, _, found = findings(ruled(park, declared={"peak_shaving_mw": 1.0}))
    assert found["im-source-grid-load-storage-2023.storage_power"].value == 0.2


def test_peak_valley_ratio():
    """**Proves**: load of 4 to 10 MW swings by 0.6; with 5 MW of wind in the low hour the grid sees 0 to 10: 1.0, which fails; in the high hour 4 to 5: 0.2."""
    for availability, value, status in (([1.0, 0.0], 1.0, "fail"), ([0.0, 1.0], 0.2, "pass")):
        park = tiny_park(grid=grid(), wind=wind(availability, 5.0), load=load([4.0, 10.0]))
        found = findings(ruled(park))[2]["im-source-grid-load-storage-2023.peak_valley"]
        assert (found.value, found.threshold, found.status) == (approx(value), approx(0.6), status)


def hydrogen_park(**fields):
    """100 kg in each of two hours, 5 MWh an hour; wind of 5 MW in the first hour only, and grid power at 10."""
    return tiny_park(grid=grid(10.0), wind=wind([1.0, 0.0], 5.0), plant=electrolyser(10.0), users=hydrogen_demand(100.0), year_means={}, hours=2, **fields)


def test_hydrogen_s_grid_share_is_traced():
    """**Proves**: half of electrolysis is wind's, half the grid's; hour by hour 1 and 0; the month is matched by half, and so is the contract."""
    _, _, found = findings(ruled(hydrogen_park(), declared={"year": 2030}))
    grey = found["im-wind-solar-hydrogen-2022.grid_share"]
    assert (grey.value, grey.status, grey.margin_mwh) == (approx(0.5), "fail", approx(-4.0))
    hour = found["eu-2023-1184.match_hour"]
    assert (hour.value, hour.failing, hour.periods, hour.worst) == (approx(0.0), 1, 2, "2030-01-07 01:00")
    month = findings(ruled(hydrogen_park(), declared={"year": 2029}))[2]["eu-2023-1184.match_month"]
    assert month.value == approx(0.5) and month.other_readings[0].value == approx(0.5)


def test_a_battery_filled_from_the_grid_makes_grey_hydrogen_and_one_filled_by_wind_green():
    """**Proves**: the second hour's 5 MWh come out of a store. Filled by 10 MW of wind in the first hour they are green to the last bit, and every hour is
    matched. Filled from a cheap grid they are grey.
    """
    store = battery(5.0, 5.0)
    park = tiny_park(grid=grid([10.0, 100.0]), wind=wind([1.0, 0.0], 10.0), plant=electrolyser(10.0), users=hydrogen_demand(100.0), store=store)
    assert findings(ruled(park, declared={"year": 2030}))[2]["eu-2023-1184.match_hour"].status == "pass"
    park = tiny_park(grid=grid([10.0, 100.0]), wind=wind([1.0, 0.0], 5.0), plant=electrolyser(10.0), users=hydrogen_demand(100.0), store=store)
    found = findings(ruled(park, declared={"year": 2030}))[2]
    assert found["eu-2023-1184.match_hour"].status == "fail"
    assert found["im-wind-solar-hydrogen-2022.grid_share"].value == approx(0.5)


def test_electrolysis_is_what_electrolysers_draw_and_nothing_else():
    """**Proves**: 10 MWh for 200 kg, beside 1 MWh for the tank's compressor and a load of which all stays unserved."""
    from gridsim.dispatch.words import energy_words

    users = hydrogen_demand(100.0)
    tank = hydrogen_store(100.0, compression_kwh_per_kg=10.0, level_start_share=0.0, level_end=1.0)
    park = tiny_park(grid=grid(10.0), plant=electrolyser(20.0), users=users, tank=tank, load=load([7.0], unserved_price_cny_per_mwh=1.0))
    dispatch = solved(park).dispatch
    words = {word: linear.power(dispatch.flows)[0] for word, linear in energy_words(dispatch.draft).items()}
    assert words["electrolysis"] == approx(10.0)  # 100 kg for the users, 100 kg into the tank
    assert words["load"] == approx(11.0)


def test_green_power_exported_in_the_same_month_matches_electrolysis():
    """**Proves**: 5 of 10 MWh of wind make hydrogen in the first hour, 5 are exported, and 5 from the grid make the rest: matched by the month only.

    **Breaks as**: 0.5 if exports were left out; 1.5 if more than all could be matched.
    """
    farm, plant = wind([1.0, 0.0], 10.0), electrolyser(10.0)
    park = tiny_park(grid=grid(10.0, export_price=5.0), wind=farm, plant=plant, users=hydrogen_demand(100.0))
    assert findings(ruled(park, declared={"year": 2029}))[2]["eu-2023-1184.match_month"].value == 1.0
    assert findings(ruled(park, declared={"year": 2030}))[2]["eu-2023-1184.match_hour"].value == 0.0


def test_rounding_of_the_ledger_is_no_grey_power():
    """**Proves**: a green share short of 1 by 1e-12 is the rounding of its linear systems, and counts as 1; one short by 1e-6 is grey."""
    from gridsim.metrics.green import green_ledger
    from gridsim.rules.measure import Measures

    dispatch = solved(ruled(tiny_park(grid=grid(10.0), wind=wind([1.0], 5.0), plant=electrolyser(10.0), users=hydrogen_demand(100.0)))).dispatch
    ledger = green_ledger(dispatch)
    for short, matched in ((1e-12, 1.0), (1e-6, 1.0 - 1e-6)):
        rounded = replace(ledger, green_used_by={"plant": np.array([5.0 * (1.0 - short)])})
        assert Measures(dispatch, rounded).of("hydrogen_matched_share", "hour").value[0] == pytest.approx(matched, abs=1e-15)


def test_a_year_s_sum_is_not_judged_by_two_hours():
    found = findings(ruled(surplus()))[2]["im-source-grid-load-storage-2023.load"]
    assert found.status == "not_known" and "2 h" in found.reason_en


def test_a_park_passes_by_one_unit_in_the_last_place_of_a_flow_and_fails_by_it():
    """**Proves**: 1 MWh of load and half of it imported is exactly a green share of one half; one unit in the last place more of import is not."""
    from gridsim.metrics.green import green_ledger
    from gridsim.rules.judge import judge_measures
    from gridsim.rules.measure import Measures

    park = ruled(tiny_park(grid=grid(), wind=wind([1.0], 10.0), load=load([1.0])), report=["im-two-high"])
    dispatch = solved(park).dispatch
    for imported, status in ((0.5, "pass"), (np.nextafter(0.5, 0.0), "pass"), (np.nextafter(0.5, 1.0), "fail")):
        moved = replace(dispatch, flows={**dispatch.flows, "grid.import": np.array([imported]), "wind": np.array([1.0 - imported])})
        assert judge_measures(park, Measures(moved, green_ledger(moved)))[0].status == status


# ---- enforced


def own_green(park, period):
    """Half of the load green in each period, as a rule set of the park's own."""
    from gridsim.rules.definition import RuleSet

    rule = {"text_en": "", "text_zh": "", "metric": "green_share", "sense": ">=", "threshold": 0.5, "period": period, "certainty": "A", "source": ""}
    whole = {"id": "own", "title_en": "", "title_zh": "", "document": "", "status": "in_force", "certainty": "A", "source": "", "rules": {"green": rule}}
    return replace(park, rules=Rules(report=["own"], enforce=["own.green"]), own_rule_sets={"own": RuleSet.model_validate(whole)})


@pytest.mark.parametrize(("period", "extra"), [("year", 120.0), ("month", 160.0), ("hour", 180.0)])
def test_a_share_of_a_year_a_month_and_an_hour(period, extra):
    """**Proves**: loads of 4, 4 and 8 MWh; a green MWh costs 20, 10 and 30 more than the grid's, and the third hour is in the next month. Half green asks for
    4 × 10 + 4 × 20 = 120 by the year, 4 × 10 + 4 × 30 = 160 by the month, 2 × 20 + 2 × 10 + 4 × 30 = 180 by the hour.
    """
    farms = {
        "first": wind([1.0, 0.0, 0.0], 8.0, variable_cost_cny_per_mwh=30.0),
        "second": wind([0.0, 1.0, 0.0], 8.0, variable_cost_cny_per_mwh=20.0),
        "third": wind([0.0, 0.0, 1.0], 8.0, variable_cost_cny_per_mwh=40.0),
    }
    park = tiny_park(grid=grid(10.0), load=load([4.0, 4.0, 8.0]), start="2030-01-31T22:00", **farms)
    dispatch, _, found = findings(own_green(park, period))
    assert dispatch.objective_cny == approx(160.0 + extra)
    assert found["own.green"].status == "pass" and found["own.green"].periods == {"year": 1, "month": 2, "hour": 3}[period]


def rich_park():
    """Six hours with wind, sun, storage, hydrogen, load and a two-way connection, in which every share can be moved."""
    return tiny_park(
        grid=grid([30.0, 40.0, 60.0, 90.0, 70.0, 50.0], export_price=[20.0, 30.0, 45.0, 45.0, 45.0, 40.0]),
        wind=wind([0.9, 0.7, 0.2, 0.1, 0.4, 0.6], 20.0, variable_cost_cny_per_mwh=35.0),
        sun=solar([0.0, 0.2, 0.8, 0.9, 0.3, 0.0], 15.0, variable_cost_cny_per_mwh=28.0),
        load=load([8.0, 9.0, 12.0, 14.0, 13.0, 9.0], unserved_price_cny_per_mwh=400.0),
        plant=electrolyser(10.0),
        users=hydrogen_demand(60.0, flexible_within="day", unserved_price_cny_per_kg=1.8),
        tank=hydrogen_store(500.0),
        store=battery(4.0, 12.0, charge_efficiency=0.95, discharge_efficiency=0.95),
    )


ENFORCED = {
    "cn-650-2025.self_use": 0.7,
    "cn-650-2025.green": 0.75,
    "cn-650-2025.export": 0.1,
    "cn-650-2025.exchange": 8.0,
    "im-source-grid-load-storage-2023.utilisation": 0.85,
    "im-source-grid-load-storage-2023.backfeed": 0.0,
    "im-2022-19-market.new_load": 0.88,
    "im-two-high.green": 0.78,
    "eu-2023-1184.match_month": 6.0,
    "eu-2023-1184.match_hour": 1.0,
}
READINGS = {"eu-2023-1184.match_month": "contracted", "eu-2023-1184.match_hour": "contracted"}
"""Rules with a threshold that changes what the park does."""


@pytest.fixture(scope="module")
def free():
    return solved(rich_park()).dispatch.objective_cny


@pytest.mark.parametrize("name", ENFORCED)
def test_an_enforced_rule_holds_and_never_lowers_the_cost(name, free):
    """**Proves**: broken when only judged, each rule is kept to the last bit when enforced, at no lower cost."""
    year = 2029 if name.endswith("month") else 2030
    rules = {"thresholds": {name: ENFORCED[name]}, "readings": {key: reading for key, reading in READINGS.items() if key == name}, "declared": {"year": year}}
    judged = findings(ruled(rich_park(), report=[name.partition(".")[0]], **rules))[2][name]
    assert judged.status == "fail" and not judged.enforced
    dispatch, _, found = findings(ruled(rich_park(), enforce=[name], **rules))
    kept = found[name]
    assert kept.status == "pass" and kept.enforced and kept.margin >= 0.0
    assert kept.margin < 1e-6  # it binds, or it was not enforced at its threshold
    assert dispatch.objective_cny >= free - 1e-9 * abs(free)
    assert dispatch.objective_cny > free + 1e-6


@pytest.mark.parametrize("name", [name for name in ENFORCED if not name.endswith(("backfeed", "exchange", "match_hour"))])
def test_shadow_price_agrees_with_a_re_solve(name):
    """**Proves**: the dual lies between the slopes of a small step either way, and equals one of them, to 1 %."""
    year = 2029 if name.endswith("month") else 2030
    rules = {"thresholds": {name: ENFORCED[name]}, "readings": {key: reading for key, reading in READINGS.items() if key == name}, "declared": {"year": year}}
    price = price_rule(ruled(rich_park(), **rules), name, step=1e-5)
    assert price.cost_cny > 0 and price.binaries == 0
    assert price.agrees(0.01), price
    slopes = [slope for slope in (price.tighter_cny_per_unit, price.looser_cny_per_unit) if slope is not None]
    assert min(abs(price.shadow.cny_per_unit / slope - 1.0) for slope in slopes) < 0.01
    assert price.shadow.cny_per_point == pytest.approx(price.shadow.cny_per_unit / 100.0)
    assert price.shadow.fen_per_kwh == pytest.approx(price.shadow.cny_per_mwh / 10.0)


def test_price_by_hand():
    """**Proves**: of 10 MWh of load at least half green: wind at 50 in place of grid at 10 costs 40 a MWh, which is 4 分/kWh; a share of 1 is 10 MWh, 400 CNY,
    and a point 4 CNY. Without the rule all is grid: 5 MWh × 40 = 200 CNY, 2 分 for each kWh of load.

    **Breaks as**: 40 CNY a unit if the base were left out.
    """
    park = tiny_park(grid=grid(10.0), wind=wind([1.0], 10.0, variable_cost_cny_per_mwh=50.0), load=load([10.0]))
    price = price_rule(ruled(park), "im-two-high.green")
    shadow = price.shadow
    assert (shadow.cny_per_mwh, shadow.fen_per_kwh, shadow.cny_per_unit, shadow.cny_per_point) == approx((40.0, 4.0, 400.0, 4.0))
    assert (price.tighter_cny, price.looser_cny, price.cost_cny, price.cost_fen_per_kwh) == approx((0.4, 0.4, 200.0, 2.0))


def test_price_of_an_export_cap_by_hand():
    """**Proves**: asking less export costs what it earned: 60 − 55 = 5 CNY/MWh, on 15 MWh of generation."""
    price = price_rule(ruled(surplus(), readings={"cn-650-2025.export": "of_available"}), "cn-650-2025.export")
    assert (price.shadow.cny_per_mwh, price.shadow.cny_per_unit) == approx((5.0, 75.0))
    assert price.tighter_cny == approx(0.075) and price.looser_cny == approx(0.075)


def test_a_corner_has_two_prices():
    """**Proves**: the near wind at 50 is all used at the threshold of one half, the far one costs 90: the last step saved 40 a MWh, the next costs 80."""
    farms = {"near": wind([1.0], 5.0, variable_cost_cny_per_mwh=50.0), "far": wind([1.0], 5.0, variable_cost_cny_per_mwh=90.0)}
    price = price_rule(ruled(tiny_park(grid=grid(10.0), load=load([10.0]), **farms)), "im-two-high.green")
    assert price.looser_cny_per_unit == approx(400.0) and price.tighter_cny_per_unit == approx(800.0)
    assert price.agrees()


def test_price_of_an_hourly_cap_is_from_solving_again():
    """**Proves**: at most 8 MW from the grid at 100 in two hours of 10 MW, the rest unserved at 300: a MW less is 2 × 200 = 400 CNY."""
    park = tiny_park(grid=grid(100.0), load=load([10.0, 10.0], unserved_price_cny_per_mwh=300.0))
    price = price_rule(ruled(park, thresholds={"cn-650-2025.exchange": 8.0}), "cn-650-2025.exchange", step=0.5)
    assert price.shadow is None and price.agrees() is None
    assert price.tighter_cny_per_unit == approx(400.0) and price.looser_cny_per_unit == approx(400.0) and price.cost_cny == approx(800.0)


def test_what_has_no_price_says_why():
    for name, words in (
        ("cn-650-2025.fees", "declared"),
        ("im-source-grid-load-storage-2023.storage_hours", "size the park"),
        ("cn-688-2026.green", "does not apply"),
        ("cn-650-2025.grean", "green"),
        ("cn-651-2025.green", "cn-650-2025"),
    ):
        with pytest.raises(DefinitionError, match=words):
            price_rule(ruled(surplus()), name)


def test_a_rule_that_cannot_be_kept_is_named():
    """**Proves**: 10 MWh of load, 4 of wind and a rule of at least half green: 1 MWh is missing."""
    park = tiny_park(grid=grid(10.0), wind=wind([1.0], 4.0), load=load([10.0]))
    with pytest.raises(InfeasibleError, match=r"the rule im-two-high.green .* cannot be kept: 1 MWh are missing"):
        solved(ruled(park, enforce=["im-two-high.green"]))
    assert price_rule(ruled(park), "im-two-high.green").note.startswith("the rule im-two-high.green")


def test_an_hourly_rule_that_cannot_be_kept_is_named():
    park = tiny_park(grid=grid(100.0), load=load([10.0, 5.0]))
    with pytest.raises(InfeasibleError, match=r"the rule cn-650-2025.exchange .* cannot be kept: 2 MWh are missing"):
        solved(ruled(park, enforce=["cn-650-2025.exchange"], thresholds={"cn-650-2025.exchange": 8.0}))


def test_a_whole_set_is_enforced_where_it_applies():
    """**Proves**: with the whole notice enforced, all its rules on flows pass; where the spot market stands still nothing is exported."""
    rules = {"enforce": ["cn-650-2025"], "declared": {"year": 2030, "spot_market_continuous": False}}
    dispatch, _, found = findings(ruled(rich_park(), **rules))
    assert all(one.status == "pass" for one in found.values() if one.enforced)
    assert {one.name for one in found.values() if one.enforced} == {f"cn-650-2025.{key}" for key in ("self_use", "green", "export", "backfeed", "exchange")}
    assert dispatch.flows["grid.export"].max() == 0.0
    assert set(shadow_prices(dispatch)) == {f"cn-650-2025.{key}" for key in ("self_use", "green", "export", "backfeed")}


@pytest.mark.parametrize("level", ["linear", "mixed_integer"])
def test_no_export_is_kept_by_a_park_that_cannot_export_too(level):
    """**Proves**: a row without any flow is no mistake, at either level."""
    from gridsim.dispatch.solve import KeptDispatch

    park = ruled(tiny_park(grid=grid(10.0), load=load([10.0])), enforce=["im-park-green-supply.backfeed"], report=["im-park-green-supply"])
    assert KeptDispatch(park, level=level, with_network=False).solve().dispatch.objective_cny == approx(100.0)


def test_a_year_s_sum_is_not_asked_of_a_part_of_it():
    """**Proves**: 300,000 MWh a year are asked of a year only; a run of two hours is not refused for them."""
    park = tiny_park(grid=grid(100.0), wind=wind([0.5, 0.5], 10.0), load=load([6.0, 6.0]))
    park = ruled(park, enforce=["im-source-grid-load-storage-2023"], report=["im-source-grid-load-storage-2023"])
    found = findings(park)[2]
    assert {one.name.partition(".")[2] for one in found.values() if one.enforced} == {"utilisation", "backfeed"}


def test_storage_rules_are_kept_by_sizing():
    """**Proves**: storage that earns nothing is built to 15 % and four hours of 10 MW of wind: 1.5 MW and 6 MWh; in a dispatch they are judged only."""
    from gridsim.dispatch.sizes import Free
    from gridsim.study.sizing import size

    store = battery(1.0, 1.0, capital_cost_cny_per_kwh=1.0, capital_cost_cny_per_kw=1.0)
    park = tiny_park(grid=grid(10.0), wind=wind([0.5, 0.5], 10.0), load=load([10.0, 10.0]), store=store)
    park = ruled(park, enforce=["im-park-green-supply.storage_power", "im-park-green-supply.storage_hours"], report=["im-park-green-supply"])
    found = findings(park)[2]
    assert {found[f"im-park-green-supply.{key}"].status for key in ("storage_power", "storage_hours")} == {"fail"}
    free = [Free("technologies.store.power_mw", 0.0, 10.0), Free("technologies.store.energy_mwh", 0.0, 40.0)]
    sized = size(park, free)
    assert sized.values == approx({"technologies.store.power_mw": 1.5, "technologies.store.energy_mwh": 6.0}) or sized.values == pytest.approx(
        {"technologies.store.power_mw": 1.5, "technologies.store.energy_mwh": 6.0}, rel=5e-6
    )
    found = findings(sized.park)[2]
    assert {found[f"im-park-green-supply.{key}"].status for key in ("storage_power", "storage_hours")} == {"pass"}


def test_a_share_is_kept_by_sizing():
    """**Proves**: 10 MWh of load, half of it green, from wind of half a MWh per MW: 10 MW of it (wind costs more than the grid, so no more)."""
    from gridsim.dispatch.sizes import Free
    from gridsim.study.sizing import size

    farm = wind([0.5], 10.0, capital_cost_cny_per_kw=10_000.0)
    park = ruled(tiny_park(grid=grid(10.0), wind=farm, load=load([10.0])), enforce=["im-two-high.green"], report=["im-two-high"])
    sized = size(park, [Free("technologies.wind.capacity_mw", 0.0, 50.0)])
    assert sized.values["technologies.wind.capacity_mw"] == approx(10.0)
    assert findings(sized.park)[2]["im-two-high.green"].status == "pass"
