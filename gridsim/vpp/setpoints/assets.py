r"""What each asset can give now, and for how much.

Powers are supply to the park's bus (demand is negative), so that more supply and less demand are both *up*. An asset may stand at

.. math:: p \in [p_\min, p_\max] \setminus \big((-m_d, 0) \cup (0, m_s)\big)

where it must not run below a minimum load :math:`m_d` when it draws and :math:`m_s` when it supplies; an asset in blocks of :math:`B` moves from where it
stands now by whole blocks, :math:`p = p_\text{now} + kB`. A *piece* is a range of changes within which an asset moves freely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem
from gridsim.vpp.setpoints.choice import Room
from gridsim.vpp.setpoints.fill import Ranking

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from gridsim.vpp.setpoints.choice import Pieces

WHOLE_BLOCKS = 1e-9
"""A room of this share less than a whole number of blocks still holds them: 0.3 MW has room for three blocks of 0.1 MW. [1]"""


@dataclass(frozen=True, eq=False)
class Assets:
    """N assets as columns; build with `Assets.of`, which checks them."""

    names: tuple[str, ...]
    owner: tuple[str, ...]
    low_mw: NDArray[np.float64]
    """Least power that its state allows, shape (N,). [MW]"""
    high_mw: NDArray[np.float64]
    now_mw: NDArray[np.float64]
    """Where it stands, or what it is planned to do. [MW]"""
    cost_up_cny_per_mwh: NDArray[np.float64]
    """What a MWh more costs its owner. [CNY/MWh]"""
    cost_down_cny_per_mwh: NDArray[np.float64]
    """What a MWh less costs its owner; negative where it saves. [CNY/MWh]"""
    least_draw_mw: NDArray[np.float64]
    """Minimum load while it draws, as a positive number; 0 for none. [MW]"""
    least_supply_mw: NDArray[np.float64]
    block_mw: NDArray[np.float64]
    """Size of the steps it moves in; 0 for none. [MW]"""

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        low_mw: ArrayLike,
        high_mw: ArrayLike,
        cost_cny_per_mwh: ArrayLike,
        *,
        now_mw: ArrayLike = 0.0,
        owner: Sequence[str] | None = None,
        cost_down_cny_per_mwh: ArrayLike | None = None,
        least_draw_mw: ArrayLike = 0.0,
        least_supply_mw: ArrayLike = 0.0,
        block_mw: ArrayLike = 0.0,
    ) -> Assets:
        """Build and check a table; a single number holds for all assets.

        Parameters
        ----------
        names : sequence of str
            N different names.
        low_mw, high_mw, now_mw : array_like, shape (N,)
            Bounds, and where each stands between them. [MW]
        cost_cny_per_mwh : array_like, shape (N,)
            What a MWh more costs. [CNY/MWh]
        owner : sequence of str, optional
            Left out, every asset is an owner of its own; so is an asset whose owner is empty.
        cost_down_cny_per_mwh : array_like, shape (N,), optional
            What a MWh less costs; left out, it saves what a MWh more costs. [CNY/MWh]
        least_draw_mw, least_supply_mw, block_mw : array_like, shape (N,)
            Minimum loads and size of blocks; 0 for none. [MW]

        Raises
        ------
        DefinitionError
            With every problem of every asset.
        """
        count = len(names)

        def column(values: ArrayLike) -> NDArray[np.float64]:
            return np.array(np.broadcast_to(np.asarray(values, dtype=float), (count,)))

        up = column(cost_cny_per_mwh)
        owners = tuple(whose or name for whose, name in zip(owner or names, names, strict=True))
        table = cls(
            tuple(names),
            owners,
            column(low_mw),
            column(high_mw),
            column(now_mw),
            up,
            -up if cost_down_cny_per_mwh is None else column(cost_down_cny_per_mwh),
            column(least_draw_mw),
            column(least_supply_mw),
            column(block_mw),
        )
        if problems := table._problems():
            raise DefinitionError("The table of assets", problems)
        return table

    def _problems(self) -> list[Problem]:
        problems = [Problem(f"assets.{name}", "stands twice", "give each asset a name of its own") for name in self.names if self.names.count(name) > 1][:1]
        columns = ("low_mw", "high_mw", "now_mw", "cost_up_cny_per_mwh", "cost_down_cny_per_mwh", "least_draw_mw", "least_supply_mw", "block_mw")
        for at, name in enumerate(self.names):
            bad = [field for field in columns if not np.isfinite(getattr(self, field)[at])]
            bad += [field for field in columns[-3:] if getattr(self, field)[at] < 0]
            problems += [Problem(f"assets.{name}.{field}", f"is {getattr(self, field)[at]}", "give a number; sizes are not negative") for field in bad]
            low, high, now = self.low_mw[at], self.high_mw[at], self.now_mw[at]
            if bad:
                continue
            if not low <= now <= high:
                problems.append(Problem(f"assets.{name}.now_mw", f"{now:g} lies outside {low:g} to {high:g}", "choose low_mw <= now_mw <= high_mw"))
            if -self.least_draw_mw[at] < now < 0 or 0 < now < self.least_supply_mw[at]:
                problems.append(Problem(f"assets.{name}.now_mw", f"{now:g} lies below the minimum load", "an asset is off, or at least at its minimum load"))
            if self.block_mw[at] > 0 and max(self.least_draw_mw[at], self.least_supply_mw[at]) > 0:
                problems.append(Problem(f"assets.{name}.block_mw", "is given together with a minimum load", "an asset has blocks or a minimum load"))
        return problems

    @property
    def count(self) -> int:
        """Number of assets."""
        return len(self.names)

    @cached_property
    def room_up_mw(self) -> NDArray[np.float64]:
        """Largest change up, shape (N,). [MW]"""
        return self.high_mw - self.now_mw

    @cached_property
    def room_down_mw(self) -> NDArray[np.float64]:
        """Largest change down, as a positive number, shape (N,). [MW]"""
        return self.now_mw - self.low_mw

    @cached_property
    def ranking_up(self) -> Ranking:
        """Order of costs for changes up."""
        return Ranking.of(self.cost_up_cny_per_mwh)

    @cached_property
    def ranking_down(self) -> Ranking:
        """Order of costs for changes down."""
        return Ranking.of(self.cost_down_cny_per_mwh)

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """Each owner once, in the order of the table."""
        return tuple(dict.fromkeys(self.owner))

    @cached_property
    def owner_index(self) -> NDArray[np.int64]:
        """Number of each asset's owner, shape (N,)."""
        number = {owner: at for at, owner in enumerate(self.owners)}
        return np.array([number[owner] for owner in self.owner], dtype=np.int64)

    @cached_property
    def owned(self) -> NDArray[np.float64]:
        """1 where an owner has an asset, shape (N, O); kept as numbers, which multiply quicker."""
        return (self.owner_index[:, None] == np.arange(len(self.owners))).astype(float)

    @cached_property
    def pieces(self) -> dict[int, Pieces]:
        """Ranges of changes of each asset that cannot move freely from its lowest to its highest power, in rising order. [MW]"""
        found = {at: self._blocks(at) if self.block_mw[at] > 0 else self._above_minimum(at) for at in range(self.count)}
        whole = {at: (-self.room_down_mw[at], self.room_up_mw[at]) for at in found}
        return {at: pieces for at, pieces in found.items() if pieces != [whole[at]]}

    @cached_property
    def room(self) -> Room:
        """What all may do; kept, so that the totals they can give are found once for many signals."""
        return Room(-self.room_down_mw, self.room_up_mw, self.pieces)

    def _blocks(self, at: int) -> Pieces:
        block = float(self.block_mw[at])
        up, down = (int(np.floor(room[at] / block * (1.0 + WHOLE_BLOCKS))) for room in (self.room_up_mw, self.room_down_mw))
        return [(step * block, step * block) for step in range(-down, up + 1)]

    def _above_minimum(self, at: int) -> Pieces:
        low, high, now, draw, supply = (float(c[at]) for c in (self.low_mw, self.high_mw, self.now_mw, self.least_draw_mw, self.least_supply_mw))
        ranges = []
        if draw > 0 and low <= -draw:
            ranges.append((low, min(high, -draw)))
        ranges.append((max(low, 0.0) if draw > 0 else low, min(high, 0.0) if supply > 0 else high))
        if supply > 0 and high >= supply:
            ranges.append((max(low, supply), high))
        return [(bottom - now, top - now) for bottom, top in ranges if bottom <= top]
