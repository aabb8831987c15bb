"""A dispatch in windows keeps every row of the hourly program, passes the audit, and costs next to nothing more than the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from gridsim.dispatch.optimum import optimum
from gridsim.dispatch.program import make_program
from gridsim.dispatch.result import Termination
from gridsim.dispatch.rolling_draft import WindowIndex
from gridsim.dispatch.segments import segmented, single_steps
from gridsim.dispatch.sizes import Sizes, find_sizes
from gridsim.dispatch.solve import audited
from gridsim.dispatch.windows import dispatch_windows, guide
from tests.hand_solved.parks import approx, battery, grid, load, solve, tiny_park, wind
from tests.hand_solved.test_program import SIMPLEX, rich_park


def in_windows(park, segments_share, window_steps):
    draft, sizes = find_sizes(park, [])
    parts = segmented(draft, round(segments_share * draft.steps))
    relaxed = make_program(draft, parts, sizes)
    hourly = make_program(draft, single_steps(draft.steps), Sizes.none(), with_order=True)
    columns = dispatch_windows(draft, hourly, guide(relaxed, parts, optimum(relaxed, SIMPLEX), hourly), window_steps=window_steps)
    return audited(draft, WindowIndex(hourly), columns, Termination("windows", 0.0, 0.0)).dispatch, hourly, columns


@pytest.mark.parametrize(("window_steps", "dearer"), [(12, 0.2), (24, 1e-6)])
def test_a_rich_park_in_windows(window_steps, dearer):
    """Proves: rows of all kinds hold across windows (the audit would tell otherwise), and the cost is not below the optimum and little above it.

    Relative to all that is paid and earned; half days, which cut through the day's price and its shifted loads, are dear, whole days are not.
    """
    park = rich_park(export_share_max=0.1)
    found, hourly, columns = in_windows(park, 1.0, window_steps)
    rows = hourly.matrix @ columns
    assert np.all(rows >= hourly.row_lower - 1e-6) and np.all(rows <= hourly.row_upper + 1e-6)
    exact = solve(park)
    turnover = sum(abs(exact.variable_cost(c.name)) for c in exact.draft.components.values() if c.kind != "Store") + sum(exact.demand_charges.values())
    assert -1e-6 * turnover <= found.objective_cny - exact.objective_cny <= dearer * turnover


def test_a_store_is_filled_for_the_next_window():
    """Six hours at 10 CNY/MWh, then six at 100: a window that did not know of the next one would leave the battery empty.

    A battery of 6 MW and 12 MWh moves 12 MWh from 10 to 100 CNY/MWh.
    """
    park = tiny_park(grid=grid([10.0] * 6 + [100.0] * 6), battery_1=battery(6.0, 12.0), works=load([5.0] * 12))
    found, _, _ = in_windows(park, 1.0, 6)
    assert found.objective_cny == approx(5.0 * 6 * 110.0 - 12.0 * 90.0)
    assert found.levels["battery_1.store"][5] == approx(12.0)


def test_a_limit_of_the_horizon_is_shared_out():
    """Proves: exports of at most half of what is available are not all made in the first window, where they earn less."""
    park = tiny_park(
        limits={"export_share_max": 0.5},
        grid=grid(200.0, [10.0] * 6 + [50.0] * 6),
        wind_1=wind([1.0] * 12, 4.0),
        works=load([0.0] * 12),
    )
    found, _, _ = in_windows(park, 1.0, 6)
    assert found.objective_cny == approx(-24.0 * 50.0)


