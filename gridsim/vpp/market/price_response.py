r"""How the exchange at a grid connection follows the price of one hour, from re-solves of the kept dispatch.

With :math:`q_t` the net sale (export less import) of the best dispatch, and all other prices held at their forecast,

.. math:: (p_t - p'_t)\,(q_t(p_t) - q_t(p'_t)) \ge 0

holds exactly, because both dispatches are best at their own price: each hour's curve never falls. So where two prices have the same sale, the prices
between need no solve. The curve is that of a linear dispatch with foresight of all other hours; it does not know that several hours may clear off their
forecast at once.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.technologies.grid_connection import GridConnection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park

PRICE = "vpp.day_ahead_price"
"""Name of the profile that holds the price while the park is exposed to it."""
SAME_MW = 1e-6
"""Sales that differ by less are one. [MW]"""


@dataclass(frozen=True, eq=False)
class PriceResponse:
    """Net sale at each price, for some hours."""

    hours: NDArray[np.int64]
    """Snapshots. Shape (H,)."""
    price_cny_per_mwh: NDArray[np.float64]
    """Rising along each row; the forecast is one of them. Shape (H, K). [CNY/MWh]"""
    sale_mw: NDArray[np.float64]
    """Export less import, never falling along a row. Shape (H, K). [MW]"""
    forecast: Dispatch
    """Of the park at the forecast prices."""
    solves: int
    largest_fall_mw: float
    """By how much a sale fell as its price rose, before that was taken out: the noise of the solver. [MW]"""


def exposed(park: Park, connection: str, price_cny_per_mwh: NDArray[np.float64]) -> Park:
    """Return a park that buys and sells at a market's price: imports pay it and the tariff's adders, exports earn it; times of use are gone.

    Where the tariff has no adders, imports and exports have one price, and whole numbers keep them apart: re-solves are then slow.
    """
    name = park.of_type(GridConnection)[connection].tariff
    update: dict[str, Any] = {
        "energy_price_cny_per_mwh": None,
        "energy_price_profile": PRICE,
        "time_of_use": {},
        "export_price_cny_per_mwh": None,
        "export_price_profile": PRICE,
    }
    tariffs = {**park.tariffs, name: park.tariffs[name].model_copy(update=update)}
    return dataclasses.replace(park, tariffs=tariffs, profiles={**park.profiles, PRICE: np.asarray(price_cny_per_mwh, dtype=float)})


def net_sale_mw(dispatch: Dispatch, connection: str) -> NDArray[np.float64]:
    """Export less import. Shape (T,). [MW]"""
    exports, imports = (dispatch.summed(dispatch.draft.having(role, technology=connection)) for role in ("export", "import"))
    return exports - imports


def the_connection(park: Park, connection: str | None = None) -> str:
    """Return the grid connection that sells."""
    known = list(park.of_type(GridConnection))
    if connection is None and len(known) == 1:
        return known[0]
    if connection not in known:
        found = "is left out" if connection is None else f"{connection} is not a grid connection"
        raise DefinitionError(park.name, [Problem("vpp.markets.connection", found, f"name one of {', '.join(known) or 'none: the park has none'}")])
    return connection


def price_response(
    park: Park,
    forecast_cny_per_mwh: NDArray[np.float64],
    levels_cny_per_mwh: Sequence[float],
    *,
    connection: str | None = None,
    hours: NDArray[np.int64] | None = None,
    options: dict[str, Any] | None = None,
) -> PriceResponse:
    """Ask the dispatch what it would sell in each hour at other prices.

    Parameters
    ----------
    park : Park
        Its tariff's energy price gives way to the market's.
    forecast_cny_per_mwh : array, shape (T,)
        Expected day-ahead price. [CNY/MWh]
    levels_cny_per_mwh : sequence of float
        Prices to try in every hour, beside the forecast. [CNY/MWh]
    connection : str, optional
        Grid connection that sells; left out, the only one.
    hours : array of int, shape (H,), optional
        Snapshots to make curves for, such as tomorrow's; left out, all.
    options : dict, optional
        HiGHS options.
    """
    from gridsim.dispatch.solve import KeptDispatch

    name, forecast = the_connection(park, connection), np.asarray(forecast_cny_per_mwh, dtype=float)
    kept = KeptDispatch(exposed(park, name, forecast), options=options, with_network=False)
    at_forecast = kept.solve().dispatch
    chosen = np.arange(park.time.steps) if hours is None else np.asarray(hours)
    levels = np.unique(np.asarray(levels_cny_per_mwh, dtype=float))
    prices = np.sort(np.column_stack([np.broadcast_to(levels, (chosen.size, levels.size)), forecast[chosen]]), axis=1)
    sales = np.full(prices.shape, np.nan)
    solves = 1

    def solve_at(row: int, place: int) -> None:
        nonlocal solves
        if not np.isnan(sales[row, place]):
            return
        changed = forecast.copy()
        changed[chosen[row]] = prices[row, place]
        kept.change(exposed(park, name, changed))
        sales[row, place] = net_sale_mw(kept.solve().dispatch, name)[chosen[row]]
        solves += 1

    at_once = net_sale_mw(at_forecast, name)[chosen]
    for row in range(chosen.size):
        known = np.flatnonzero(prices[row] == forecast[chosen[row]])
        sales[row, known] = at_once[row]
        open_ends = [(0, int(known[0])), (int(known[-1]), prices.shape[1] - 1)]
        while open_ends:
            low, high = open_ends.pop()
            solve_at(row, low)
            solve_at(row, high)
            if high - low < 2:
                continue
            if sales[row, high] - sales[row, low] <= SAME_MW:
                sales[row, low + 1 : high] = sales[row, low]
            else:
                middle = (low + high) // 2
                open_ends += [(low, middle), (middle, high)]
    rising = np.maximum.accumulate(sales, axis=1)
    return PriceResponse(chosen, prices, rising, at_forecast, solves, float((rising - sales).max()))
