"""Which limits collide where nothing can be sized, and how far each has to move: parks of four hours.

Sun gives half its capacity in the first two hours. A load of 10 MW needs 40 MWh, of which 10 MW of sun serve 10 MWh: a green share of 0.25.
"""

from __future__ import annotations

import pytest

from gridsim.dispatch.elastic_sizing import ElasticSizing
from gridsim.dispatch.sizes import Free
from gridsim.dispatch.sizing_limits import colliding, furthest_share, outwards, told
from gridsim.errors import InfeasibleError
from gridsim.study.sizing import size
from tests.hand_solved.parks import battery, electrolyser, grid, hydrogen_demand, load, solar, tiny_park

SUN = [0.5, 0.5, 0.0, 0.0]
SOLAR, FLEET = Free("technologies.solar_1.capacity_mw", 0.0, 10.0), Free("technologies.electrolyser_1.capacity_mw", 0.0, 2.0)


def factory(peak_mw=10.0, **fields):
    return load([1.0] * 4, peak_mw=peak_mw, **fields)


def park(share, **more):
    return tiny_park(limits={"green_share_min": share}, grid=grid(), load=factory(), solar_1=solar(SUN), **more)


def found(moves):
    return [{limit.path: pytest.approx(value, rel=1e-5) for limit, value in move.items()} for move in moves]


def test_each_limit_that_would_do_alone():
    """Proves: 40 % of 40 MWh are 16 MWh, which 16 MW of sun give; 10 MW of sun are 40 % of 25 MWh, a load of 6.25 MW."""
    moves = colliding(park(0.4), [SOLAR])
    assert [{limit.path: value for limit, value in move.items()} for move in moves] == found(
        [{limit: value for limit, value in move.items()} for move in moves]
    )
    assert {limit.path: value for move in moves for limit, value in move.items()} == {
        "limits.green_share_min": pytest.approx(0.25, abs=1e-6),
        "technologies.solar_1.capacity_mw": pytest.approx(16.0, rel=1e-6),
        "technologies.load.peak_mw": pytest.approx(6.25, rel=1e-6),
    }


def test_one_limit_stands_alone():
    """Proves: in half of the hours there is no sun, so that 60 % cannot be reached with any solar; only the share itself is named."""
    moves = colliding(park(0.6), [SOLAR])
    assert len(moves) == 1 and told(moves) == "one limit stands in the way:\n      -> limits.green_share_min 0.6 -> 0.25"


def test_a_quota_against_the_electrolyser():
    """Proves: 100 kg/h take 5 MW; with 2 MW there are 40 kg/h, 350,400 kg a year."""
    hydrogen = {"electrolyser_1": electrolyser(2.0, module_mw=2.0), "users": hydrogen_demand(100.0)}
    moves = colliding(tiny_park(grid=grid(), load=factory(), **hydrogen), [FLEET])
    assert {limit.path: value for move in moves for limit, value in move.items()} == {
        "technologies.electrolyser_1.capacity_mw": pytest.approx(5.0, rel=1e-6),
        "technologies.users.annual_kg": pytest.approx(350_400.0, rel=1e-6),
    }


def test_a_quota_of_a_year_against_the_electrolyser():
    """Proves: the same where hydrogen may be delivered at any time, which is a row over all hours instead of a load."""
    hydrogen = {"electrolyser_1": electrolyser(2.0, module_mw=2.0), "users": hydrogen_demand(100.0, flexible_within="year")}
    moves = colliding(tiny_park(grid=grid(), load=factory(), **hydrogen), [FLEET])
    assert {limit.path: value for move in moves for limit, value in move.items()} == {
        "technologies.electrolyser_1.capacity_mw": pytest.approx(5.0, rel=1e-6),
        "technologies.users.annual_kg": pytest.approx(350_400.0, rel=1e-6),
    }


