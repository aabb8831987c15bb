"""A signal split over assets: merit, proportion, one level, ledger, mixtures, minimum loads and blocks, solved by hand and a second way."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from gridsim.errors import DefinitionError
from gridsim.vpp.setpoints.assets import Assets
from gridsim.vpp.setpoints.choice import MOST_RANGES
from gridsim.vpp.setpoints.fill import Ranking, in_proportion, merit, to_one_level
from gridsim.vpp.setpoints.ledger import Ledger
from gridsim.vpp.setpoints.section import SetPointsSection
from gridsim.vpp.setpoints.split import split

PROPORTIONAL = SetPointsSection(fairness_share=1.0)
MAX_MIN = SetPointsSection(fairness_share=1.0, fair_rule="max_min")
LEDGER = SetPointsSection(fairness_share=1.0, fair_rule="ledger")


def table(**columns) -> Assets:
    """Three assets, 4, 10 and 6 MW up, 2, 5 and 8 MW down, at 100, 50 and 200 CNY/MWh."""
    return Assets.of(["a", "b", "c"], **{"low_mw": [-2, -5, -8], "high_mw": [4, 10, 6], "cost_cny_per_mwh": [100, 50, 200], **columns})


def test_by_merit_the_cheapest_is_filled_first():
    """Proves: up b, a, c; down the one that saves most first: c, a, b. Breaks as: costs not turned for changes down."""
    found = split([12.0, -9.0], table())
    assert found.change_mw.tolist() == [[2.0, 10.0, 0.0], [-1.0, 0.0, -8.0]]
    assert found.shortfall_mw.tolist() == [0.0, 0.0]
    assert found.cost_cny_per_hour == pytest.approx([2 * 100 + 10 * 50, -1 * 100 - 8 * 200], abs=1e-12)


def test_equal_costs_share_in_proportion_to_their_rooms():
    """Proves: 7 MW of a and b (4 and 10 MW) at one cost are 2 and 5, in whatever order they stand."""
    assert split(7.0, table(cost_cny_per_mwh=[50, 50, 200])).change_mw.tolist() == [[2.0, 5.0, 0.0]]


def test_in_proportion_each_gives_the_same_share_of_its_room():
    """Proves: 10 of 20 MW up is half of 4, 10, 6; 3 of 15 MW down is a fifth of 2, 5, 8."""
    found = split([10.0, -3.0], table(), PROPORTIONAL).change_mw
    assert found[0].tolist() == [2.0, 5.0, 3.0]
    assert found[1] == pytest.approx([-0.4, -1.0, -1.6], abs=1e-15)


def test_max_min_fills_all_to_one_level():
    """Proves: 9 MW are 3 each; 15 MW leave a at its 4 and 5.5 for the others; 18 MW leave a at 4, c at 6 and 8 for b."""
    found = split([9.0, 15.0, 18.0], table(), MAX_MIN).change_mw
    assert found.tolist() == [[3.0, 3.0, 3.0], [4.0, 5.5, 5.5], [4.0, 8.0, 6.0]]


def test_a_plan_is_where_changes_begin():
    """Proves: rooms are what is left from where an asset stands; set-points are plan and change."""
    found = split([5.0, -4.0], table(now_mw=[3, 8, -6]))
    assert found.change_mw.tolist() == [[1.0, 2.0, 2.0], [-2.0, 0.0, -2.0]]
    assert found.set_point_mw.tolist() == [[4.0, 10.0, -4.0], [1.0, 8.0, -8.0]]


def test_two_costs_of_one_asset():
    """Proves: what a MWh less costs need not be what a MWh more saves, as with wear or a lost subsidy."""
    found = split([-3.0], table(cost_down_cny_per_mwh=[10, 30, 20]))
    assert found.change_mw.tolist() == [[-2.0, 0.0, -1.0]]
    assert found.cost_cny_per_hour == pytest.approx([2 * 10 + 20])


def test_what_is_beyond_all_is_said():
    """Proves: 20 MW up and 15 MW down are all there is; the rest is the shortfall, with the sign of the signal."""
    for section in (None, PROPORTIONAL, MAX_MIN):
        found = split([26.5, -19.25], table(), section)
        assert found.change_mw.tolist() == [[4.0, 10.0, 6.0], [-2.0, -5.0, -8.0]]
        assert found.shortfall_mw.tolist() == [6.5, -4.25]


def test_ten_tenths_are_one():
    """Proves: ten equal shares of 1 MW add up to 1 MW in any order, which ten times 0.1 does not."""
    ten = Assets.of([f"a{number}" for number in range(10)], -1.0, 1.0, 10.0)
    found = split(1.0, ten, PROPORTIONAL)
    forth, back = (sum(changes) for changes in (found.change_mw[0].tolist(), found.change_mw[0, ::-1].tolist()))
    assert sum([0.1] * 10) != 1.0
    assert forth == back == 1.0 and found.shortfall_mw[0] == 0.0
    assert sum(map(Fraction, found.change_mw[0].tolist())) == 1


def test_a_mixture_is_that_much_of_each():
    """Proves: a quarter of proportion (2, 5, 3) and three quarters of merit (0, 10, 0) for 10 MW."""
    found = split(10.0, table(), SetPointsSection(fairness_share=0.25))
    assert found.change_mw[0] == pytest.approx([0.5, 8.75, 0.75], abs=1e-15)


def test_the_ledger_evens_out_over_time():
    """Proves, by hand: weights 10 and 20 MW, room 10 MW each, an hour a step. First 9 MW: 3 and 6 (0.3 h each). Then only y can, 6 MW: 12 MWh, 0.6 h. Then 9
    MW: x alone up to 0.6 h takes 3, the other 6 split 2 and 4. In the end 8 and 16 MWh: 0.8 h each. Breaks as: 3, 6 each time without a memory.
    """
    both = Assets.of(["x", "y"], -10.0, 10.0, 10.0)
    only_y = Assets.of(["x", "y"], [0.0, -10.0], [0.0, 10.0], 10.0)
    ledger = Ledger.opened(both, 1.0, {"x": 10.0, "y": 20.0})
    shares = []
    for signal, assets in ((9.0, both), (-6.0, only_y), (9.0, both)):
        found = split(signal, assets, LEDGER, ledger).change_mw[0]
        ledger = ledger.after(assets, found)
        shares.append(found.tolist())
    assert np.array(shares) == pytest.approx(np.array([[3.0, 6.0], [0.0, -6.0], [5.0, 4.0]]), abs=1e-12)
    assert ledger.given_mwh == pytest.approx([8.0, 16.0], abs=1e-12)
    assert ledger.participation_hours == pytest.approx([0.8, 0.8], abs=1e-12)


def test_the_ledger_is_of_owners_and_shares_within_one_in_proportion():
    """Proves: one with two assets of 4 and 12 MW and one with a single one of 16 MW give 4 each; of the first, 1 and 3."""
    assets = Assets.of(["a", "b", "c"], 0.0, [4.0, 12.0, 16.0], 10.0, owner=["one", "one", "two"])
    assert split(8.0, assets, LEDGER, Ledger.opened(assets, 0.25)).change_mw[0] == pytest.approx([1.0, 3.0, 4.0], abs=1e-12)


def test_who_cannot_reach_the_level_gives_all_he_can():
    """Proves: of 22 MW, x with weight 10 but room for 2 gives 2, y and z with weights 20 and 30 the other 8 and 12."""
    assets = Assets.of(["x", "y", "z"], 0.0, [2.0, 10.0, 20.0], 10.0)
    ledger = Ledger.opened(assets, 1.0, {"x": 10.0, "y": 20.0, "z": 30.0})
    assert split(22.0, assets, LEDGER, ledger).change_mw[0] == pytest.approx([2.0, 8.0, 12.0], abs=1e-12)


def test_a_step_of_half_an_hour_counts_half():
    """Proves: x gave 1 MWh before; of 9 MW over half an hour, (1 + x/2)/10 = (y/2)/20 gives x 5/3 and y 22/3."""
    assets = Assets.of(["x", "y"], 0.0, 10.0, 10.0)
    ledger = Ledger.opened(assets, 0.5, {"x": 10.0, "y": 20.0}).after(assets, np.array([2.0, 0.0]))
    found = split(9.0, assets, LEDGER, ledger).change_mw[0]
    assert found == pytest.approx([5 / 3, 22 / 3], abs=1e-12)
    assert np.ptp(ledger.after(assets, found).participation_hours) < 1e-12


def test_the_rules_themselves_leave_nothing_but_rounding():
    """Proves: what is made exact afterwards is rounding, no mistake of a rule: random rooms, weights and grounds, amounts up to more than all."""
    generator = np.random.default_rng(4)
    room, weight, ground = generator.uniform(0, 9, (1, 30)), generator.uniform(0.1, 5, 30), generator.uniform(0, 3, 30)
    amount = np.append(generator.uniform(0.0, room.sum(), 50), [0.0, room.sum(), 2.0 * room.sum()])
    ranking = Ranking.of(generator.integers(0, 9, 30).astype(float))
    for filled in (merit(amount, room, ranking), in_proportion(amount, room), to_one_level(amount, room, weight, ground)):
        assert filled.sum(axis=1) == pytest.approx(np.minimum(amount, room.sum()), abs=1e-11)
        assert (filled >= 0).all() and (filled <= room + 1e-12).all()


def test_over_many_steps_participation_comes_together():
    """Proves: three owners of very unequal costs and rooms end within one step of each other by the ledger; by merit they do not."""
    generator = np.random.default_rng(7)
    ledger = by_merit = Ledger.opened(table(), 0.25, {"a": 5.0, "b": 5.0, "c": 5.0})
    for signal in generator.uniform(-5.0, 9.0, 200):
        ledger = ledger.after(table(), split(signal, table(), LEDGER, ledger).change_mw[0])
        by_merit = by_merit.after(table(), split(signal, table()).change_mw[0])
    assert np.ptp(ledger.participation_hours) < 10.0 * 0.25 / 5.0
    assert np.ptp(by_merit.participation_hours) > 10.0


def electrolyser_and_battery(battery_low: float, battery_high: float = 5.0, cost: float = 20.0) -> Assets:
    """A module that is off, or draws 4 to 20 MW and pays 300 CNY/MWh, and a battery."""
    return Assets.of(
        ["module", "battery"], [-20.0, battery_low], [0.0, battery_high], [300.0, cost], least_draw_mw=[4.0, 0.0], cost_down_cny_per_mwh=[-300.0, cost]
    )


@pytest.mark.parametrize(
    ("signal", "battery_low", "expected", "shortfall"),
    [
        (-2.0, -10.0, [0.0, -2.0], 0.0),  # below the minimum load: the battery alone
        (-6.0, -10.0, [-6.0, 0.0], 0.0),  # above it: the module pays
        (-2.0, -1.0, [-4.0, 2.0], 0.0),  # the battery cannot: the module starts, and the battery gives back what is too much
        (-21.0, -10.0, [-20.0, -1.0], 0.0),
        (-32.0, -10.0, [-20.0, -10.0], -2.0),
    ],
)
def test_a_minimum_load_is_never_cut(signal, battery_low, expected, shortfall):
    """Proves: nothing between 0 and 4 MW; nobody moves against the signal unless the rest would be lost."""
    found = split(signal, electrolyser_and_battery(battery_low))
    assert found.change_mw[0] == pytest.approx(expected, abs=1e-12)
    assert found.shortfall_mw[0] == shortfall


def test_a_gap_that_nobody_fills_goes_to_the_nearer_end():
    """Proves: alone, a module of 4 MW at least answers 1 and 2 MW with nothing (of two equally near the smaller) and 3 MW with 4; all of it is said."""
    found = split([-1.0, -2.0, -3.0], Assets.of(["module"], -20.0, 0.0, 300.0, least_draw_mw=4.0))
    assert found.change_mw[:, 0].tolist() == [0.0, 0.0, -4.0]
    assert found.shortfall_mw.tolist() == [-1.0, -2.0, 1.0]


def test_a_running_module_goes_down_to_its_minimum_or_stops():
    """Proves: from 10 MW, 6 MW up leave 4; 8 MW up stop it or leave 4, the battery takes the difference along the signal only."""
    assets = Assets.of(["module", "battery"], [-20.0, -10.0], [0.0, 5.0], [50.0, 100.0], now_mw=[-10.0, 0.0], least_draw_mw=[4.0, 0.0])
    found = split([6.0, 8.0, 10.0, 13.0], assets)
    assert found.change_mw == pytest.approx(np.array([[6.0, 0.0], [6.0, 2.0], [10.0, 0.0], [10.0, 3.0]]), abs=1e-12)
    assert found.set_point_mw[:, 0].tolist() == [-4.0, -4.0, 0.0, 0.0]


def test_compressor_and_expander_each_have_a_minimum():
    """Proves: a plant that rests may draw from 3 or supply from 2 MW."""
    plant = Assets.of(["plant"], -10.0, 8.0, 100.0, least_draw_mw=3.0, least_supply_mw=2.0)
    assert split([-3.5, -2.0, 0.9, 1.5, 7.0], plant).change_mw[:, 0].tolist() == [-3.5, -3.0, 0.0, 2.0, 7.0]


def test_blocks_are_whole_and_the_battery_takes_the_rest():
    """Proves: blocks of 5 MW at 10 CNY, a battery of 4 MW at 100: 12 MW are two blocks and 2; 14.5 MW three blocks less half a MW only where the battery
    cannot take 4.5.
    """
    assets = Assets.of(["load", "battery"], [0.0, -4.0], [15.0, 4.0], [10.0, 100.0], block_mw=[5.0, 0.0])
    found = split([12.0, 14.5, 20.0], assets)
    assert found.change_mw.tolist() == [[10.0, 2.0], [15.0, -0.5], [15.0, 4.0]]
    assert found.shortfall_mw.tolist() == [0.0, 0.0, 1.0]


def test_blocks_of_two_sizes_meet_what_one_alone_would_miss():
    """Proves: 9 MW of blocks of 5 (cheap) and 3 are three of 3, not one of 5 and one of 3 with 1 MW lost."""
    assets = Assets.of(["fives", "threes"], 0.0, [10.0, 9.0], [10.0, 20.0], block_mw=[5.0, 3.0])
    found = split([9.0, 11.0, 4.0], assets)
    assert found.change_mw.tolist() == [[0.0, 9.0], [5.0, 6.0], [0.0, 3.0]]
    assert found.shortfall_mw.tolist() == [0.0, 0.0, 1.0]


def least_shortfall(assets: Assets, signal: float) -> float:
    """Try every combination of pieces."""
    free = [at for at in range(assets.count) if at not in assets.pieces]
    least = math.inf
    for chosen in itertools.product(*assets.pieces.values()):
        low = sum(low for low, _ in chosen) - assets.room_down_mw[free].sum()
        high = sum(high for _, high in chosen) + assets.room_up_mw[free].sum()
        least = min(least, max(low - signal, signal - high, 0.0))
    return least


@pytest.mark.parametrize("section", [None, PROPORTIONAL, MAX_MIN])
def test_no_smaller_shortfall_exists(section):
    """Proves: against every combination of pieces, on random tables of minimum loads and blocks with and without an asset that moves freely; every asset
    stands in one of its pieces.
    """
    generator = np.random.default_rng(3)
    for _ in range(12):
        count, free = 5, generator.integers(0, 2)
        least, block = np.zeros(count + free), np.zeros(count + free)
        least[:3], block[3:5] = generator.uniform(1, 6, 3), generator.uniform(1, 4, 2)
        low = -np.append(generator.uniform(6, 12, count), np.full(free, 0.7))
        high = np.append(generator.uniform(0, 9, count), np.full(free, 0.4))
        now = np.zeros(count + free)
        now[0], now[3] = -least[0] * 1.2 if least[0] * 1.2 < -low[0] else 0.0, 0.4
        assets = Assets.of(
            [f"a{at}" for at in range(count + free)],
            low,
            np.maximum(high, now),
            generator.uniform(0, 100, count + free),
            now_mw=now,
            least_draw_mw=least,
            block_mw=block,
        )
        signals = generator.uniform(-60.0, 30.0, 15)
        found = split(signals, assets, section)
        assert np.abs(found.shortfall_mw) == pytest.approx([least_shortfall(assets, signal) for signal in signals], abs=1e-11)
        for at, pieces in assets.pieces.items():
            apart = [np.maximum(a - found.change_mw[:, at], found.change_mw[:, at] - b) for a, b in pieces]
            assert np.min(apart, axis=0).max() < 1e-11


def test_by_merit_no_combination_along_the_signal_is_cheaper():
    """Proves: where all combinations are tried, a second way (each combination filled one MWh after the other, the cheapest first) finds none cheaper."""
    generator = np.random.default_rng(5)
    assets = Assets.of(
        list("abcde"), 0.0, [9.0, 8.0, 6.0, 9.0, 2.5], [60.0, 40.0, 50.0, 20.0, 90.0], least_supply_mw=[3.0, 5.0, 0, 0, 0], block_mw=[0, 0, 2.0, 4.5, 0]
    )
    for signal in generator.uniform(0.0, 30.0, 60):
        found = split(signal, assets)
        if found.shortfall_mw[0] > 1e-9:
            continue
        cheapest = math.inf
        for chosen in itertools.product(*assets.pieces.values()):
            bounds = [*chosen, (0.0, 2.5)]
            rest, cost = signal - sum(low for low, _ in bounds), sum(low * price for (low, _), price in zip(bounds, assets.cost_up_cny_per_mwh, strict=True))
            for (low, high), price in sorted(zip(bounds, assets.cost_up_cny_per_mwh, strict=True), key=lambda one: one[1]):
                given = min(max(rest, 0.0), high - low)
                rest, cost = rest - given, cost + given * price
            if abs(rest) < 1e-9:
                cheapest = min(cheapest, cost)
        assert found.cost_cny_per_hour[0] == pytest.approx(cheapest, abs=1e-6)


def test_many_blocks_of_odd_sizes_come_close():
    """Proves: of 59049 sums of blocks some thousands are kept, and none of ten assets costs more than a cell of what the nearest sum would leave."""
    generator = np.random.default_rng(11)
    sizes = generator.uniform(1.0, 3.0, 10)
    assets = Assets.of([f"a{at}" for at in range(10)], 0.0, 2.001 * sizes, generator.uniform(0, 9, 10), block_mw=sizes)
    sums = np.zeros(1)
    for size in sizes:
        sums = (sums[:, None] + size * np.arange(3)).ravel()
    signals = generator.uniform(0.0, 1.1 * sums.max(), 50)
    found = np.abs(split(signals, assets, PROPORTIONAL).shortfall_mw)
    least = np.abs(sums[:, None] - signals).min(axis=0)
    assert len(assets.room.reach[-1]) <= MOST_RANGES + 1
    assert (found >= least - 1e-12).all() and (found <= least + 10 * sums.max() / MOST_RANGES).all()


def test_all_problems_of_a_table_at_once():
    with pytest.raises(DefinitionError) as refused:
        Assets.of(["a", "a", "b", "c"], [0, 0, -9, 0], [5, 5, 0, np.inf], 10.0, now_mw=[6, 0, -2, 0], least_draw_mw=[0, 0, 4, 0], block_mw=[0, 0, 3, -1])
    wheres = [problem.where for problem in refused.value.problems]
    assert wheres == ["assets.a", "assets.a.now_mw", "assets.b.now_mw", "assets.b.block_mw", "assets.c.high_mw", "assets.c.block_mw"]
    assert all(problem.found and problem.remedy for problem in refused.value.problems)


def test_a_signal_that_is_none():
    with pytest.raises(DefinitionError, match="finite MW"):
        split([1.0, np.nan], table())
    with pytest.raises(DefinitionError, match="needs a ledger"):
        split(1.0, table(), LEDGER)
    with pytest.raises(DefinitionError, match="owns none of the assets"):
        Ledger.opened(table(), 1.0, {"nobody": 3.0})
    with pytest.raises(DefinitionError, match="does not stand in the ledger"):
        Ledger.opened(Assets.of(["z"], 0.0, 1.0, 1.0), 1.0).after(table(), np.zeros(3))
