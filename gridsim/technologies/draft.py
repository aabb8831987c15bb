"""The park as components and equations, before any engine sees it.

A technology's room writes rows of PyPSA attributes (`Component`) and, where PyPSA lacks an equation, one of the requests below. ``gridsim.dispatch`` turns
the rows into a `pypsa.Network`, each kind of request into linopy constraints (one file an equation), and audits both from the solved tables.

Every component has a *role*: what its flow means to the scorecard. All flows ``p`` are non-negative but those of stores and two-way lines.

==============  =========  ======================================================================
role            kind       meaning of ``p``
==============  =========  ======================================================================
renewable       Generator  green supply; ``p_max_pu`` × ``p_nom`` is what was available
import          Generator  supply from the public grid
export          Generator  delivery to the public grid (sign −1)
fuel            Generator  supply bought from outside that is neither green nor grid, such as gas
unserved        Generator  demand that stays unserved, at its price
reduction       Generator  load that demand response takes away
increase        Generator  load that demand response adds (sign −1)
process         Generator  load whose timing is free (sign −1)
auxiliary       Generator  electricity for standby and starting (sign −1)
product         Generator  delivery of a product whose timing is free (sign −1)
load            Load       demand that must be served
conversion      Link       from one carrier to another, such as an electrolyser
transport       Link       the same carrier between two buses
charge          Link       into a store
discharge       Link       out of a store
store           Store      level ``e``; ``p`` is positive when the store supplies its bus
spill           Generator  what is let go inside a technology, such as vented air (sign −1)
missed          Generator  part of a quota that is not delivered, at its price
==============  =========  ======================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.park.park import Park

    Series = float | NDArray[np.float64]

Kind = Literal["Generator", "Link", "Store", "Load"]
Level = Literal["linear", "mixed_integer"]


@dataclass(frozen=True)
class Component:
    """One row of a PyPSA table; an attribute that is an array is a series over the snapshots."""

    kind: Kind
    name: str
    technology: str
    role: str
    attributes: dict[str, Any]

    def __getitem__(self, attribute: str) -> Any:
        return self.attributes[attribute]

    def get(self, attribute: str, default: Any = None) -> Any:
        """Return an attribute or ``default``."""
        return self.attributes.get(attribute, default)


@dataclass(frozen=True)
class Term:
    """``coefficient`` × flow ``p`` of ``component``; the coefficient may change with time."""

    component: str
    coefficient: Series = 1.0


Sense = Literal["<=", ">=", "=="]


@dataclass(frozen=True)
class HourlyLimit:
    """At every snapshot: Σ terms (sense) right-hand side. [MW]"""

    name: str
    terms: tuple[Term, ...]
    sense: Sense
    right: Series


@dataclass(frozen=True)
class PeriodLimit:
    """For every period: Σ over its snapshots of Δt · Σ terms (sense) right-hand side. [MWh]"""

    name: str
    terms: tuple[Term, ...]
    sense: Sense
    right: NDArray[np.float64]
    """One value a period."""
    period: NDArray[np.int64]
    """The period of each snapshot, 0 … n−1."""
    need: str = ""
    """In words, for the message when it cannot be met."""


@dataclass(frozen=True)
class DemandCharge:
    """Pay once a month for the month's highest Σ terms."""

    name: str
    terms: tuple[Term, ...]
    month: NDArray[np.int64]
    price_cny_per_mw: float


@dataclass(frozen=True)
class RampLimit:
    """From one snapshot to the next, Σ terms changes by at most ``up`` and ``down``. [MW]"""

    name: str
    terms: tuple[Term, ...]
    up_mw: float
    down_mw: float
    above: tuple[str, float] | None = None
    """Name of a `Commitment` and the minimum load of its module: only what exceeds that load, while it is on, ramps. [MW]"""


@dataclass(frozen=True)
class LoadShift:
    """What ``reduction`` takes away is added back by ``increase`` within ``window`` snapshots, before or after, times ``recovery``."""

    name: str
    reduction: str
    increase: str
    window: int
    recovery: float


@dataclass(frozen=True)
class Block:
    """A flow of a committed fleet with bounds for each module that is on. [MW]"""

    component: str
    minimum_mw: float
    maximum_mw: float


@dataclass(frozen=True)
class Commitment:
    """A fleet of equal modules, each off, in standby or on (mixed-integer level only)."""

    name: str
    modules: int
    blocks: tuple[Block, ...]
    start_cost_cny: float = 0.0
    auxiliary: str | None = None
    """Component that draws what standby and starting need."""
    standby_mw: float = 0.0
    start_energy_mwh: float = 0.0


@dataclass(frozen=True)
class Exclusive:
    """Never both flows in one snapshot; binaries are added only where ``pays`` says so, or where a solution broke it."""

    name: str
    first: str
    first_max_mw: float
    second: str
    second_max_mw: float
    pays: NDArray[np.bool_]
    """Snapshots in which doing both at once could pay."""
    always: bool = False
    """Binaries in every snapshot at the mixed-integer level."""


@dataclass(frozen=True)
class Ordered:
    """The second flow runs only where the first is full; binaries are added only where a solution broke it."""

    name: str
    first: str
    first_max_mw: float
    """Full for each module that is on, where there is a commitment."""
    second: str
    second_max_mw: float
    tie_break_cny_per_mwh: float = 0.0
    """What the solver, and nobody else, pays for the second flow, so that the order holds where the flow costs nothing."""
    commitment: str | None = None
    """Name of the `Commitment` whose modules count, else one."""
    modules: int = 1


