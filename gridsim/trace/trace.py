r"""Which source fed which user, hour by hour: each draw has the mixture of its bus.

For each snapshot and source :math:`c`, over the electric buses,

.. math::
   \text{supplied}_c + \text{discharged}_c &= \sum_{u} \text{used}_{u,c} + \text{exported}_c + \text{charged}_c + \text{lost on lines}_c \\
   \text{charged}_c - \text{discharged}_c &= \text{lost in storage}_c + \Delta\,\text{stored}_c / \Delta t

and :math:`\sum_c \text{used}_{u,c}` is what user :math:`u` drew. What is stored is counted as the electricity that it can still become (cells times discharge
efficiency; air times its share beside fuel), so that all losses fall on charging and on time. This is energy traced by mixing, not a contract: who bought
whose power is a matter of settlement, for which `gridsim.trace.owners` gives the sums by pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from gridsim.metrics.mixing import SUPPLY_ROLES, Mixture, mixture, weight_of

if TYPE_CHECKING:
    import pandas as pd

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.mixing import Array
    from gridsim.profiles.time_axis import TimeAxis
    from gridsim.technologies.draft import Component, NetworkDraft

Kind = Literal["renewable", "import", "fuel", "stock"]
Sink = Literal["use", "export", "line_loss", "storage_loss", "stored"]


@dataclass(frozen=True)
class Source:
    """Where energy came from: one colour."""

    name: str
    technology: str
    kind: Kind
    type: str
    owner: str

    @property
    def green(self) -> bool:
        """Wind or sun of the park."""
        return self.kind == "renewable"


@dataclass(frozen=True)
class Destination:
    """Where electricity of each source went."""

    name: str
    """Of the user or the connection; empty for what has none."""
    kind: Sink
    power_mw: Array
    """What went into storage is negative where it came out of it. Shape (T, C)."""


@dataclass(frozen=True)
class Storage:
    """Electric storage of one technology. T snapshots, C sources."""

    charged_mw: Array
    """At the bus. Shape (T, C)."""
    discharged_mw: Array
    """At the bus, without what came from fuel. Shape (T, C)."""
    lost_mw: Array
    """Shape (T, C)."""
    stored_mwh: Array
    """Electricity that the content can still become, at the end of each snapshot. Shape (T, C)."""
    start_mwh: Array
    """The same before the first snapshot. Shape (C,)."""

    def residual_mw(self, step_hours: float) -> Array:
        """Charged − discharged − lost − change of what is stored. Shape (T, C)."""
        before = np.concatenate([self.start_mwh[None], self.stored_mwh[:-1]])
        return self.charged_mw - self.discharged_mw - self.lost_mw - (self.stored_mwh - before) / step_hours


@dataclass(frozen=True)
class Trace:
    """Electricity of C sources at T snapshots: where it went."""

    time: TimeAxis
    sources: tuple[Source, ...]
    owner_of: dict[str, str]
    """Owner of each technology, "" where none is stated."""
    supplied_mw: Array
    """To the electric buses; fuel where it becomes electricity. Shape (T, C)."""
    available_mw: Array
    """What wind and sun could have given; else what was supplied. Shape (T, C)."""
    used_mw: dict[str, Array]
    """By user, demand response with its load. Each shape (T, C)."""
    exported_mw: dict[str, Array]
    """By grid connection. Each shape (T, C)."""
    line_loss_mw: Array
    """Shape (T, C)."""
    storage: dict[str, Storage]
    delivered: dict[str, Array]
    """Products delivered by demand, in the unit of their bus (MW of hydrogen, t/h, MW of heat), by what made their main input. Each shape (T, C)."""
    mixture: Mixture

    @property
    def green(self) -> Array:
        """1 for wind and sun of the park, else 0. Shape (C,)."""
        return np.array([float(source.green) for source in self.sources])

    @property
    def residual_mw(self) -> Array:
        """Supplied + discharged − used − exported − charged − lost on lines. Shape (T, C)."""
        out = sum((*self.used_mw.values(), *self.exported_mw.values()), start=self.line_loss_mw)
        return self.supplied_mw - out - sum((s.charged_mw - s.discharged_mw for s in self.storage.values()), start=np.zeros_like(out))

    def destinations(self) -> list[Destination]:
        """Return users, exports, losses and what goes into storage, which add up to what each source supplied."""
        nothing, storages = np.zeros_like(self.supplied_mw), self.storage.values()
        lost = sum((s.lost_mw for s in storages), start=nothing)
        stored = sum((s.charged_mw - s.discharged_mw - s.lost_mw for s in storages), start=nothing)
        return [
            *(Destination(user, "use", power) for user, power in self.used_mw.items()),
            *(Destination(connection, "export", power) for connection, power in self.exported_mw.items()),
            Destination("", "line_loss", self.line_loss_mw),
            Destination("", "storage_loss", lost),
            Destination("", "stored", stored),
        ]

    def mwh(self, power_mw: Array) -> Array:
        """Energy of a power over the horizon, by source. Shape (C,). [MWh]"""
        return np.asarray(power_mw.sum(axis=0) * self.time.step_hours)

    def hourly_table(self) -> tuple[pd.DataFrame, dict[str, str]]:
        """Return a row a snapshot and the unit of each column: ``<user>:from_<source>_mw``, ``<connection>:export_from_<source>_mw``, and losses."""
        import pandas as pd

        parts = {f"{user}:from": power for user, power in self.used_mw.items()}
        parts |= {f"{connection}:export_from": power for connection, power in self.exported_mw.items()}
        parts |= {f"{name}:lost_from": storage.lost_mw for name, storage in self.storage.items()}
        parts["lines:lost_from"] = self.line_loss_mw
        columns = {f"{key}_{source.name}_mw": power[:, c] for key, power in parts.items() for c, source in enumerate(self.sources)}
        stored = {f"{name}:stored_from_{source.name}_mwh": s.stored_mwh[:, c] for name, s in self.storage.items() for c, source in enumerate(self.sources)}
        index = pd.DatetimeIndex(self.time.stamps.astype("datetime64[ns]"), name="time")
        units = dict.fromkeys(columns, "MW") | dict.fromkeys(stored, "MWh")
        return pd.DataFrame(columns | stored, index=index), units

    def year_table(self) -> pd.DataFrame:
        """Return a row a source and a column a destination; each row adds up to what the source supplied. [MWh]"""
        import pandas as pd

        columns = {f"{part.name} ({part.kind})".strip(): self.mwh(part.power_mw) for part in self.destinations()}
        return pd.DataFrame(columns, index=pd.Index([source.name for source in self.sources], name="source"))


def trace(dispatch: Dispatch) -> Trace:
    """Follow every source of a dispatch to its users."""
    draft, mixed = dispatch.draft, mixture(dispatch, _colours(dispatch.draft), colour_of, stock_of)
    shape = (dispatch.time.steps, len(mixed.colours))
    supplied, available = np.zeros(shape), np.zeros(shape)
    for component in draft.having("renewable", "import"):
        place, flow = mixed.place(component.technology), np.maximum(dispatch.flows[component.name], 0.0)
        supplied[:, place] += flow
        available[:, place] += draft.available(component) if component.role == "renewable" else flow
    for link in _discharging(dispatch):
        if (weight := weight_of(draft, link)) < 1.0:
            burnt = (1.0 - weight) * link["efficiency"] * np.maximum(dispatch.flows[link.name], 0.0)
            for power in (supplied, available):
                power[:, mixed.place(f"{link.technology}.fuel")] += burnt
    used, exported, line_loss, delivered = _draws(dispatch, mixed)
    return Trace(
        time=dispatch.time,
        sources=tuple(_source(dispatch, colour) for colour in mixed.colours),
        owner_of={name: technology.owner for name, technology in draft.park.technologies.items()},
        supplied_mw=supplied,
        available_mw=available,
        used_mw=used,
        exported_mw=exported,
        line_loss_mw=line_loss,
        storage={link.technology: _storage(dispatch, mixed, link) for link in _discharging(dispatch)},
        delivered=delivered,
        mixture=mixed,
    )


def colour_of(source: Component) -> str:
    """Colour of what a source supplies, or of the fuel that a Link burns: its technology, and ``<technology>.fuel``."""
    return f"{source.technology}.fuel" if source.role == "fuel" or source.kind == "Link" else source.technology


def stock_of(store: Component) -> str | None:
    """Colour of what a store held before the first snapshot, ``<technology>.stock``."""
    return f"{store.technology}.stock" if not store.get("e_cyclic", False) and store.get("e_initial", 0.0) > 0 else None


def _colours(draft: NetworkDraft) -> tuple[str, ...]:
    """Every MWh has a colour, that of the first content of a store included."""
    stocks = [stock_of(c) for c in draft.components.values() if c.kind == "Store"]
    return tuple(dict.fromkeys([*(colour_of(c) for c in draft.having(*SUPPLY_ROLES)), *(stock for stock in stocks if stock is not None)]))


def _source(dispatch: Dispatch, colour: str) -> Source:
    technology, _, part = colour.partition(".")
    room = dispatch.draft.park.technologies[technology]
    kind: Kind = "import"
    if part:
        kind = "fuel" if part == "fuel" else "stock"
    elif dispatch.draft.having("renewable", technology=technology):
        kind = "renewable"
    return Source(colour, technology, kind, room.type, room.owner)


def _draws(  # noqa: C901  one case a role
    dispatch: Dispatch, mixed: Mixture
) -> tuple[dict[str, Array], dict[str, Array], Array, dict[str, Array]]:
    """Return what users draw, what connections export, what lines lose, and what products are delivered, each by source."""
    draft = dispatch.draft
    zero = np.zeros((dispatch.time.steps, len(mixed.colours)))
    used: dict[str, Array] = {}
    exported: dict[str, Array] = {}
    delivered: dict[str, Array] = {}
    line_loss = zero.copy()

    def add(table: dict[str, Array], name: str, power: Array) -> None:
        table[name] = table.get(name, zero) + power

    for component in draft.components.values():
        flow = np.maximum(dispatch.flows[component.name], 0.0)
        user = getattr(draft.park.technologies[component.technology], "load", None) or component.technology
        for bus, factor in draft.ports(component):
            drawn = mixed.of_bus[bus] * (np.abs(factor) * flow)[:, None]
            electric = draft.electric(bus)
            match component.role:
                case "export":
                    add(exported, component.technology, drawn)
                case "load" | "product" if not electric:
                    add(delivered, component.technology, drawn)
                case "load" | "process" | "increase" | "auxiliary" if electric:
                    add(used, user, drawn)
                case "reduction" | "unserved" if electric:
                    add(used, user, -drawn)
                case "charge" if bus == component["bus0"]:
                    pass  # into electric storage, or a store's own product
                case "transport" if electric and draft.electric(component["bus0"]):
                    if bus == component["bus0"]:
                        line_loss += drawn * (1.0 - component["efficiency"])
                case "conversion" | "transport" | "charge" if electric and np.all(np.asarray(factor) < 0):
                    add(used, user, drawn)
                case _:
                    pass
    return used, exported, line_loss, delivered


def _discharging(dispatch: Dispatch) -> list[Component]:
    return [link for link in dispatch.draft.having("discharge") if dispatch.draft.electric(link["bus1"])]


def _storage(dispatch: Dispatch, mixed: Mixture, link: Component) -> Storage:
    """Read a storage by the link that it discharges over."""
    draft, inner, hours = dispatch.draft, link["bus0"], dispatch.time.step_hours
    flows, value = dispatch.flows, link["efficiency"] * weight_of(draft, link)
    discharged = mixed.of_bus[inner] * (value * np.maximum(flows[link.name], 0.0))[:, None]
    charged, lost = np.zeros_like(discharged), np.zeros_like(discharged)
    stored, start = np.zeros_like(discharged), np.zeros(discharged.shape[1])
    for component in draft.components.values():
        if component.role == "charge" and component["bus1"] == inner:
            drawn = mixed.of_bus[component["bus0"]] * np.maximum(flows[component.name], 0.0)[:, None]
            charged += drawn
            lost += drawn * (1.0 - value * component["efficiency"])
        elif component.role == "spill" and component["bus"] == inner:
            lost += value * mixed.of_bus[inner] * np.maximum(flows[component.name], 0.0)[:, None]
        elif component.role == "store" and component["bus"] == inner:
            lost += value / hours * mixed.lost[component.name]
            stored += value * mixed.content[component.name]
            start += value * mixed.start[component.name]
    return Storage(charged, discharged, lost, stored, start)
