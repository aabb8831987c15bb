"""Which source fed which user: parks of a few hours whose mixture can be worked out by head, and the starter park against the green ledger."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gridsim.metrics.green import green_ledger
from gridsim.report.words import Words
from gridsim.trace.owners import settlement
from gridsim.trace.record import trace_record
from gridsim.trace.trace import Trace, trace
from hand_solved.parks import (
    approx,
    battery,
    caes,
    electrolyser,
    grid,
    hydrogen_demand,
    hydrogen_store,
    in_park,
    line,
    load,
    response,
    solar,
    solve,
    tiny_park,
    wind,
)

STARTER = Path(__file__).parents[2] / "networks" / "starter"
CLOSED = 1e-9


def traced(dispatch) -> Trace:
    """Return the trace, which closes for every source in every hour, and says of green what the green ledger says."""
    found, ledger = trace(dispatch), green_ledger(dispatch)
    assert np.abs(found.residual_mw).max() < CLOSED
    for storage in found.storage.values():
        assert np.abs(storage.residual_mw(dispatch.time.step_hours)).max() < CLOSED
    same(sum(found.used_mw.values(), start=np.zeros_like(found.supplied_mw)) @ found.green, ledger.green_used_mw)
    same(sum(found.exported_mw.values(), start=np.zeros_like(found.supplied_mw)) @ found.green, ledger.green_exported_mw)
    same(sum((s.charged_mw @ found.green for s in found.storage.values()), start=np.zeros(dispatch.time.steps)), ledger.green_charged_mw)
    same(sum((s.discharged_mw @ found.green for s in found.storage.values()), start=np.zeros(dispatch.time.steps)), ledger.green_discharged_mw)
    same(found.line_loss_mw @ found.green, ledger.green_line_loss_mw)
    for bus, share in ledger.share_of_bus.items():
        same(found.mixture.of_bus[bus] @ found.green, share)
    return found


def same(found, expected) -> None:
    assert np.abs(found - expected).max(initial=0.0) < CLOSED


def said(note, language="en") -> str:
    """Return a note in words."""
    return Words(language)(f"trace_note.{note['key']}", **note["figures"])


def of(found: Trace, power) -> dict[str, list[float]]:
    """Power by source."""
    return {source.name: power[:, place].tolist() for place, source in enumerate(found.sources)}


@in_park(
    grid=grid([10.0, 100.0]),
    wind=wind([0.6, 0.0], 10.0),
    sun=solar([0.3, 0.0], 10.0),
    battery=battery(level_start_share=0.0, level_end="free", power_mw=4.0),
    works=load([5.0, 3.0]),
    village=load([1.0, 1.0]),
)
def test_users_have_the_mixture_of_their_bus_and_of_what_was_stored(dispatch):
    """**Proves**: 6 MW of wind, 3 of sun and 1 bought feed 5 + 1 MW and charge 4: 60, 30 and 10 % each. An hour later the battery's 4 MWh,
    of the same mixture, feed 3 + 1 MW.

    **Breaks as**: only wind in the works if sources were taken in order; 50/30/20 % in the second hour if the battery forgot its mixture.
    """
    found = traced(dispatch)
    assert of(found, found.used_mw["works"]) == {"grid": approx([0.5, 0.3]), "wind": approx([3.0, 1.8]), "sun": approx([1.5, 0.9])}
    assert of(found, found.used_mw["village"]) == {"grid": approx([0.1, 0.1]), "wind": approx([0.6, 0.6]), "sun": approx([0.3, 0.3])}
    assert of(found, found.storage["battery"].stored_mwh) == {"grid": approx([0.4, 0.0]), "wind": approx([2.4, 0.0]), "sun": approx([1.2, 0.0])}


@in_park(
    grid=grid([10.0, 100.0]),
    wind=wind([1.0, 0.0], 5.0),
    battery=battery(charge_efficiency=0.8, discharge_efficiency=0.5, level_start_share=0.0, level_end="free", standing_loss_share_per_hour=0.5),
    works=load([0.0, 1.0]),
)
def test_losses_fall_on_charging_and_on_time(dispatch):
    """**Proves**: 1 MWh at the bus takes 2 from the cells, 4 an hour before, which are 5 charged: all wind. A MWh in the cells is worth 0.5.
    Of 5 MWh, 2 are worth what is stored (3 lost by charging at once), and half of that is lost in the next hour.

    **Breaks as**: 1 lost by charging if stored energy were counted in the cells, and 1 more on discharging.
    """
    found = traced(dispatch)
    storage = found.storage["battery"]
    assert storage.charged_mw[:, 1] == approx([5.0, 0.0])
    assert storage.stored_mwh[:, 1] == approx([2.0, 0.0])
    assert storage.lost_mw[:, 1] == approx([3.0, 1.0])
    assert storage.discharged_mw[:, 1] == approx([0.0, 1.0])


@in_park(grid=grid([1000.0]), battery=battery(level_start_share=1.0, level_end="free", energy_mwh=4.0), wind=wind([1.0], 6.0), works=load([10.0]))
def test_what_a_store_held_at_first_is_a_source_of_its_own(dispatch):
    """**Proves**: 4 MWh of unknown origin and 6 of wind: 40 % of the works. **Breaks as**: shares that add up to 0.6."""
    found = traced(dispatch)
    assert of(found, found.used_mw["works"]) == {"grid": approx([0.0]), "battery.stock": approx([4.0]), "wind": approx([6.0])}
    assert {s.name: s.kind for s in found.sources}["battery.stock"] == "stock"


@in_park(
    grid=grid(1000.0),
    wind=wind([1.0, 0.0], 7.0),
    caes=caes(kind="diabatic", compression_mwh_per_mwh_out=0.7, fuel_mwh_per_mwh_out=1.0, fuel_price_cny_per_mwh=1.0, level_end="free"),
    works=load([0.0, 10.0]),
)
def test_fuel_beside_air_is_a_source(dispatch):
    """**Proves**: 7 MWh of wind compress air for 10 MWh out, with 10 MWh of fuel: half of the output is wind's, half fuel's. 2 of 7 are lost.

    **Breaks as**: 10 MWh of wind out of 7 if fuel had no colour.
    """
    found = traced(dispatch)
    assert of(found, found.used_mw["works"]) == {"grid": approx([0.0, 0.0]), "wind": approx([0.0, 5.0]), "caes.fuel": approx([0.0, 5.0])}
    assert found.storage["caes"].lost_mw[:, 1] == approx([2.0, 0.0])


@in_park(
    grid=grid(1000.0, bus="near"),
    farm=wind([1.0], 10.0, bus="far"),
    here=wind([1.0], 2.0, bus="near"),
    line=line("far", "near", 100.0, loss_share=0.2),
    works=load([8.0], bus="near"),
    village=load([0.8], bus="far"),
    pump=response("process", bus="near", power_mw=10.0, quota_mwh=1.36 * 24, quota_period="day"),
)
def test_a_line_brings_its_mixture_and_loses_some(dispatch):
    """**Proves**: of 10 MW far away 0.8 stay, 9.2 leave, 7.36 arrive beside 2: users near draw 9.36 MW, 7.36/9.36 of them from far.

    **Breaks as**: 9.2/11.2 if the line lost nothing.
    """
    found = traced(dispatch)
    assert found.line_loss_mw.sum(axis=0) == approx([0.0, 1.84, 0.0])
    assert of(found, found.used_mw["works"])["farm"] == approx([8.0 * 7.36 / 9.36])
    assert of(found, found.used_mw["village"]) == {"grid": approx([0.0]), "farm": approx([0.8]), "here": approx([0.0])}


@in_park(grid=grid(1000.0), wind=wind([1.0, 0.4], 5.0), load=load([5.0, 5.0], unserved_price_cny_per_mwh=10.0))
def test_what_is_not_served_is_not_used(dispatch):
    """**Proves**: 5 MW of wind, then 2: used 5 and 2. **Breaks as**: 5 out of 2."""
    found = traced(dispatch)
    assert found.used_mw["load"].sum(axis=1) == approx([5.0, 2.0])


@in_park(
    grid=grid(1000.0),
    wind=wind([1.0, 0.0], 5.0),
    caes=caes(10.0, 10.0, heat_standing_loss_share_per_hour=0.5, level_end="same"),
    works=load([0.0, 10.0]),
)
def test_air_that_has_lost_its_heat_is_lost(dispatch):
    """**Proves**: 5 MWh of air and heat; half the heat leaks away, so that 2.5 MWh come out and 2.5 MWh of air are vented.

    **Breaks as**: a storage that does not close.
    """
    storage = traced(dispatch).storage["caes"]
    assert storage.discharged_mw[:, 1] == approx([0.0, 2.5])
    assert storage.lost_mw[:, 1].sum() == approx(2.5)


@in_park(
    grid=grid([1.0, 1000.0]),
    wind=wind([0.2, 0.0], 10.0),
    plant=electrolyser(10.0),
    tank=hydrogen_store(1000.0),
    steel=hydrogen_demand(50.0, profile=[0.0, 100.0]),
)
def test_hydrogen_has_the_mixture_it_was_made_of(dispatch):
    """**Proves**: 100 kg of 2 MW wind and 3 bought leave the tank an hour later: 40 % wind. **Breaks as**: 0 if the tank began unknown."""
    found = traced(dispatch)
    steel = found.delivered["steel"].sum(axis=0)
    assert (steel / steel.sum())[1] == approx(0.4)


# ---- owners


def two_owners(**changes):
    """Wind of A, sun of B, users of C and of nobody; A charges by night and sells by day."""
    technologies = {
        "grid": grid([10.0, 500.0, 500.0], [0.0, 0.0, 400.0]),
        "wind": wind([0.2, 0.6, 0.0], 10.0, owner="A"),
        "sun": solar([0.0, 0.4, 0.0], 10.0, owner="B"),
        "battery": battery(power_mw=4.0, energy_mwh=4.0, level_start_share=0.0, level_end="free", owner="A"),
        "works": load([2.0, 6.0, 0.0], owner="C"),
        "village": load([0.0, 4.0, 0.0]),
    }
    return tiny_park(start="2030-01-31", **{**technologies, **changes})


def test_bought_by_night_and_sold_by_day_is_grey_and_said_to_be():
    """**Proves**: of 6 MW at a bus with 2 of wind and 4 bought, 2 are used and 4 stored: 8/3 bought. Sold two hours later: 2/3 of it grey.

    **Breaks as**: all green if exports were taken from the plants, all grey if the battery were a source.
    """
    park = two_owners()
    found = traced(solve(park))
    assert of(found, found.exported_mw["grid"]) == {"grid": approx([0.0, 0.0, 8.0 / 3.0]), "wind": approx([0.0, 0.0, 4.0 / 3.0]), "sun": approx([0.0] * 3)}
    record = trace_record(found, park)
    (note,) = [note for note in record["notes"] if note["key"] == "grey_export"]
    assert note["figures"] == {
        "grey_mwh": approx(8.0 / 3.0),
        "exported_mwh": approx(4.0),
        "share": approx(2.0 / 3.0),
        "bought_mwh": approx(8.0 / 3.0),
        "sold_hour": 2,
        "charged_hour": 0,
    }
    assert "3 of 4 MWh exported (66.7%) are grey" in said(note)
    assert "灰电" in said(note, "zh")
    json.dumps(record, allow_nan=False)


def test_the_hour_of_buying_is_that_of_the_grid():
    """**Proves**: 2 MWh bought at 0 h and 3 of wind at 1 h are sold at 2 h. **Breaks as**: 1 h, when most was charged, though nothing was bought."""
    park = tiny_park(
        grid=grid([10.0, 500.0, 500.0], [0.0, 0.0, 400.0]),
        wind=wind([0.0, 1.0, 0.0], 3.0),
        battery=battery(5.0, 5.0, level_start_share=0.0, level_end="free"),
    )
    (note,) = [note for note in trace_record(traced(solve(park)), park)["notes"] if note["key"] == "grey_export"]
    assert (note["figures"]["charged_hour"], note["figures"]["sold_hour"], note["figures"]["grey_mwh"]) == (0, 2, approx(2.0))


def test_an_export_of_wind_and_sun_alone_is_said_to_be_green():
    """**Proves**: a park without storage sells its surplus. **Breaks as**: a grey note of rounding."""
    park = tiny_park(grid=grid([10.0], [5.0]), wind=wind([1.0], 5.0), works=load([2.0]))
    keys = [note["key"] for note in trace_record(traced(solve(park)), park)["notes"]]
    assert keys == ["green_export", "no_owners"]


def test_pairs_of_owners_add_up_to_what_each_supplied():
    """**Proves**: in the second hour A's 6 MW and B's 4 feed C's 6 and the village's 4 MW: A gives 3.6 + 2.4, B 2.4 + 1.6. In the first C draws
    2/3 of A's 2 MW over 6: 2/3. Each supplier's pairs add up to its supply.

    **Breaks as**: the village under C if owners were not kept apart.
    """
    park = two_owners()
    found = traced(solve(park))
    table = settlement(found)
    pairs = table.set_index(["plant_owner", "user_owner"])["mwh"]
    assert set(table["month"]) == {"2030-01"}
    assert (pairs["A", "C"], pairs["A", "(not stated)"], pairs["A", "(export)"]) == approx((2.0 / 3.0 + 3.6, 2.4, 4.0 / 3.0))
    assert (pairs["B", "C"], pairs["B", "(not stated)"]) == approx((2.4, 1.6))
    assert (pairs["(public grid)", "C"], pairs["(public grid)", "(export)"]) == approx((4.0 / 3.0, 8.0 / 3.0))
    assert table.groupby("plant_owner")["mwh"].sum().to_dict() == approx({"A": 8.0, "B": 4.0, "(public grid)": 4.0})
    missing = [note["figures"]["names"] for note in trace_record(found, park)["notes"] if note["key"] == "owners_missing"]
    assert missing == ["village"]


def test_ratios_of_the_notice_by_owner():
    """**Proves**: A sells 4/3 of 8 MWh (5/6 used, 1/6 sold), B nothing; C has 4.2667 + 2.4 of 8 MWh green, the village all.

    **Breaks as**: the project's ratio for everyone.
    """
    park = two_owners()
    rows = {(row["owner"], row["rule"]): row for row in trace_record(traced(solve(park)), park)["ratios"]}
    assert rows["A", "self_use"]["value"] == approx(5.0 / 6.0)
    assert rows["A", "export"]["value"] == approx(1.0 / 6.0)
    assert rows["B", "self_use"]["value"] == approx(1.0)
    assert rows["C", "green"]["value"] == approx((2.0 / 3.0 + 6.0) / 8.0)
    assert rows["(not stated)", "green"]["value"] == approx(1.0)
    assert (rows["A", "self_use"]["threshold"], rows["A", "export"]["threshold"], rows["C", "green"]["threshold"]) == (0.6, 0.2, 0.35)
    assert all(row["holds"] for row in rows.values())


def test_a_user_below_the_ratio_does_not_hold():
    """**Proves**: 34 of 100 MWh green fail 35 %; 35 pass. **Breaks as**: both alike."""
    for green, holds in ((3.4, False), (3.5, True)):
        park = tiny_park(grid=grid(100.0), wind=wind([green / 10.0], 10.0), works=load([10.0], owner="C"))
        (row,) = [row for row in trace_record(trace(solve(park)), park)["ratios"] if row["rule"] == "green"]
        assert row["holds"] is holds, row


# ---- the starter park


def test_three_weeks_of_the_starter_park_balance():
    """Proves: every source and store closes to 1e-9 in every hour, users' shares add up to what they drew, and green is what the green ledger calls so."""
    from gridsim.dispatch.solve import solve as solve_park
    from gridsim.park.read import read_park

    dispatch = solve_park(read_park(STARTER, hours=(0, 504))).dispatch
    found = traced(dispatch)
    ledger = green_ledger(dispatch)
    for user, power in found.used_mw.items():
        same(power @ found.green, ledger.green_used_by[user])
    same(found.used_mw["factory"].sum(axis=1), dispatch.flows["factory"])
    year = found.year_table()
    assert np.abs(year.sum(axis=1).to_numpy() - found.mwh(found.supplied_mw)).max() < 1e-6
    frame, units = found.hourly_table()
    assert len(frame) == 504
    assert set(units) == set(frame.columns)
    same(frame[[f"factory:from_{s.name}_mw" for s in found.sources]].sum(axis=1).to_numpy(), dispatch.flows["factory"])
    table = settlement(found)
    assert table["mwh"].sum() == pytest.approx(found.supplied_mw.sum(), rel=1e-12)


def test_the_record_adds_up_by_month_and_source():
    """Proves: destinations of all kinds add up to what each source supplied, in the month in which it was used; every note has words.

    Breaks as: 4 MWh in January's export if what was stored at 23 h were sold in the same month's sum.
    """
    park = two_owners()
    record = trace_record(trace(solve(park)), park)
    assert record["months"] == ["2030-01"]
    together = sum(np.array(row["mwh"]).sum(axis=1) for row in record["destinations"])
    assert together == pytest.approx([source["supplied_mwh"] for source in record["sources"]])
    kinds = {(row["name"], row["kind"]): row["owner"] for row in record["destinations"]}
    assert kinds["works", "use"] == "C"
    assert kinds["grid", "export"] == ""
    assert all(said(note, language) for note in record["notes"] for language in ("en", "zh"))
