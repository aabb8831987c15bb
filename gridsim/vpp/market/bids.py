"""Price-quantity steps for a day-ahead market: made from a price response, cut to the market's form, cleared against its price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.market.market import Market
    from gridsim.vpp.market.price_response import PriceResponse


@dataclass(frozen=True, eq=False)
class Bids:
    """Steps of each hour: from its price on, a step sells its quantity; the first is sold at any price."""

    hours: NDArray[np.int64]
    """Snapshots. Shape (H,)."""
    price_cny_per_mwh: NDArray[np.float64]
    """Rising along each row. Shape (H, K). [CNY/MWh]"""
    sale_mw: NDArray[np.float64]
    """Net sale, export positive, never falling along a row. Shape (H, K). [MW]"""
    is_step: NDArray[np.bool_]
    """Where a step begins; the other columns repeat the step before. Shape (H, K)."""
    large_enough: NDArray[np.bool_]
    """Hours in which the bid reaches the market's smallest offer. Shape (H,)."""

    def steps(self, row: int) -> list[tuple[float, float]]:
        """Return one hour's steps as (price, net sale). [CNY/MWh, MW]"""
        chosen = self.is_step[row]
        return list(zip(self.price_cny_per_mwh[row, chosen].tolist(), self.sale_mw[row, chosen].tolist(), strict=True))

    def cleared_mw(self, price_cny_per_mwh: NDArray[np.float64]) -> NDArray[np.float64]:
        """Net sale that clears at each hour's price. Shape (H,). [MW]"""
        place = (self.price_cny_per_mwh <= np.asarray(price_cny_per_mwh, dtype=float)[:, None]).sum(axis=1) - 1
        return self.sale_mw[np.arange(self.hours.size), np.maximum(place, 0)]


def make_bids(response: PriceResponse, market: Market) -> Bids:
    """Turn a price response into bids of a market: within its price limits, with no step below its smallest, and no more steps than it takes.

    Steps that are too small wait until the price at which they are large enough together with the next; a last one that stays too small is left out. Of
    too many steps the smallest go first. What is cut is sold at a higher price or not at all, never at a lower one.
    """
    floor, cap = market.stated("price_floor"), market.stated("price_cap")
    price, sale = response.price_cny_per_mwh, response.sale_mw
    low, high = -np.inf if floor is None else floor, np.inf if cap is None else cap
    inside = (price >= low) & (price <= high)
    inside[:, 0] = True  # sold at any price
    mark = inside & np.concatenate([np.ones((len(sale), 1), dtype=bool), np.diff(sale, axis=1) > 0], axis=1)
    most = market.stated("most_steps")
    mark = _fewer(sale, mark, market.term("step_mw"), sale.shape[1] if most is None else int(most))
    kept = _held(sale, mark)
    return Bids(response.hours, price, kept, mark, np.abs(kept).max(axis=1) >= market.term("minimum_mw"))


def _held(sale: NDArray[np.float64], mark: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Repeat each marked value until the next."""
    place = np.maximum.accumulate(np.where(mark, np.arange(sale.shape[1]), 0), axis=1)
    return np.take_along_axis(sale, place, axis=1)


def _fewer(sale: NDArray[np.float64], mark: NDArray[np.bool_], least_mw: float, most: int) -> NDArray[np.bool_]:
    """Take out the smallest step of each hour until none is below ``least_mw`` and no more than ``most`` are left; the first stays."""
    mark, rows = mark.copy(), np.arange(len(sale))
    for _ in range(sale.shape[1] - 1):
        held = _held(sale, mark)
        rise = np.where(mark[:, 1:], np.diff(held, axis=1), np.inf)
        place = rise.argmin(axis=1)
        smallest = rise[rows, place]
        goes = np.isfinite(smallest) & ((smallest < least_mw) | (mark.sum(axis=1) > most))
        if not goes.any():
            break
        mark[rows[goes], place[goes] + 1] = False
    return mark