def test_a_connection_and_a_floor():
    """Proves: 10 MW at night come from the grid alone, whose 6 MW have to be 10, or the load 6; a range of solar from 30 MW on has to begin lower.

    30 MW of sun give 30 MWh, and without exports 20 are used: a third is curtailed. With at most 20 % curtailed, x MW may be 25: 20 of 25 MWh.
    """
    moves = colliding(tiny_park(grid=grid(import_limit_mw=6.0), load=factory()), [])
    assert {limit.path: value for move in moves for limit, value in move.items()} == {
        "technologies.grid.import_limit_mw": pytest.approx(10.0),
        "technologies.load.peak_mw": pytest.approx(6.0),
    }
    sunny = tiny_park(limits={"curtailment_rate_max": 0.2}, grid=grid(), load=load([10.0] * 4), solar_1=solar(SUN))
    moves = colliding(sunny, [Free("technologies.solar_1.capacity_mw", 30.0, 50.0)])
    assert {(limit.path, limit.sign): value for move in moves for limit, value in move.items()} == {
        ("limits.curtailment_rate_max", 1.0): pytest.approx(1.0 / 3.0, abs=1e-6),
        ("technologies.solar_1.capacity_mw", -1.0): pytest.approx(25.0),
    }


def test_pairs_where_none_alone_is_enough():
    """Proves: with the quota as it is, the fleet needs 5 MW and the load is 60 MWh, a share of 10 / 60; with 2 MW of fleet, 48 MWh and 19.2 MW of sun."""
    hydrogen = {"electrolyser_1": electrolyser(2.0, module_mw=2.0), "users": hydrogen_demand(100.0)}
    moves = colliding(park(0.4, **hydrogen), [SOLAR, FLEET])
    sun, fleet = "technologies.solar_1.capacity_mw", "technologies.electrolyser_1.capacity_mw"
    pairs = {frozenset(limit.path for limit in move): {limit.path: value for limit, value in move.items()} for move in moves}
    assert pairs[frozenset({sun, "technologies.users.annual_kg"})] == {sun: pytest.approx(19.2), "technologies.users.annual_kg": pytest.approx(350_400.0)}
    assert pairs[frozenset({"limits.green_share_min", fleet})] == {"limits.green_share_min": pytest.approx(10.0 / 60.0), fleet: pytest.approx(5.0)}
    assert "none of them alone is enough" in told(moves) and " and technologies" in told(moves)


def test_the_best_share_where_the_load_depends_on_the_dispatch():
    """Proves: 10 MWh of surplus sun through a battery of 30 % displace 3 of 20 MWh imported, 1 - 17 / 40 = 0.575; in a load that may be left they do more, 0.6.

    Sensitivity: with the share that is asked for, 0.9, the battery seems better; only the second round finds the load.
    """
    store = battery(10.0, 100.0, charge_efficiency=0.3, level_start_share=0.0, level_end="free")
    extra = load([5.0] * 4, unserved_price_cny_per_mwh=1.0)
    both = tiny_park(limits={"green_share_min": 0.9}, grid=grid(), load=load([10.0] * 4), extra=extra, solar_1=solar(SUN, 30.0), battery=store)
    assert furthest_share(both, [], "green_share_min") == pytest.approx(0.6, abs=1e-6)


def test_what_nobody_has_limited():
    """Proves: nothing to tell where it holds as it is, and None where no limit that may move would do: sun that must be used and is not."""
    assert colliding(park(0.2), [SOLAR]) == []
    assert ElasticSizing(park(0.2), [SOLAR], 2).parts.count == 2
    stuck = tiny_park(grid=grid(), load=load([10.0] * 4), sun=solar(SUN, 30.0, curtailable=False), solar_1=solar(SUN))
    assert colliding(stuck, [SOLAR]) is None


def test_sizing_says_it():
    with pytest.raises(InfeasibleError) as caught:
        size(park(0.4), [SOLAR])
    assert str(caught.value) == (
        "no capacities within their bounds serve the park: these limits collide; one of them has to move, at least as far as this:\n"
        "      -> limits.green_share_min 0.4 -> 0.25\n"
        "      -> technologies.solar_1.capacity_mw at most 10 -> 16 MW\n"
        "      -> technologies.load.peak_mw 10 -> 6.25 MW"
    )


@pytest.mark.parametrize(
    ("value", "sign", "shown"), [(0.71384, -1.0, 0.713), (411.2, 1.0, 412.0), (411.2, -1.0, 411.0), (1234.5, 1.0, 1240.0), (0.0, 1.0, 0.0), (16.0, 1.0, 16.0)]
)
def test_what_is_told_is_enough(value, sign, shown):
    assert outwards(value, sign) == shown
