"""A week stands for a year only if it pays a week's share of what is paid by the month."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gridsim
from gridsim.bill.bills import bills_of
from gridsim.money.business_as_usual import business_as_usual
from gridsim.money.terms import terms_of
from gridsim.profiles.time_axis import TimeAxis

STARTER = Path(__file__).parents[2] / "networks" / "starter"


def test_share_of_the_month():
    """Proves: 48 h at the end of January and 24 h of February are 48/744 and 24/672 of them, in quarter hours too; a whole month is 1."""
    import datetime

    for minutes in (15, 60):
        year = TimeAxis(datetime.datetime(2030, 1, 1), 8760 * 60 // minutes, minutes)
        per_hour = 60 // minutes
        part = year.part(696 * per_hour, 768 * per_hour)
        assert part.month_share == pytest.approx(np.repeat([48 / 744, 24 / 672], [48 * per_hour, 24 * per_hour]), rel=1e-15)
        assert part.part(0, per_hour).month_share == pytest.approx(np.full(per_hour, 1 / 744), rel=1e-15)
        assert (year.month_share == 1.0).all() and (year.part(0, 1416 * per_hour).month_share == 1.0).all()
        assert part.share_of_whole == pytest.approx(72 / 8760) and year.share_of_whole == 1.0


@pytest.fixture(scope="module")
def week():
    park = gridsim.read_park(STARTER, hours=(0, 168))
    return gridsim.solve(park)


def test_a_week_pays_a_weeks_share_of_the_demand_charge(week):
    """Proves: dispatch, bill and the yearly figures agree that a week of January owes 168/744 of the month's charge on its peak."""
    dispatch = week.dispatch
    tariff = next(iter(dispatch.draft.park.tariffs.values()))
    charge = float(np.ravel(tariff.demand_charge_cny_per_mw_month)[0])
    assert charge > 0.0
    paid = sum(dispatch.demand_charges.values())
    peak = float(dispatch.flows["grid.import"].max())
    assert peak > 1.0 and paid == pytest.approx(charge * peak * 168 / 744, rel=1e-9)
    bill = bills_of(dispatch)["grid"].statement
    assert float(bill.unrounded_of("demand.metered")) == pytest.approx(paid, rel=1e-9)
    usual = business_as_usual(dispatch, terms_of(dispatch.draft.park.finance))
    assert usual.demand_charge_cny == pytest.approx(charge * usual.peak_mw * 168 / 744 * 8760 / 168, rel=1e-9)


DEMAND_RESPONSE = (
    "technologies.saver={type: demand_response, kind: curtail, load: factory, annual_limit_mwh: 87.6, steps: [{share: 0.1, price_cny_per_mwh: 0}]}",
    "technologies.pause={type: demand_response, kind: interrupt, load: factory, power_mw: 2, calls_per_year: 10, hours_per_call: 2, price_cny_per_mwh: 0}",
)


@pytest.mark.parametrize(("level", "paused_mwh"), [("linear", 2 * 10 * 2 * 48 / 8760), ("mixed_integer", 4.0)])
def test_two_days_have_two_days_share_of_a_years_demand_response(level, paused_mwh):
    """Proves: free reductions use 48/8760 of a year's energy and of the energy of its calls; of whole calls one, as a part of one rounds up."""
    dispatch = gridsim.solve(gridsim.read_park(STARTER, overrides=DEMAND_RESPONSE, hours=(0, 48)), level=level).dispatch
    assert dispatch.flows["saver.step_1"].sum() == pytest.approx(87.6 * 48 / 8760, rel=1e-6)
    assert dispatch.flows["pause.reduction"].sum() == pytest.approx(paused_mwh, rel=1e-6)
