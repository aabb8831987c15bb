"""Survival against a plain simulation of one start at a time, and against what perfect foresight could reach at most."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest
from scipy.optimize import linprog

from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.islanding.island import Heat, Island, IslandStore
from gridsim.vpp.islanding.section import IslandingSection
from gridsim.vpp.islanding.survive import survive

STEPS = 240


def made_up(seed, stores=("battery", "other", "air", "unit"), minimum_loads=True):
    """An island of ten days with wind that comes and goes."""
    rng = np.random.default_rng(seed)
    wind = np.clip(np.convolve(rng.normal(0.0, 60.0, STEPS + 30), np.ones(12) / 12, "same")[:STEPS] + 25.0, 0.0, 90.0)
    scale = 1.0 if minimum_loads else 0.0

    def level(energy):
        return rng.uniform(0.1, 1.0, STEPS) * energy

    heat = Heat(0.82, 1 / 0.855, 0.002, 150.0, level(120.0))
    known = {
        "battery": IslandStore("battery", 25.0, 25.0, 0.93, 0.92, 8.0, 80.0, level(80.0), 4e-5, holds_above_mwh=4.0),
        "other": IslandStore("other", 10.0, 15.0, 0.9, 0.95, 0.0, 30.0, level(30.0), 0.01),
        "air": IslandStore("air", 20.0, 25.0, 0.82 * 0.855, 1.0, 0.0, 120.0, level(120.0), 0.0, 12.0 * scale, 8.0 * scale, heat),
        "unit": IslandStore("unit", 0.0, 3.0, 1.0, 1.0, 0.0, np.inf, np.full(STEPS, np.inf)),
    }
    chosen = tuple(known[name] for name in stores)
    demand = {"critical": rng.uniform(15.0, 30.0, STEPS), "second": rng.uniform(0.0, 20.0, STEPS), "rest": rng.uniform(5.0, 20.0, STEPS)}
    axis = TimeAxis(datetime.datetime(2030, 1, 1), STEPS)
    return Island("island", axis, wind, demand, chosen, tuple(range(len(chosen)))[::-1], 12.0)


def by_hand(island, settings, start):
    """The documented rule in plain numbers: hours served, and unserved energy of each tier in each of them."""
    level = [float(s.start_mwh[start]) for s in island.stores]
    heat = [None if s.heat is None else float(s.heat.start_mwh[start]) for s in island.stores]
    unserved, save = [], settings.policy == "save_for_critical"
    for hour in range(int(settings.horizon_hours)):
        at = start + hour
        if at >= STEPS:
            if settings.year_end == "truncate":
                return hour, unserved
            at -= STEPS
        for n, s in enumerate(island.stores):
            level[n] *= 1 - s.standing_loss_share_per_hour
            if s.heat:
                heat[n] *= 1 - s.heat.standing_loss_share_per_hour
        if not any(s.holds_above_mwh is not None and level[n] >= s.holds_above_mwh for n, s in enumerate(island.stores)):
            return hour, unserved
        wind = float(island.renewable_mw[at])
        asked = [float(tier[at]) for tier in island.demand_mw.values()]
        lack, left = list(asked), wind
        for tier in range(1 if save else len(asked)):
            used = min(left, lack[tier])
            left, lack[tier] = left - used, lack[tier] - used

        def can_give(n, floor):
            s = island.stores[n]
            limit = min(s.discharge_mw, max(level[n] - floor, 0.0) * s.discharge_efficiency)
            return limit if s.heat is None else min(limit, heat[n] / s.heat.drawn_per_discharged)

        def can_take(n):
            s = island.stores[n]
            return 0.0 if s.charge_mw == 0 else min(s.charge_mw, (s.level_max_mwh - level[n]) / s.charge_efficiency)

        out = [0.0] * len(level)
        open_critical, open_others = lack[0], 0.0 if save else sum(lack[1:])
        for n, s in enumerate(island.stores):
            out[n] = min(open_critical, can_give(n, s.level_min_mwh))
            open_critical -= out[n]
        for n, s in enumerate(island.stores):
            floor = s.level_min_mwh
            if np.isfinite(s.level_max_mwh):
                floor += settings.reserve_share * (s.level_max_mwh - s.level_min_mwh)
            more = min(open_others, max(can_give(n, floor) - out[n], 0.0))
            out[n], open_others = out[n] + more, open_others - more
        wanted, too_much = sum(out), 0.0
        for n, s in enumerate(island.stores):
            if 0 < out[n] < s.discharge_min_mw:
                extra = s.discharge_min_mw - out[n]
                free = [m for m, other in enumerate(island.stores) if other.discharge_min_mw == 0]
                gives_way = sum(out[m] for m in free)
                if can_give(n, s.level_min_mwh) >= s.discharge_min_mw and extra <= max(gives_way, gives_way + sum(can_take(m) for m in free) + wind):
                    out[n] = s.discharge_min_mw
                    for m in free:
                        less = min(extra, out[m])
                        out[m], extra = out[m] - less, extra - less
                    too_much += extra
                else:
                    wanted, out[n] = wanted - out[n], 0.0
        if lack[0] - wanted > 1e-9:
            return hour, unserved
        for tier in range(1 if save else len(asked)):
            used = min(wanted, lack[tier])
            wanted, lack[tier] = wanted - used, lack[tier] - used
        for n, s in enumerate(island.stores):
            level[n] -= out[n] / s.discharge_efficiency
            if s.heat:
                heat[n] -= out[n] * s.heat.drawn_per_discharged
        left += too_much
        for n in island.charge_order:
            s = island.stores[n]
            taken = 0.0 if out[n] > 0 else min(left, can_take(n))
            taken = 0.0 if taken < s.charge_min_mw else taken
            left, level[n] = left - taken, level[n] + taken * s.charge_efficiency
            if s.heat:
                heat[n] = min(heat[n] + taken * s.heat.stored_per_charged, s.heat.level_max_mwh)
        if save:
            for tier in range(1, len(asked)):
                used = min(left, lack[tier])
                left, lack[tier] = left - used, lack[tier] - used
        unserved.append([max(amount, 0.0) for amount in lack])
    return int(settings.horizon_hours), unserved


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("policy", "reserve"), [("save_for_critical", 0.0), ("serve_all", 0.0), ("serve_all", 0.4)])
def test_all_starts_at_once_are_each_start_alone(seed, policy, reserve):
    """Proves: hours and unserved energy of every start equal the plain simulation's, with losses, heat, minimum loads, fuel and the year's end."""
    island = made_up(seed)
    for year_end in ("wrap", "truncate"):
        settings = IslandingSection(policy=policy, reserve_share=reserve, year_end=year_end, horizon_hours=60.0, durations_hours=[5.0, 30.0])
        found = survive(island, settings)
        for start in range(0, STEPS, 7):
            hours, unserved = by_hand(island, settings, start)
            assert found.hours[start] == hours, start
            if start + 5 <= STEPS and hours >= 5:
                served = np.sum(unserved[:5], axis=0)
                assert [found.unserved_mwh[tier][0, start] for tier in island.demand_mw] == pytest.approx(served, abs=1e-7)
            if hours < 30 and start + 30 <= STEPS:
                after = (start + hours + np.arange(30 - hours)) % STEPS
                for number, (tier, power) in enumerate(island.demand_mw.items()):
                    expected = sum(row[number] for row in unserved) + power[after].sum()
                    assert found.unserved_mwh[tier][1, start] == pytest.approx(expected, abs=1e-7)
        assert 0 < found.hours.min() + found.hours.max()
        assert len(set(found.hours.tolist())) > 5


def most_served(island, start, hours, *, all_of_it):
    """Perfect foresight: the most critical energy that ``hours`` can be given; with ``all_of_it`` None where not all can. A relaxation of the rule's limits."""
    stores, at = island.stores, (start + np.arange(hours)) % STEPS
    demand, wind = island.demand_mw["critical"][at], island.renewable_mw[at]
    width = 4 * len(stores) + 1  # charge, discharge, level, heat of each; served
    rows, right, equal, equal_right = [], [], [], []
    bounds = []
    for hour in range(hours):
        for s in stores:
            top = None if np.isinf(s.level_max_mwh) else s.level_max_mwh
            bounds += [(0, s.charge_mw), (0, s.discharge_mw), (s.level_min_mwh if top else 0, top), (0, s.heat.level_max_mwh if s.heat else None)]
        bounds.append((demand[hour] if all_of_it else 0, demand[hour]))
        row = np.zeros(hours * width)
        row[hour * width + width - 1] = 1.0
        for n in range(len(stores)):
            row[hour * width + 4 * n], row[hour * width + 4 * n + 1] = 1.0, -1.0
        rows.append(row)
        right.append(wind[hour])
        for n, s in enumerate(stores):
            first = hour * width + 4 * n
            if not np.isinf(s.level_max_mwh):
                row = np.zeros(hours * width)
                kept = 1 - s.standing_loss_share_per_hour
                row[first + 2], row[first], row[first + 1] = 1.0, -s.charge_efficiency, 1 / s.discharge_efficiency
                begin = 0.0 if hour else kept * s.start_mwh[start]
                if hour:
                    row[first - width + 2] = -kept
                rows.append(row)  # a level may be let go, as the rule curtails
                right.append(begin)
            if s.heat:
                row = np.zeros(hours * width)
                kept = 1 - s.heat.standing_loss_share_per_hour
                row[first + 3], row[first], row[first + 1] = 1.0, -s.heat.stored_per_charged, s.heat.drawn_per_discharged
                if hour:
                    row[first - width + 3] = -kept
                rows.append(row)
                right.append(0.0 if hour else kept * s.heat.start_mwh[start])
    cost = np.zeros(hours * width)
    cost[width - 1 :: width] = -1.0
    answer = linprog(cost, A_ub=np.array(rows), b_ub=right, A_eq=equal or None, b_eq=equal_right or None, bounds=bounds, method="highs")
    return -answer.fun if answer.status == 0 else None


