"""Which fuel a technology burns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridsim.carbon.factors import fuels
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from gridsim.carbon.factors import Fuel
    from gridsim.carbon.section import CarbonSection
    from gridsim.technologies.draft import Component, NetworkDraft


def fuel_of(draft: NetworkDraft, supply: Component, section: CarbonSection) -> Fuel:
    """Return the fuel of a component of role ``fuel``: as ``carbon.fuels`` says, else by its carrier.

    Raises
    ------
    DefinitionError
        Where neither tells, and something may be burnt.
    """
    known = fuels()
    named = section.fuels.get(supply.technology)
    if named in known:
        return known[named]
    carrier = supply.get("carrier", "")
    for fuel in known.values():
        if carrier in fuel.carriers:
            return fuel
    where = f"carbon.fuels.{supply.technology}"
    remedy = f"name one of {', '.join(known)} for it"
    raise DefinitionError(draft.park.name, [Problem(where, f"'{carrier}' is no fuel whose emissions are known", remedy)])