@dataclass(frozen=True)
class Calls:
    """Interruptions: at most ``calls`` in the horizon, each at most ``length`` snapshots long."""

    name: str
    component: str
    power_mw: float
    calls: int
    length: int


@dataclass(frozen=True, eq=False)
class SnapshotLimits:
    """Rows at single snapshots, Σ coefficients · flows ≤ right-hand side, that may be exceeded at a price: what the wires ask of a dispatch. R rows."""

    name: str
    components: tuple[str, ...]
    """C components."""
    snapshot: NDArray[np.int64]
    """Shape (R,)."""
    coefficient: NDArray[np.float64]
    """Shape (R, C)."""
    right: NDArray[np.float64]
    """Shape (R,). [MW]"""
    excess_price_cny_per_mwh: float


Request = HourlyLimit | PeriodLimit | DemandCharge | RampLimit | LoadShift | Commitment | Exclusive | Ordered | Calls | SnapshotLimits


@dataclass
class NetworkDraft:
    """Collects the components and requests of one park at one level of detail."""

    park: Park
    level: Level = "linear"
    components: dict[str, Component] = field(default_factory=dict)
    buses: dict[str, str] = field(default_factory=dict)
    """Carrier of each bus."""
    requests: list[Request] = field(default_factory=list)

    @property
    def kinds(self) -> dict[str, Kind]:
        """Kind of each component."""
        return {name: component.kind for name, component in self.components.items()}

    @property
    def steps(self) -> int:
        """Number of snapshots."""
        return self.park.time.steps

    def bus(self, name: str, carrier: str) -> str:
        """Add an inner bus, such as a cavern's air, and return its name."""
        self.buses[name] = carrier
        return name

    def generator(self, name: str, technology: str, role: str, bus: str, p_nom: float, **attributes: Any) -> str:
        """Add a Generator and return its name; roles that draw power get sign −1."""
        sign = -1.0 if role in {"export", "increase", "process", "auxiliary", "product"} else 1.0
        return self._add("Generator", name, technology, role, {"bus": bus, "p_nom": float(p_nom), "sign": sign, **attributes})

    def link(self, name: str, technology: str, role: str, bus0: str, bus1: str, p_nom: float, efficiency: float = 1.0, **attributes: Any) -> str:
        """Add a Link and return its name; ``p`` and ``p_nom`` are measured at ``bus0``."""
        return self._add(
            "Link", name, technology, role, {"bus0": bus0, "bus1": bus1, "p_nom": float(p_nom), "efficiency": efficiency, **attributes}
        )

    def store(self, name: str, technology: str, bus: str, e_nom: float, **attributes: Any) -> str:
        """Add a Store and return its name; ``e_initial`` is its level before the first snapshot.

        PyPSA takes ``e_initial`` as it is, without the standing loss of the first snapshot, so that loss is taken here.
        """
        if "e_initial" in attributes:
            kept = (1.0 - attributes.get("standing_loss", 0.0)) ** self.park.time.step_hours
            attributes["e_initial"] = attributes["e_initial"] * kept
        return self._add("Store", name, technology, "store", {"bus": bus, "e_nom": float(e_nom), **attributes})

    def load(self, name: str, technology: str, bus: str, p_set: NDArray[np.float64]) -> str:
        """Add a Load and return its name."""
        return self._add("Load", name, technology, "load", {"bus": bus, "p_set": p_set})

    def request(self, request: Request) -> None:
        """Ask for an equation that PyPSA lacks."""
        self.requests.append(request)

    def _add(self, kind: Kind, name: str, technology: str, role: str, attributes: dict[str, Any]) -> str:
        if name in self.components:
            msg = f"two components are called {name}"
            raise ValueError(msg)
        self.components[name] = Component(kind, name, technology, role, attributes)
        return name

    def having(self, *roles: str, technology: str | None = None) -> list[Component]:
        """Components with one of the roles, of one technology where given, in the order they were added."""
        return [c for c in self.components.values() if c.role in roles and (technology is None or c.technology == technology)]

    def requested(self, kind: type) -> list[Any]:
        """Requests of one kind."""
        return [request for request in self.requests if isinstance(request, kind)]

    def available(self, component: Component) -> NDArray[np.float64]:
        """Upper bound of a component's flow at each snapshot. Shape (T,). [MW]"""
        return np.broadcast_to(np.asarray(component.get("p_max_pu", 1.0)) * component["p_nom"], (self.steps,))

    def electric(self, bus: str) -> bool:
        """Tell whether a bus carries electricity."""
        return self.buses[bus] == "electricity"

    def ports(self, component: Component) -> list[tuple[str, Series]]:
        """Return the buses of a component with what one unit of ``p`` supplies to each of them (negative: draws)."""
        if component.kind == "Link":
            ports: list[tuple[str, Series]] = [(component["bus0"], -1.0), (component["bus1"], component["efficiency"])]
            number = 2
            while (bus := component.get(f"bus{number}")) is not None:
                ports.append((bus, component[f"efficiency{number}"]))
                number += 1
            return ports
        if component.kind == "Load":
            return [(component["bus"], -1.0)]
        return [(component["bus"], component.get("sign", 1.0))]


def total(terms: Sequence[Term], flows: dict[str, NDArray[np.float64]], steps: int) -> NDArray[np.float64]:
    """Evaluate Σ coefficient × flow at each snapshot. Shape (T,)."""
    result = np.zeros(steps)
    for term in terms:
        result += term.coefficient * flows[term.component]
    return result
