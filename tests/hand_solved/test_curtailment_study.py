"""What would save curtailed power: parks of two hours in which each option's worth can be seen, and the starter park's first week."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gridsim.dispatch.curtails_least import CurtailsLeast, true_cost_cny
from gridsim.dispatch.solve import KeptDispatch
from gridsim.errors import BuildError, DefinitionError
from gridsim.metrics import curtailment_table as tables
from gridsim.metrics.scorecard import scorecard
from gridsim.park.read import read_park
from gridsim.report.curtailment_page.curtailment_view import CurtailmentView
from gridsim.report.curtailment_page.page import sections, verdict
from gridsim.report.curtailment_page.write import write_curtailment_page
from gridsim.report.tables import Table
from gridsim.report.words import Words
from gridsim.study.curtailment import curtailment_study
from gridsim.study.curtailment_options import options_of
from gridsim.study.curtailment_record import curtailment_record, lines
from hand_solved.parks import approx, battery, caes, electrolyser, grid, hydrogen_demand, hydrogen_store, line, load, response, solar, tiny_park, wind

STARTER = Path(__file__).parents[2] / "networks" / "starter"
TWICE = 8760.0 / 2.0
"""Two hours in a year."""


def savings_of(park, **given):
    """Return the savings by what they are of."""
    return {saving.option.what: saving for saving in curtailment_study(park, **{"added": [], **given}).savings}


def windy(**more):
    """10 MW of wind, then none; 4 MW of load."""
    return tiny_park(grid=grid(100.0), wind=wind([1.0, 0.0], 10.0), works=load([4.0, 4.0]), **more)


def test_a_battery_saves_what_it_carries_over():
    """**Proves**: 1 MW and 1 MWh carry 1 of 6 MWh over; 0.1 MW more with 0.1 MWh save 0.1 MWh and 10 CNY every two hours: 4380 MWh and 438,000
    CNY a year for a MW, as the duals say too. A MW with an hour costs 1000 * 0.5 + 1000 * 0.2 CNY/kW and 2 % of it, over 10 years without interest.

    **Breaks as**: 0 if the step took power without energy; 4 h of cells paid if the hours were not the battery's own.
    """
    park = windy(battery=battery(1.0, 1.0, capital_cost_cny_per_kwh=500.0, capital_cost_cny_per_kw=200.0, lifetime_years=10.0, fixed_om_share_per_year=0.02))
    (saving,) = [s for s in curtailment_study(park, added=[]).savings if s.option.what == "battery"]
    assert (saving.option.step, saving.option.hours) == (approx(0.1), approx(1.0))
    assert saving.curtailed_mwh == approx(TWICE)
    assert (saving.cny, saving.marginal_cny) == (approx(100.0 * TWICE), pytest.approx(100.0 * TWICE, rel=1e-4))
    assert (saving.import_mwh, saving.export_mwh, saving.green_share) == (approx(TWICE), 0.0, approx(1.0 / 8.0))
    annuity = 0.07 / (1.0 - 1.07**-10.0)
    assert saving.yearly_cost_cny == approx(700e3 * (annuity + 0.02))
    assert saving.pays is True
    assert saving.cny_per_mwh == approx((700e3 * (annuity + 0.02) - 100.0 * TWICE) / TWICE)


def test_a_step_that_has_too_little_to_carry_saves_less_than_the_margin():
    """**Proves**: with 5.9 of 6 MWh carried, a tenth more of the battery finds 0.1 MWh only, but load for none beyond 4: already full at 4.

    Here 3.9 MW of 4 MW are served: 0.39 MW more save 0.1 MWh, while the margin is a whole MWh a MW.
    """
    saving = savings_of(windy(battery=battery(3.9, 3.9)))["battery"]
    assert saving.curtailed_mwh == approx(0.1 / 0.39 * TWICE)
    assert saving.cny == approx(0.1 / 0.39 * 100.0 * TWICE)
    assert saving.marginal_cny == pytest.approx(100.0 * TWICE, rel=1e-4)


def test_connection_line_and_tank():
    """**Proves**: a full connection saves a MWh a MW and earns 50, and a full line the same through it; imports save nothing. The line's
    cost is 10 km of 100,000 CNY for 5 MW.
    """
    park = tiny_park(
        grid=grid(100.0, 50.0, export_limit_mw=2.0, import_limit_mw=20.0),
        wind=wind([1.0, 0.0], 10.0, bus="far"),
        cable=line("far", "electricity", 6.0, length_km=10.0, capital_cost_cny_per_km=1e5, lifetime_years=20.0, fixed_om_share_per_year=0.0),
        works=load([4.0, 4.0]),
    )
    found = savings_of(park)
    assert found["export_limit"].curtailed_mwh == 0.0  # the line is full as well
    assert found["line"].curtailed_mwh == 0.0
    one = tiny_park(grid=grid(100.0, 50.0, export_limit_mw=2.0), wind=wind([1.0, 0.0], 10.0), works=load([4.0, 4.0]))
    saving = savings_of(one)["export_limit"]
    assert (saving.curtailed_mwh, saving.cny, saving.export_mwh) == (approx(TWICE), approx(50.0 * TWICE), approx(TWICE))
    assert (saving.yearly_cost_cny, saving.pays) == (None, None)
    assert savings_of(one)["import_limit"].curtailed_mwh == 0.0
    assert found["line"].yearly_cost_cny == approx(1e6 * 0.07 / (1.0 - 1.07**-20.0) / 6.0)
    narrow = savings_of(
        tiny_park(grid=grid(100.0, 50.0), wind=wind([1.0, 0.0], 10.0, bus="far"), cable=line("far", "electricity", 6.0), works=load([4.0, 4.0]))
    )["line"]
    assert (narrow.curtailed_mwh, narrow.cny) == (approx(TWICE), approx(50.0 * TWICE))


def test_electrolyser_and_tank_together_only():
    """**Proves**: 100 kg an hour, 5 MW; a plant of 10 MW makes 200 kg while the wind blows, but the tank holds 50: a tonne more takes 50 MWh of
    wind that would be curtailed, and saves buying them. More plant saves nothing.
    """
    park = tiny_park(
        grid=grid(100.0),
        wind=wind([1.0, 0.0], 20.0),
        plant=electrolyser(10.0),
        tank=hydrogen_store(50.0),
        steel=hydrogen_demand(100.0, profile=[100.0, 100.0]),
    )
    found = savings_of(park)
    assert found["electrolyser"].curtailed_mwh == 0.0
    tank = found["hydrogen_store"]
    assert (tank.option.size, tank.option.unit) == (0.05, "t")
    assert (tank.curtailed_mwh, tank.cny) == (approx(50.0 * TWICE), approx(5000.0 * TWICE))


def test_flexible_load_saves_by_moving():
    """**Proves**: a share of 10 % of 4 MW moves 0.4 MWh into the windy hour; a MW more moves a MWh. **Breaks as**: 4 if the step were a share."""
    park = tiny_park(
        grid=grid(100.0),
        wind=wind([1.0, 0.0], 10.0),
        load=load([4.0, 4.0]),
        moved=response("shift", share=0.1, window_hours=1.0, price_cny_per_mwh=1.0),
    )
    saving = savings_of(park)["shift"]
    assert (saving.option.size, saving.curtailed_mwh, saving.cny) == (approx(0.4), approx(TWICE), approx(99.0 * TWICE))


def test_what_the_park_has_not_got_is_tried_from_nothing():
    """**Proves**: the park costs what it costs with sizes of zero, a battery of 1 MW carries 1 MWh over, its charge less by its losses; the shift
    moves 1 MWh free of charge. What is added has no marginal value and stands as not in the park.
    """
    park = windy()
    study = curtailment_study(park, added=["battery", "caes", "shift"], hours={"battery": 2.0, "caes": 2.0})
    assert study.cost_cny == approx(400.0)
    found = {saving.option.what: saving for saving in study.savings}
    assert found["battery"].option.hours == 2.0
    assert not any(found[what].option.built for what in ("battery", "caes", "shift"))
    assert [found[what].marginal_cny for what in ("battery", "caes", "shift")] == [None] * 3
    assert found["battery"].curtailed_mwh == approx(TWICE)
    assert 0.8 * 100.0 * TWICE < found["battery"].cny < 100.0 * TWICE
    assert (found["shift"].curtailed_mwh, found["shift"].cny) == (approx(TWICE), approx(100.0 * TWICE))
    assert study.savings[0].curtailed_mwh == max(saving.curtailed_mwh for saving in study.savings)


def test_whatever_a_park_has_not_got_is_added_unless_told_otherwise():
    """**Proves**: caes and shift beside a battery; nothing where nothing is asked for."""
    _, found = options_of(windy(battery=battery()))
    assert {option.what for option in found if not option.built} == {"caes", "shift"}
    _, found = options_of(windy(battery=battery()), added=[])
    assert all(option.built for option in found)
    _, found = options_of(windy(battery=battery()), added=["battery"])
    assert [(option.name, option.built) for option in found if option.what == "battery"] == [("battery", True), ("battery_more", False)]


def test_compressor_and_heat_store_grow_with_the_expander():
    """**Proves**: 10 % more of everything. **Breaks as**: a cavern that cannot be filled."""
    _, found = options_of(windy(air=caes(10.0, 40.0, compressor_power_mw=5.0, heat_store_mwh=20.0)), added=[])
    (option,) = [option for option in found if option.what == "caes"]
    assert option.fields(option.size + option.step) == approx({"power_mw": 11.0, "energy_mwh": 44.0, "compressor_power_mw": 5.5, "heat_store_mwh": 22.0})


@pytest.mark.parametrize(("given", "said"), [({"added": ["dam"]}, "dam"), ({"added": ["caes"], "hours": {"caes": 0.0}}, "0 hours")])
def test_what_cannot_be_added_is_refused(given, said):
    with pytest.raises(DefinitionError, match=said):
        options_of(windy(), **given)


# ---- ties


def test_of_equal_costs_the_least_curtailment_counts():
    """**Proves**: exporting for nothing costs as much as curtailing: 6 MW are exported. The tie break is in no cost."""
    park = tiny_park(grid=grid(100.0, 0.0), wind=wind([1.0, 0.0], 10.0), works=load([4.0, 4.0]))
    dispatch = CurtailsLeast(park, with_network=False).solve().dispatch
    assert dispatch.flows["wind"] == approx([10.0, 0.0])
    assert true_cost_cny(dispatch) == pytest.approx(400.0, abs=1e-9)


@pytest.mark.parametrize(
    "burner",
    [
        battery(10.0, 10.0, charge_efficiency=0.5),
        caes(10.0, 10.0, level_end="same"),
        hydrogen_store(1000.0, compression_kwh_per_kg=3.0, level_start_share=0.5, level_end="same"),
    ],
    ids=["battery", "caes", "tank"],
)
def test_nothing_is_burnt_to_curtail_less(burner):
    """**Proves**: no load is left for another hour, so that a store, its vents and its compressor could only burn power: all surplus is curtailed.

    **Breaks as**: charging and discharging at once, or venting air, if only curtailment had a price.
    """
    more = {} if burner["type"] != "hydrogen_store" else {"plant": electrolyser(20.0), "steel": hydrogen_demand(20.0, profile=[20.0, 20.0])}
    park = tiny_park(grid=grid(100.0), wind=wind([1.0, 1.0], 20.0), works=load([4.0, 4.0]), store=burner, **more)
    solved = CurtailsLeast(park, with_network=False).solve()
    used = 4.0 + (1.0 if more else 0.0)
    assert solved.dispatch.flows["wind"] == approx([used, used])
    assert solved.dispatch.termination.binaries == 0


# ---- tables


def test_tables_add_up_to_what_is_curtailed():
    """**Proves**: 6 MW at 23 h in January and 3 at 0 h in February, 2 of each stopped by the rule: months, hours, plants and causes agree.

    **Breaks as**: all in January if months were counted from the first hour.
    """
    park = tiny_park(
        start="2030-01-31",
        grid=grid(100.0, 50.0, export_limit_mw=2.0, export_allowed=False),
        wind=wind([0.0] * 23 + [0.6, 0.3], 10.0),
        sun=solar([0.0] * 23 + [0.4, 0.4], 10.0, variable_cost_cny_per_mwh=1.0),
        works=load([4.0] * 25),
    )
    kept = KeptDispatch(park, with_network=False).solve()
    dispatch, card = kept.dispatch, scorecard(kept.dispatch, kept.audit)
    assert tables.check_sum(card) < 1e-9
    months, hours = tables.by_month(dispatch, card), tables.by_hour(dispatch, card)
    assert months[["month", "curtailed_mwh"]].to_numpy().tolist() == [["2030-01", approx(6.0)], ["2030-02", approx(3.0)]]
    assert months["export_rule_mwh"].tolist() == approx([2.0, 2.0])
    assert months["curtailment_rate"].tolist() == approx([0.6, 3.0 / 7.0])
    assert months["share_of_curtailed"].tolist() == approx([2.0 / 3.0, 1.0 / 3.0])
    assert hours["curtailed_mwh"].tolist() == approx([3.0] + [0.0] * 22 + [6.0])
    carpet = tables.by_month_and_hour(dispatch, card)
    assert (carpet.loc["2030-01", 23], carpet.loc["2030-02", 0], carpet.to_numpy().sum()) == approx((6.0, 3.0, 9.0))
    causes = tables.by_cause(card, 1.0).set_index("cause")
    assert causes.loc["export_rule", ["mwh", "share_of_curtailed", "share_of_available"]].tolist() == approx([4.0, 4.0 / 9.0, 4.0 / 17.0])
    assert causes.loc["all", "mwh"] == approx(card.year["curtailed_mwh"])
    assert tables.by_plant(dispatch)["curtailed_mwh"].sum() == approx(9.0)
    card.curtailment["price"][0] += 1e-3
    with pytest.raises(BuildError, match="miss the curtailed power"):
        tables.check_sum(card)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_study_is_told_in_both_languages(tmp_path, language):
    """**Proves**: page, workbook and text in both languages, without NaN and without a missing word; the workbook's numbers are the record's.

    **Breaks as**: a key in place of a word, or 4380 as text.
    """
    import openpyxl

    record = curtailment_record(curtailment_study(windy(battery=battery(1.0, 1.0))))
    json.dumps(record, allow_nan=False)
    assert [note["key"] for note in record["notes"]] == ["tie_break", "added", "part"]
    view = CurtailmentView(record, Words(language))
    assert any({"en": "Battery (battery, 1 h), +1 MW", "zh": "电池储能（battery、1 小时）, +1 MW"}[language] in text for text in lines(record, language))
    assert write_curtailment_page(record, tmp_path, language).read_text(encoding="utf-8").count('<section id="') == 5
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    rows = list(book[Words(language)("sheet.curtail_savings")].iter_rows(values_only=True))
    assert [row[5] for row in rows[1:]] == approx([saving["curtailed_mwh_per_unit"] for saving in record["savings"]])
    causes = list(book[Words(language)("sheet.curtail_causes")].iter_rows(values_only=True))
    assert causes[-1][1] == approx(5.0)
    for section in sections(view):
        assert section.parts or section.items
        for table in (part for part in section.parts if isinstance(part, Table)):
            assert all(len(row) == len(table.columns) for row in table.rows)
    assert {"en": "5.00\xa0MWh are curtailed", "zh": "弃电 5.00\xa0MWh"}[language] in verdict(view)


def test_a_park_that_curtails_nothing_says_so(tmp_path):
    """**Proves**: no cause, no month and no hour to show; what an option saves is still there."""
    record = curtailment_record(curtailment_study(tiny_park(grid=grid(100.0), wind=wind([0.1, 0.1], 10.0), works=load([4.0, 4.0])), added=["shift"]))
    view = CurtailmentView(record, Words("en"))
    assert verdict(view) == "Nothing is curtailed."
    assert [section.name for section in sections(view)] == ["savings", "notes"]
    write_curtailment_page(record, tmp_path)


# ---- the starter park


def test_the_starter_park_for_two_weeks():
    """Proves: no finite step saves more than the duals say, a small one saves just that; the causes add up, and the whole is quick."""
    park = read_park(STARTER, hours=(0, 336))
    small = {s.option.what: s for s in curtailment_study(park, added=[], step_share=1e-3).savings}
    study = curtailment_study(park, added=["caes"], hours={"caes": 8.0})
    for saving in study.savings:
        if saving.option.built:
            assert saving.cny <= saving.marginal_cny * (1.0 + 1e-6) + 1.0
            assert small[saving.option.what].cny == pytest.approx(saving.marginal_cny, rel=0.02, abs=1.0)
    assert tables.check_sum(study.card) < 1e-6
    assert np.isclose(tables.by_month(study.dispatch, study.card)["curtailed_mwh"].sum(), study.card.year["curtailed_mwh"], rtol=1e-12)
    plain = KeptDispatch(park, with_network=False).solve().dispatch.objective_cny
    assert study.cost_cny == pytest.approx(plain, rel=1e-6)
