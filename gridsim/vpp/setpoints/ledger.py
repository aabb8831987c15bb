r"""Who gave how much so far: fairness over time.

Owner :math:`o` with weight :math:`w_o` (MW) has given :math:`G_o` (MWh, up and down counted alike). Its participation :math:`G_o / w_o` is the hours for which
it gave all it takes part with. A split by the ledger lets the owners with the least participation give first, until all that still can stand at one level
(`gridsim.vpp.setpoints.fill.to_one_level` with weights :math:`w_o / \Delta t` and grounds :math:`G_o / w_o`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import DefinitionError, Problem, did_you_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.vpp.setpoints.assets import Assets


@dataclass(frozen=True, eq=False)
class Ledger:
    """What each owner gave so far; `after` returns the next one."""

    owners: tuple[str, ...]
    weight_mw: NDArray[np.float64]
    """What each takes part with, shape (O,). [MW]"""
    given_mwh: NDArray[np.float64]
    """Shape (O,). [MWh]"""
    step_hours: float
    """How long each split that is entered holds. [h]"""

    @classmethod
    def opened(cls, assets: Assets, step_hours: float, weight_mw: Mapping[str, float] | None = None) -> Ledger:
        """Open an empty ledger; owners without a weight take part with the range of their assets, and with 1 MW where that is nothing now."""
        weights = dict(weight_mw or {})
        problems = [
            Problem(f"ledger_weight_mw.{owner}", f"'{owner}' owns none of the assets", did_you_mean(owner, assets.owners))
            for owner in set(weights) - set(assets.owners)
        ]
        problems += [Problem(f"ledger_weight_mw.{owner}", f"is {weight:g}", "give a number above 0") for owner, weight in weights.items() if not weight > 0]
        if problems:
            raise DefinitionError("The ledger", problems)
        ranges = np.bincount(assets.owner_index, weights=assets.high_mw - assets.low_mw, minlength=len(assets.owners))
        found = np.array([weights.get(owner, float(ranges[at]) or 1.0) for at, owner in enumerate(assets.owners)])
        return cls(assets.owners, found, np.zeros(len(found)), step_hours)

    @property
    def participation_hours(self) -> NDArray[np.float64]:
        """Given over weight, shape (O,). [h]"""
        return self.given_mwh / self.weight_mw

    def after(self, assets: Assets, change_mw: NDArray[np.float64]) -> Ledger:
        """Enter one split, changes of shape (N,), and return the ledger after it."""
        gave = np.bincount(self.index_of(assets), weights=np.abs(change_mw), minlength=len(self.owners)) * self.step_hours
        return replace(self, given_mwh=self.given_mwh + gave)

    def index_of(self, assets: Assets) -> NDArray[np.int64]:
        """Number of each asset's owner in this ledger, shape (N,)."""
        if self.owners == assets.owners:
            return assets.owner_index
        number = {owner: at for at, owner in enumerate(self.owners)}
        if missing := [owner for owner in assets.owners if owner not in number]:
            problems = [Problem(f"ledger.{owner}", "owns assets, but does not stand in the ledger", "open the ledger with all owners") for owner in missing]
            raise DefinitionError("The ledger", problems)
        return np.array([number[owner] for owner in assets.owner], dtype=np.int64)
