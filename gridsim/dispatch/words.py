"""The energy words of design section 5 as linear expressions of the flows: what limits and rules are written in, and what they are measured by afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.technologies.draft import Term, total

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gridsim.technologies.draft import Component, NetworkDraft, Series


@dataclass(frozen=True)
class Linear:
    """Σ terms + a fixed power at each snapshot. [MW]"""

    terms: tuple[Term, ...]
    fixed: NDArray[np.float64]
    """Shape (T,)."""

    def power(self, flows: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Evaluate it for the flows of a dispatch. Shape (T,). [MW]"""
        return self.fixed + total(self.terms, flows, self.fixed.size)


def final_use_terms(draft: NetworkDraft) -> tuple[list[Term], NDArray[np.float64]]:
    """Return electricity for final uses as Σ terms + fixed loads (shape (T,), MW).

    Final uses are loads, processes, added load and auxiliaries minus reductions and what stays unserved, and whatever conversions, transports of other
    carriers and the filling of tanks draw from electric buses. Charging and discharging of electric storage is no final use.
    """
    fixed = np.zeros(draft.steps)
    terms: list[Term] = []
    for component in draft.components.values():
        if component.role == "load" and draft.electric(component["bus"]):
            fixed = fixed + component["p_set"]
        elif component.role in {"process", "increase", "auxiliary"}:
            terms.append(Term(component.name))
        elif component.role in {"reduction", "unserved"} and draft.electric(component["bus"]):
            terms.append(Term(component.name, -1.0))
        elif component.kind == "Link":
            terms += [Term(component.name, -draw) for draw in electric_draws(draft, component.name)]
    return terms, fixed


def electric_draws(draft: NetworkDraft, name: str) -> list[Series]:
    """Return the (negative) supply of one unit of a Link's flow to each electric bus that it draws from for a final use."""
    component = draft.components[name]
    ports = [(bus, factor) for bus, factor in draft.ports(component) if draft.electric(bus)]
    if component.role == "conversion" or not draft.electric(component["bus0"]):
        return [factor for _, factor in ports if factor < 0]
    return []


def electrolysers(draft: NetworkDraft) -> list[str]:
    """Names of the technologies that make hydrogen."""
    return list(dict.fromkeys(c.technology for c in draft.having("conversion") if draft.buses[c["bus1"]] == "hydrogen"))


def energy_words(draft: NetworkDraft) -> dict[str, Linear]:
    """Return the powers that rules are written in: available, used, import, export, load, electrolysis."""
    none = np.zeros(draft.steps)
    green = draft.having("renewable")

    def flows(components: Sequence[Component]) -> Linear:
        return Linear(tuple(Term(component.name) for component in components), none)

    uses, fixed = final_use_terms(draft)
    makers = set(electrolysers(draft))
    return {
        "available": Linear((), sum((draft.available(component) for component in green), start=none)),
        "used": flows(green),
        "import": flows(draft.having("import")),
        "export": flows(draft.having("export")),
        "load": Linear(tuple(uses), fixed),
        "electrolysis": Linear(tuple(term for term in uses if draft.components[term.component].technology in makers), none),
    }


def combined(words: Mapping[str, Linear], factors: Mapping[str, float], steps: int) -> Linear:
    """Return Σ factor × word; terms of the same flow are put together, and those that cancel are left out."""
    fixed = np.zeros(steps)
    coefficient: dict[str, Series] = {}
    for word, factor in factors.items():
        fixed = fixed + factor * words[word].fixed
        for term in words[word].terms:
            coefficient[term.component] = coefficient.get(term.component, 0.0) + factor * term.coefficient
    return Linear(tuple(Term(name, value) for name, value in coefficient.items() if np.any(value != 0.0)), fixed)


def capacity_words(draft: NetworkDraft) -> dict[str, float]:
    """Return what is built of wind and sun, and of electric storage by rated power and rated energy. [MW, MWh]

    Storage is batteries and compressed air, and with it goes whatever other peak-shaving capability is declared as recognised.
    """
    storage: list[Any] = [technology for technology in draft.park.technologies.values() if technology.type in {"battery", "caes"}]
    other_mw = float(draft.park.rules.declared.get("peak_shaving_mw", 0.0))
    return {
        "renewable_mw": float(sum(component["p_nom"] for component in draft.having("renewable"))),
        "storage_and_shaving_mw": float(sum(technology.power_mw for technology in storage)) + other_mw,
        "storage_mw": float(sum(technology.power_mw for technology in storage)),
        "storage_mwh": float(sum(technology.energy_mwh for technology in storage)),
    }