def longest(island, start, horizon):
    """Most hours that all critical load can be served, by bisection: fewer hours are never harder."""
    low, high = 0, horizon
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if most_served(island, start, middle, all_of_it=True) is not None else (low, middle - 1)
    return low


@pytest.mark.parametrize("policy", ["save_for_critical", "serve_all"])
def test_foresight_lasts_at_least_as_long(policy):
    """Proves: no rule beats the optimum with perfect foresight, in hours and in critical energy within a day."""
    island = made_up(1, ("battery", "other", "air"))
    settings = IslandingSection(policy=policy, horizon_hours=36.0, durations_hours=[24.0])
    found = survive(island, settings)
    starts = [0, 37, 81, 120, 201]
    best = [longest(island, start, 36) for start in starts]
    assert all(found.hours[start] <= hours for start, hours in zip(starts, best, strict=True))
    assert max(best) > 3
    for start in starts[:3]:
        at = (start + np.arange(24)) % STEPS
        served = island.demand_mw["critical"][at].sum() - found.unserved_mwh["critical"][0, start]
        assert served <= most_served(island, start, 24, all_of_it=False) + 1e-6


def test_with_one_store_the_rule_is_the_optimum():
    """Proves: charging at once and discharging at need keeps the level as high as can be, so foresight gains nothing with one store that loses little."""
    island = made_up(3, ("battery",))
    settings = IslandingSection(horizon_hours=36.0, durations_hours=[1.0])
    found = survive(island, settings)
    starts = range(5, STEPS, 29)
    lasted = [int(found.hours[start]) for start in starts]
    assert lasted == [longest(island, start, 36) for start in starts]
    assert len(set(lasted)) > 3


@pytest.mark.parametrize("seed", range(5))
def test_more_of_anything_never_shortens(seed):
    """Proves: more wind, a fuller battery, less load or saving for the critical tier never end an island sooner (one battery, no minimum loads)."""
    island, settings = made_up(seed, ("battery",)), IslandingSection(horizon_hours=100.0)
    base = survive(island, settings).hours
    store = island.stores[0]
    fuller = dataclasses.replace(store, start_mwh=np.minimum(store.start_mwh * 1.3, store.level_max_mwh))
    assert np.all(survive(dataclasses.replace(island, stores=(fuller,)), settings).hours >= base)
    assert np.all(survive(dataclasses.replace(island, renewable_mw=island.renewable_mw * 1.1), settings).hours >= base)
    less = {**island.demand_mw, "critical": island.demand_mw["critical"] * 0.9}
    assert np.all(survive(dataclasses.replace(island, demand_mw=less), settings).hours >= base)
    assert np.all(survive(island, IslandingSection(policy="serve_all", horizon_hours=100.0)).hours <= base)
