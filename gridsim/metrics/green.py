"""The green ledger: two colours, green and grey, carried hour by hour through every bus, line, conversion and store (`gridsim.metrics.mixing`).

What wind and sun supply is green, and what is not is grey: imports, fuel, and what a store with a given start held at first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridsim.metrics.mixing import EMPTY, mixture, weight_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.mixing import Mixture
    from gridsim.technologies.draft import Component


@dataclass(frozen=True)
class StoreLedger:
    """One store in its own unit. All arrays have shape (T,)."""

    green_in: NDArray[np.float64]
    green_out: NDArray[np.float64]
    green_lost: NDArray[np.float64]
    green_level: NDArray[np.float64]
    green_start: float
    share: NDArray[np.float64]
    """Green share of the content at the end of each snapshot. [1]"""

    @property
    def residual(self) -> NDArray[np.float64]:
        """In − out − lost − change of the content, of green; zero when the ledger balances."""
        before = np.append(self.green_start, self.green_level[:-1])
        return self.green_in - self.green_out - self.green_lost - (self.green_level - before)


@dataclass(frozen=True)
class GreenLedger:
    """Green share of every bus and store, and where the park's green electricity went."""

    share_of_bus: dict[str, NDArray[np.float64]]
    """Shape (T,). [1]"""
    stores: dict[str, StoreLedger]
    green_generated_mw: NDArray[np.float64]
    green_discharged_mw: NDArray[np.float64]
    green_used_mw: NDArray[np.float64]
    """By final uses. Shape (T,). [MW]"""
    green_exported_mw: NDArray[np.float64]
    grey_exported_mw: NDArray[np.float64]
    green_charged_mw: NDArray[np.float64]
    green_line_loss_mw: NDArray[np.float64]
    green_used_by: dict[str, NDArray[np.float64]]
    """Green electricity used, by technology."""

    @property
    def residual_mw(self) -> NDArray[np.float64]:
        """Generated + discharged − used − exported − charged − lost on lines, of green. Shape (T,). [MW]"""
        out = self.green_used_mw + self.green_exported_mw + self.green_charged_mw + self.green_line_loss_mw
        return self.green_generated_mw + self.green_discharged_mw - out


def green_ledger(dispatch: Dispatch) -> GreenLedger:
    """Follow green and grey through a dispatch."""
    draft = dispatch.draft
    mixed = mixture(dispatch, ("green",), lambda source: "green" if source.role == "renewable" else None)
    of_bus = {bus: np.clip(share[:, 0], 0.0, 1.0) for bus, share in mixed.of_bus.items()}
    stores = {c.name: _store_ledger(dispatch, c, mixed, of_bus[c["bus"]]) for c in draft.components.values() if c.kind == "Store"}
    return _electric_ledger(dispatch, of_bus, stores, dispatch.time.steps)


def _store_ledger(dispatch: Dispatch, store: Component, mixed: Mixture, bus: NDArray[np.float64]) -> StoreLedger:
    hours, level, supply = dispatch.time.step_hours, dispatch.levels[store.name], dispatch.flows[store.name]
    content = mixed.content[store.name][:, 0]
    return StoreLedger(
        green_in=hours * np.maximum(-supply, 0.0) * bus,
        green_out=hours * np.maximum(supply, 0.0) * mixed.of_store[store.name][:, 0],
        green_lost=mixed.lost[store.name][:, 0],
        green_level=content,
        green_start=float(mixed.start[store.name][0]),
        share=np.clip(np.divide(content, level, out=np.zeros_like(content), where=level > EMPTY), 0.0, 1.0),
    )


def _electric_ledger(  # noqa: C901  one case a role
    dispatch: Dispatch, of_bus: dict[str, NDArray[np.float64]], stores: dict[str, StoreLedger], steps: int
) -> GreenLedger:
    draft = dispatch.draft
    sums = {key: np.zeros(steps) for key in ("generated", "discharged", "used", "exported", "grey", "charged", "lost")}
    used_by: dict[str, NDArray[np.float64]] = {}

    def use(technology: str, power: NDArray[np.float64]) -> None:
        sums["used"] += power
        used_by[technology] = used_by.get(technology, np.zeros(steps)) + power

    for component in draft.components.values():
        flow = dispatch.flows[component.name]
        for bus, factor in draft.ports(component):
            if not draft.electric(bus):
                continue
            green = of_bus[bus] * np.abs(factor) * flow
            match component.role:
                case "renewable":
                    sums["generated"] += flow
                case "export":
                    sums["exported"] += green
                    sums["grey"] += flow - green
                case "load" | "process" | "increase" | "auxiliary":
                    use(component.technology, green)
                case "reduction" | "unserved":
                    use(component.technology, -green)
                case "charge" if bus == component["bus0"]:
                    sums["charged"] += green
                case "discharge" if bus == component["bus1"]:
                    sums["discharged"] += factor * flow * of_bus[component["bus0"]] * weight_of(draft, component)
                case "transport" if draft.electric(component["bus0"]):
                    if bus == component["bus0"]:
                        sums["lost"] += green * (1.0 - component["efficiency"])
                case "conversion" | "transport" | "charge" if np.all(np.asarray(factor) < 0):
                    use(component.technology, green)
                case _:
                    pass
    return GreenLedger(
        share_of_bus=of_bus,
        stores=stores,
        green_generated_mw=sums["generated"],
        green_discharged_mw=sums["discharged"],
        green_used_mw=sums["used"],
        green_exported_mw=sums["exported"],
        grey_exported_mw=sums["grey"],
        green_charged_mw=sums["charged"],
        green_line_loss_mw=sums["lost"],
        green_used_by=used_by,
    )
