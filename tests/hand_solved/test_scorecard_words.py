"""Every word of the scorecard, on parks of one to three hours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gridsim.metrics.cost import cost_lines, totals
from gridsim.metrics.curtailment import curtailment_by_cause
from gridsim.metrics.green import green_ledger
from gridsim.metrics.scorecard import Scorecard, scorecard
from gridsim.park.park import Park
from tests.hand_solved.parks import battery, caes, electrolyser, grid, hydrogen_demand, line, load, tiny_park, wind


def card_of(park: Park, level: str = "linear") -> Scorecard:
    from gridsim.dispatch.solve import solve

    solved = solve(park, level=level)
    return scorecard(solved.dispatch, solved.audit)


def causes_of(park: Park, level: str = "linear") -> dict[str, float]:
    from gridsim.dispatch.solve import solve

    found = curtailment_by_cause(solve(park, level=level).dispatch)
    return {cause: float(power.sum()) for cause, power in found.items() if power.sum() > 1e-6}


def farm(*mw: float, **fields: Any) -> dict[str, Any]:
    """Wind with these MW available."""
    return wind([value / 20.0 for value in mw], 20.0, **fields)


def test_available_curtailed_import_and_the_shares() -> None:
    """Proves: wind [15, 4], load [10, 10], no export. Used 10 + 4, curtailed 5 of 19, imported 6 of 20.

    green_share = (20 − 6)/20 = 0.7; self_use = (19 − 5)/19; curtailment_rate = 5/19. Breaks as: 0.95 (= 19/20) if available counted as used.
    """
    year = card_of(tiny_park(farm=farm(15, 4), load=load([10, 10]), grid=grid())).year
    assert year["available_mwh"] == pytest.approx(19.0)
    assert year["curtailed_mwh"] == pytest.approx(5.0)
    assert year["curtailment_rate"] == pytest.approx(5 / 19)
    assert year["import_mwh"] == pytest.approx(6.0)
    assert year["load_mwh"] == pytest.approx(20.0)
    assert year["green_share"] == pytest.approx(0.7)
    assert year["self_use_ratio"] == pytest.approx(14 / 19)
    assert year["export_ratio"] == 0.0


def test_import_and_export_are_never_netted_across_hours() -> None:
    """Proves: export 5 in the first hour and import 6 in the second stay 5 and 6. Breaks as: import 1, export 0 if netted.

    export_ratio = 5/19 of available; nothing is curtailed, so 5/19 of generation too; self_use = (19 − 5)/19; peaks 6 and 5 MW.
    """
    year = card_of(tiny_park(farm=farm(15, 4), load=load([10, 10]), grid=grid(100.0, 50.0))).year
    assert (year["import_mwh"], year["export_mwh"]) == (pytest.approx(6.0), pytest.approx(5.0))
    assert year["export_ratio"] == year["export_ratio_of_generation"] == pytest.approx(5 / 19)
    assert year["self_use_ratio"] == pytest.approx(14 / 19)
    assert (year["peak_import_mw"], year["peak_export_mw"]) == (pytest.approx(6.0), pytest.approx(5.0))


def test_the_two_denominators_of_the_export_ratio_differ_by_curtailment() -> None:
    """Proves: wind 20, load 10, the connection exports 4, 6 are curtailed: 4/20 of available, 4/14 of generation."""
    year = card_of(tiny_park(farm=farm(20), load=load([10]), grid=grid(100.0, 50.0, export_limit_mw=4.0))).year
    assert year["export_ratio"] == pytest.approx(0.2)
    assert year["export_ratio_of_generation"] == pytest.approx(4 / 14)


def test_load_counts_final_uses_and_not_storage_losses() -> None:
    """Proves: 8 MWh at t=1 bought as 10 MWh at t=0 (efficiency 0.8) are a load of 8; green_share = (8 − 10)/8 = −0.25, honest about the loss.

    Breaks as: load 10 or 18 if charging counted as load; green_share 0 if the loss did.
    """
    park = tiny_park(grid=grid([10.0, 300.0]), battery=battery(charge_efficiency=0.8), load=load([0, 8]))
    year = card_of(park).year
    assert year["load_mwh"] == pytest.approx(8.0)
    assert year["green_share"] == pytest.approx(-0.25)
    assert (year["charge_mwh"], year["discharge_mwh"]) == (pytest.approx(10.0), pytest.approx(8.0))


def test_load_includes_electrolysers() -> None:
    """Proves: a load of 10 MW and 100 kg/h at 50 kWh/kg (5 MW) are a load of 15 MWh; 100 kg are made. Breaks as: 10 without electrolysers."""
    year = card_of(tiny_park(grid=grid(), load=load([10]), electrolyser=electrolyser(), users=hydrogen_demand(100.0))).year
    assert year["load_mwh"] == pytest.approx(15.0)
    assert year["hydrogen_kg"] == pytest.approx(100.0)


def test_unserved_load_is_not_load() -> None:
    """Proves: 10 MW asked, 6 MW of wind, no grid, unserved at a price: load 6, unserved 4. Breaks as: load 10."""
    year = card_of(tiny_park(farm=farm(6), load=load([10], unserved_price_cny_per_mwh=5000.0))).year
    assert (year["load_mwh"], year["unserved_mwh"]) == (pytest.approx(6.0), pytest.approx(4.0))
    assert year["cost_operating_cny"] - 4 * 5000 == pytest.approx(20e3 * 3600 * 0.01 / 8760)


def test_hourly_matched_share_traces_storage() -> None:
    """Proves: wind [20, 0], load [10, 10], an ideal battery carries 10: every load hour is met by green, 1.0. Breaks as: 0.5 without tracing."""
    year = card_of(tiny_park(farm=farm(20, 0), load=load([10, 10]), grid=grid(), store=battery(level_start_share=0.0, level_end="free"))).year
    assert year["hourly_matched_share"] == pytest.approx(1.0)
    assert year["green_share_hourly_without_storage"] == pytest.approx(0.5)
    assert year["green_share_monthly"] == pytest.approx(1.0)


def test_a_store_charged_by_night_exports_grey() -> None:
    """Proves: 10 MWh bought at 10 are sold at 90 but for 1 MWh of load: 9 MWh leave, all grey. Breaks as: green export 9 if stores were green."""
    park = tiny_park(grid=grid([10.0, 100.0], [0.0, 90.0]), store=battery(level_start_share=0.0, level_end="free"), load=load([0, 1]))
    year = card_of(park).year
    assert year["export_mwh"] == pytest.approx(9.0)
    assert year["grey_export_mwh"] == pytest.approx(9.0)
    assert year["green_export_mwh"] == pytest.approx(0.0, abs=1e-9)


def test_a_bus_and_a_store_mix_in_proportion() -> None:
    """Proves: 5 MWh wind and 5 MWh grid charge the battery; the 10 MWh it gives are half green: matched 0.5. Breaks as: 1.0 if green went first."""
    park = tiny_park(farm=farm(5, 0), grid=grid([10.0, 300.0]), store=battery(level_start_share=0.0, level_end="free"), load=load([0, 10]))
    year = card_of(park).year
    assert year["hourly_matched_share"] == pytest.approx(0.5)
    assert year["green_share"] == pytest.approx(0.5)


def test_hydrogen_has_the_colour_of_its_electricity() -> None:
    """Proves: 6 MW wind and 4 MW grid feed 5 MW load and 5 MW electrolysis: both are 60 % green. Breaks as: 100 % if green were given to hydrogen."""
    park = tiny_park(farm=farm(6), grid=grid(), load=load([5]), electrolyser=electrolyser(), users=hydrogen_demand(100.0))
    ledger = card_of(park).ledger
    assert ledger.share_of_bus["hydrogen"] == pytest.approx([0.6])
    assert ledger.green_used_by["electrolyser"] == pytest.approx([3.0])
    assert ledger.green_used_by["load"] == pytest.approx([3.0])


def test_a_store_that_ends_as_it_began_starts_with_the_colour_it_ends_with() -> None:
    """Proves: the battery gives 10 at t=0 and is filled by 10 of surplus wind at t=1; in the periodic state it is all green: matched 1.0.

    Breaks as: 0.5 if a periodic store began grey.
    """
    park = tiny_park(farm=farm(0, 20), grid=grid(), store=battery(), load=load([10, 10]))
    assert card_of(park).year["hourly_matched_share"] == pytest.approx(1.0)


def test_a_given_start_level_is_grey() -> None:
    """Proves: a full battery of unknown past serves the hour: no import, green_share 1, but nothing of it is traced to green: matched 0."""
    year = card_of(tiny_park(grid=grid(), store=battery(level_start_share=1.0, level_end="free"), load=load([10]))).year
    assert year["green_share"] == pytest.approx(1.0)
    assert year["hourly_matched_share"] == pytest.approx(0.0, abs=1e-12)


def test_the_ledger_of_a_store_balances_with_its_losses() -> None:
    """Proves: 10 MWh green in at t=0, 10 % an hour lost: 9, 8.1, of which 8.1 leave at t=2; lost 1 + 0.9. Σ in = Σ out + lost + stored."""
    from gridsim.dispatch.solve import solve

    store = battery(standing_loss_share_per_hour=0.1, level_start_share=0.0, level_end="free")
    park = tiny_park(farm=farm(10, 0, 0), grid=grid(1000.0), store=store, load=load([0, 0, 9]))
    ledger = green_ledger(solve(park).dispatch).stores["store.store"]
    assert ledger.green_in == pytest.approx([10.0, 0.0, 0.0])
    assert ledger.green_out == pytest.approx([0.0, 0.0, 8.1])
    assert ledger.green_lost == pytest.approx([0.0, 1.0, 0.9])
    assert ledger.residual == pytest.approx(np.zeros(3), abs=1e-9)


def test_green_lost_on_a_line_is_not_used() -> None:
    """Proves: a line that loses 10 % takes 10 MW of wind for 9 MW of load: used 9, lost 1, and the ledger closes. Breaks as: green_share 10/9."""
    park = tiny_park(farm=farm(20, bus="far"), line=line("far", "electricity", loss_share=0.1), load=load([9]))
    card = card_of(park)
    assert card.year["line_loss_mwh"] == pytest.approx(1.0)
    assert card.ledger.green_used_mw == pytest.approx([9.0])
    assert card.ledger.green_line_loss_mw == pytest.approx([1.0])
    assert card.ledger.residual_mw == pytest.approx([0.0], abs=1e-9)


def test_fuel_dilutes_the_green_of_a_diabatic_plant() -> None:
    """Proves: 8 MWh of wind and 16 of gas give 10 MWh; air is 10 of the 26 MWh the expander draws: 10/2.6 = 3.846 MWh green. Breaks as: 10."""
    plant = caes(kind="diabatic", compression_mwh_per_mwh_out=0.8, fuel_mwh_per_mwh_out=1.6, fuel_price_cny_per_mwh=1.0)
    park = tiny_park(farm=farm(8, 0), plant=plant, grid=grid(1000.0), load=load([0, 10]))
    assert card_of(park).year["green_used_mwh"] == pytest.approx(10 / 2.6)


def test_months_add_up_to_the_year() -> None:
    """Proves: 2 hours of January and 1 of February with wind [15, 4, 4] and load 10 each: imports 6 | 6 by month, curtailed 5 | 0, 12 in all."""
    park = tiny_park(start="2030-01-31T22:00", farm=farm(15, 4, 4), load=load([10, 10, 10]), grid=grid())
    card = card_of(park)
    assert list(card.month["month"]) == ["2030-01", "2030-02"]
    assert list(card.month["import_mwh"]) == pytest.approx([6.0, 6.0])
    assert list(card.month["curtailed_mwh"]) == pytest.approx([5.0, 0.0])
    assert list(card.month["green_share"]) == pytest.approx([0.7, 0.4])
    assert card.month["import_mwh"].sum() == pytest.approx(card.year["import_mwh"])
    assert card.hour["import_mw"].sum() == pytest.approx(card.year["import_mwh"])


def test_green_share_by_year_month_and_hour_differ() -> None:
    """Proves: wind [40, 0] in January and [0] in February against load 10 each, the surplus exported.

    Balanced over the year min(40, 30)/30 = 1, by month min(40, 20)/30 = 2/3, by hour min(40, 10)/30 = 1/3; green_share = (30 − 20)/30 = 1/3.
    Breaks as: 1/3 throughout if exports could not be balanced against imports of the same period.
    """
    park = tiny_park(start="2030-01-31T22:00", farm=wind([1.0, 0.0, 0.0], 40.0), load=load([10, 10, 10]), grid=grid(100.0, 50.0))
    year = card_of(park).year
    assert year["green_share_annual_balance"] == pytest.approx(1.0)
    assert year["green_share_monthly"] == pytest.approx(2 / 3)
    assert year["green_share_hourly_without_storage"] == pytest.approx(1 / 3)
    assert year["green_share"] == pytest.approx(1 / 3)


def test_losses_are_not_balanced_as_green() -> None:
    """Proves: 10 MWh of wind through a battery of 0.8 serve 8 MWh: by month 8/8 = 1, and 8/10 with a load of 10. Breaks as: 1 if the loss counted."""
    store = battery(charge_efficiency=0.8, level_start_share=0.0, level_end="free")
    park = tiny_park(farm=farm(10, 0), store=store, grid=grid(1000.0), load=load([0, 10]))
    assert card_of(park).year["green_share_monthly"] == pytest.approx(0.8)


# ---- causes of curtailment: each curtailed MWh has one


def test_cause_no_use() -> None:
    """Proves: 15 of wind, 10 of load, no connection: 5 MWh have no use."""
    assert causes_of(tiny_park(farm=farm(15), load=load([10]))) == pytest.approx({"no_use": 5.0})


def test_cause_export_rule_covers_what_the_connection_had_left() -> None:
    """Proves: feeding back is forbidden on a connection of 3 MW: of 5 MWh, 3 fall to the rule and 2 have no use. Breaks as: 5 to the rule."""
    park = tiny_park(farm=farm(15), load=load([10]), grid=grid(100.0, 50.0, export_limit_mw=3.0, export_allowed=False))
    assert causes_of(park) == pytest.approx({"export_rule": 3.0, "no_use": 2.0})


def test_cause_export_rule_by_annual_share() -> None:
    """Proves: at most 10 % of 20 available may leave: 2 are exported, the other 8 fall to the rule."""
    park = tiny_park(farm=farm(20), load=load([10]), grid=grid(100.0, 50.0), limits={"export_share_max": 0.1})
    assert causes_of(park) == pytest.approx({"export_rule": 8.0})


def test_cause_full_connection() -> None:
    """Proves: a connection that exports all it can carry (3 MW) leaves 2 of 5 MWh to its own size."""
    assert causes_of(tiny_park(farm=farm(15), load=load([10]), grid=grid(100.0, 50.0, export_limit_mw=3.0))) == pytest.approx({"line_or_transformer": 2.0})


def test_cause_full_line() -> None:
    """Proves: 15 of wind behind a line of 6 MW, load 10, grid at 100: 9 MWh are curtailed by the line. Breaks as: no_use 9 if lines were not looked at."""
    park = tiny_park(farm=farm(15, bus="far"), line=line("far", "electricity", 6.0), load=load([10]), grid=grid())
    assert causes_of(park) == pytest.approx({"line_or_transformer": 9.0})


def test_a_full_line_with_nothing_to_gain_behind_it_is_no_cause() -> None:
    """Proves: 15 of wind behind a line of 6 MW that serves all 6 MW of load, and no grid: power is worth nothing behind it, 9 MWh have no use."""
    park = tiny_park(farm=farm(15, bus="far"), line=line("far", "electricity", 6.0), near=farm(1), load=load([6]))
    assert causes_of(park) == pytest.approx({"no_use": 10.0})


def test_cause_price() -> None:
    """Proves: exporting is allowed but would cost 5 CNY/MWh, so 5 MWh are curtailed for the price."""
    assert causes_of(tiny_park(farm=farm(15), load=load([10]), grid=grid(100.0, -5.0))) == pytest.approx({"price": 5.0})


def test_cause_unit_commitment() -> None:
    """Proves: 3 MW of wind cannot start a 10 MW module with a minimum of 5 MW, though hydrogen is worth 20 CNY/kg: 3 MWh by unit commitment."""
    module = electrolyser(min_load_share=0.5)
    users = hydrogen_demand(100.0, unserved_price_cny_per_kg=20.0)
    park = tiny_park(farm=farm(3), electrolyser=module, users=users)
    assert causes_of(park, "mixed_integer") == pytest.approx({"unit_commitment": 3.0})
    assert causes_of(park) == {}


def test_causes_add_up_to_what_was_curtailed() -> None:
    """Proves: each MWh has exactly one cause, on a park where three causes meet."""
    park = tiny_park(
        farm=farm(15, 20, 3, bus="far"),
        line=line("far", "electricity", 12.0),
        near=farm(5, 10, 2),
        load=load([10, 8, 10]),
        grid=grid(100.0, 50.0, export_limit_mw=3.0),
        limits={"export_share_max": 0.05},
    )
    card = card_of(park)
    assert sum(power.sum() for power in card.curtailment.values()) == pytest.approx(card.year["curtailed_mwh"])
    assert all((power >= -1e-9).all() for power in card.curtailment.values())


# ---- money


def test_costs_split_into_operating_and_investment() -> None:
    """Proves: 20 MW wind at 3600 CNY/kW, 20 a at 7 %: annuity 72e6 × 0.0943929 a year, for 2 of 8760 hours; upkeep 1 % of 72e6; 6 MWh at 100.

    operating = 600 + 720000·2/8760 = 764.38; investment = 6,796,291·2/8760 = 1551.66. Breaks as: 7.5 million if years were not prorated.
    """
    from gridsim.dispatch.solve import solve

    dispatch = solve(tiny_park(farm=farm(15, 4), load=load([10, 10]), grid=grid())).dispatch
    lines = cost_lines(dispatch)
    sums = totals(lines)
    rate = 0.07 / (1 - 1.07**-20)
    assert sums["cost_investment_cny"] == pytest.approx(72e6 * rate * 2 / 8760)
    assert sums["cost_operating_cny"] == pytest.approx(600 + 720e3 * 2 / 8760)
    assert sums["cost_total_cny"] == pytest.approx(sum(sums[part] for part in ("cost_operating_cny", "cost_investment_cny")))
    variable = sum(line.cny for line in lines if line.kind not in {"investment", "fixed_om"})
    assert variable == pytest.approx(dispatch.objective_cny)


def test_export_revenue_and_demand_charge_are_lines_of_the_statement() -> None:
    """Proves: import 6 MWh at 100 = 600, export 5 at 50 = −250, demand charge 6 MW × 1000 = 6000: three lines, operating 6350 without upkeep."""
    from gridsim.dispatch.solve import solve

    connection = grid(100.0, 50.0, tariff={"demand_charge_cny_per_mw_month": 1000.0})
    park = tiny_park(farm=farm(15, 4), load=load([10, 10]), grid=connection)
    lines = {(line.technology, line.kind): line.cny for line in cost_lines(solve(park).dispatch)}
    assert lines["grid", "energy_import"] == pytest.approx(600.0)
    assert lines["grid", "energy_export"] == pytest.approx(-250.0)
    assert lines["grid", "demand_charge"] == pytest.approx(6000.0)


@pytest.mark.parametrize("word", ["max_balance_residual_mw", "max_simultaneous_charge_discharge_mw", "max_simultaneous_import_export_mw"])
def test_the_audit_is_part_of_the_scorecard(word: str) -> None:
    """Proves: the residuals are reported, and are zero on a park without trouble."""
    assert card_of(tiny_park(farm=farm(15, 4), load=load([10, 10]), grid=grid())).year[word] == pytest.approx(0.0, abs=1e-9)
