"""What every technology's room provides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.physics.annuity import yearly_cost_share
from gridsim.units import Share, Years

if TYPE_CHECKING:
    from gridsim.dispatch.result import Dispatch
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft


@dataclass(frozen=True)
class Investment:
    """Something that was bought: how much of it, for how much, for how long."""

    item: str
    capacity: float
    unit: str
    capital_cost_cny: float
    lifetime_years: float
    fixed_om_cny_per_year: float
    replacement_cost_share: float = 1.0

    def yearly_cost_cny(self, discount_rate: float) -> float:
        """Annuity with replacements and residual value (`gridsim.physics.annuity.yearly_cost_share`), without upkeep. [CNY/a]"""
        return float(yearly_cost_share(discount_rate, self.lifetime_years, self.replacement_cost_share)) * self.capital_cost_cny


@dataclass(frozen=True)
class Finding:
    """A problem of one technology's own fields, to be placed in the file by the reader."""

    field: str
    found: str
    remedy: str


class Technology(Definition):
    """Base of all rooms.

    A room is one module of this package with one subclass. It says what a user may write (fields), how that enters the network (`build`), what it costs
    (`investments`) and what it reports (`report`). Numbers that are left out come from ``gridsim/data/technologies.yaml``, never from here.
    """

    bus_carriers: ClassVar[dict[str, str]] = {"bus": "electricity"}
    """Carrier that each bus field must have."""
    variant_field: ClassVar[str | None] = None
    """Field that chooses between sets of defaults, such as ``kind: alkaline``."""
    profile_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that name a profile."""
    profile_units: ClassVar[tuple[str, ...]] = ("pu", "1")
    """Units that a set may give its profiles in; a column without a unit is taken as it is."""
    non_negative_profiles: ClassVar[bool] = True
    needs_served: ClassVar[bool] = False
    """True where the technology is a demand that must be met."""

    type: str
    label: str = ""
    """Name to show in reports."""
    owner: str = ""
    note: str = ""
    """Where the numbers come from, and what was assumed."""

    def findings(self, park: Park) -> Iterator[Finding]:
        """Yield problems that need more than one field to see."""
        yield from ()

    def build(self, name: str, draft: NetworkDraft) -> None:
        """Write components and requests into the draft."""
        raise NotImplementedError

    def investments(self) -> list[Investment]:
        """Return what was bought."""
        return []

    def report(self, name: str, dispatch: Dispatch) -> dict[str, float]:
        """Return the figures of this technology for ``summary.json``, keys with units."""
        return {}

    def series(self, name: str, dispatch: Dispatch) -> dict[str, tuple[Any, str]]:
        """Return columns for ``hourly.parquet`` beyond the flows: quantity → (array, unit)."""
        return {}


class Asset(Technology):
    """A technology that is bought, has a life, and needs upkeep."""

    lifetime_years: Years
    """Years until it is bought again; the annuity spreads the capital cost over them. [a]"""
    fixed_om_share_per_year: Share
    """Fixed operation and maintenance over capital cost. [1/a]"""
    replacement_cost_share: Share = 1.0
    """What buying again at the end of each life costs over the first time; below 1 where a part lasts, or prices are known to fall. [1]"""

    def bought(self, item: str, capacity: float, unit: str, cost_per_unit_cny: float) -> Investment:
        """Return one investment with this asset's life, upkeep and replacement."""
        cost = capacity * cost_per_unit_cny
        return Investment(item, capacity, unit, cost, self.lifetime_years, cost * self.fixed_om_share_per_year, self.replacement_cost_share)


CapitalCost = Annotated[float, Field(ge=0)]
