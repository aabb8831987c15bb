"""An enforced rule that no capacities keep is named with its document and with what it would have to be: parks of four hours, and a fortnight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gridsim.dispatch.sizes import Free
from gridsim.dispatch.sizing_limits import colliding, told
from gridsim.errors import InfeasibleError
from gridsim.park.sections import Rules
from gridsim.study.sizing import size
from tests.hand_solved.parks import battery, grid, load, solar, tiny_park

SUN = [0.5, 0.5, 0.0, 0.0]
SOLAR = Free("technologies.solar_1.capacity_mw", 0.0, 10.0)
GREEN, HOURS, BACKFEED = "im-two-high.green", "im-park-green-supply.storage_hours", "im-park-green-supply.backfeed"


def park(*enforced, thresholds=None, **more):
    made = tiny_park(grid=grid(), works=load([1.0] * 4, peak_mw=10.0), solar_1=solar(SUN), **more)
    return replace(made, rules=Rules(enforce=list(enforced), declared={"two_high": True}, thresholds=thresholds or {}))


def best(moves):
    return {limit.path: value for move in moves for limit, value in move.items()}


def test_a_share_that_the_land_is_too_small_for():
    """**Proves**: of 40 MWh, 10 MW of sun give 10: a green share of 0.25 in place of a half; 20 MW would give it, or a load of 5 MW.

    **Breaks as**: only capacity and load are named if rules were held fast.
    """
    moves = colliding(park(GREEN), [SOLAR])
    assert best(moves)[f"rules.{GREEN}"] == pytest.approx(0.25, abs=1e-6)
    assert best(moves)[SOLAR.path] == pytest.approx(20.0, rel=1e-5)
    text = told(moves)
    assert f"the rule {GREEN} (" in text and "两高一低" in text and "at least 0.5 -> 0.25" in text


def test_a_rule_on_what_is_built():
    """**Proves**: 20 MW at least and 60 MWh at most are 3 h in place of 4; 15 MW or 80 MWh would be 4."""
    free = [Free("technologies.battery_1.power_mw", 20.0, 30.0), Free("technologies.battery_1.energy_mwh", 0.0, 60.0)]
    found = best(colliding(park(HOURS, battery_1=battery(25.0, 50.0)), free))
    assert found[f"rules.{HOURS}"] == pytest.approx(3.0, rel=1e-4)
    assert found[free[0].path] == pytest.approx(15.0, rel=1e-4) and found[free[1].path] == pytest.approx(80.0, rel=1e-4)


def test_a_rule_that_cannot_move_has_to_go():
    """**Proves**: 20 MW of sun that cannot be curtailed exceed a load of 2 MW, so that power flows back: the rule against it goes, or the load grows."""
    made = tiny_park(grid=grid(export_price=1.0), works=load([1.0] * 4, peak_mw=2.0), solar_1=solar(SUN, 20.0, curtailable=False), battery_1=battery(1.0, 1.0))
    made = replace(made, rules=Rules(enforce=[BACKFEED]))
    moves = colliding(made, [Free("technologies.battery_1.power_mw", 0.0, 1.0)])
    assert f"rules.{BACKFEED}" in best(moves) and "taken out of rules.enforce" in told(moves)


def test_sizing_says_it():
    with pytest.raises(InfeasibleError, match=r"the rule im-two-high.green \(.*\).* at least 0.5 -> 0.25"):
        size(park(GREEN), [SOLAR])
