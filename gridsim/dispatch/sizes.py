r"""How a park depends on capacities that are free: found by building its draft at other capacities, so that no technology needs to know that it is sized.

A draft takes milliseconds. Built at a base point :math:`x^0`, once with each capacity one step up and once with all of them two steps up, it shows the
slope of every nominal power, level and right-hand side, whether the dependence is a straight line, and that nothing else moves.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.model import make_draft
from gridsim.dispatch.rules import add_capacity_rules
from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.technologies.draft import Exclusive, HourlyLimit, Ordered, PeriodLimit, RampLimit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft

STRAIGHT = 1e-9
"""Relative deviation from a straight line that is rounding."""


@dataclass(frozen=True)
class Free:
    """A capacity that is to be found."""

    path: str
    """``technologies.<name>.<field>``."""
    lower: float
    upper: float
    unit: float | None = None
    """Whole units of this size, where it comes in units."""

    @property
    def technology(self) -> str:
        """Name of the technology."""
        return self.path.split(".")[1]

    @property
    def field(self) -> str:
        """Field of the technology."""
        return self.path.split(".")[2]


@dataclass(frozen=True, eq=False)
class Sizes:
    """Slopes of a draft by its free capacities. K capacities."""

    free: tuple[Free, ...]
    base: NDArray[np.float64]
    """Where the draft was built. Shape (K,)."""
    cost_cny: NDArray[np.float64]
    """Annuity and fixed upkeep of one more unit, for the share of the year that is simulated. Shape (K,). [CNY]"""
    constant_cny: float
    """Of everything else that was bought. [CNY]"""
    slopes: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict)
    """Slope of an attribute of a component, or of a request: shape (K,), or (n, K) for a series."""

    @classmethod
    def none(cls) -> Sizes:
        """Nothing is free, and what was bought is left out of the money."""
        return cls((), np.zeros(0), np.zeros(0), 0.0)

    @property
    def count(self) -> int:
        """Number of capacities."""
        return len(self.free)

    @property
    def lower(self) -> NDArray[np.float64]:
        """Shape (K,)."""
        return np.array([one.lower for one in self.free])

    @property
    def upper(self) -> NDArray[np.float64]:
        """Shape (K,)."""
        return np.array([one.upper for one in self.free])

    def slope(self, name: str, attribute: str) -> NDArray[np.float64]:
        """Slope of an attribute; zero where it does not depend on any capacity."""
        return self.slopes.get((name, attribute), np.zeros(self.count))


def resized(park: Park, free: Sequence[Free], values: Sequence[float]) -> Park:
    """Return a park with other capacities."""
    technologies = dict(park.technologies)
    for one, value in zip(free, values, strict=True):
        technologies[one.technology] = technologies[one.technology].model_copy(update={one.field: float(value)})
    return dataclasses.replace(park, technologies=technologies)


def check_free(park: Park, free: Sequence[Free]) -> None:
    """Raise a DefinitionError with everything that is wrong with the free capacities."""
    problems = []
    seen: set[str] = set()
    for one in free:
        parts = one.path.split(".")
        if len(parts) != 3 or parts[0] != "technologies":
            problems.append(Problem(one.path, "is not the path of a capacity", "write technologies.<name>.<field>, such as technologies.battery_1.power_mw"))
            continue
        if one.path in seen:
            problems.append(Problem(one.path, "stands here twice", "remove one"))
        seen.add(one.path)
        technology = park.technologies.get(one.technology)
        if technology is None:
            problems.append(Problem(one.path, f"'{one.technology}' is not a technology of this park", did_you_mean(one.technology, park.technologies)))
        elif not isinstance(getattr(technology, one.field, None), float | int):
            numbers = [name for name, value in technology if isinstance(value, float) and not isinstance(value, bool)]
            problems.append(Problem(one.path, f"'{one.field}' is not a number of {technology.type}", did_you_mean(one.field, numbers)))
        if not 0.0 <= one.lower <= one.upper < np.inf:
            found = f"bounds {one.lower:g} to {one.upper:g}"
            problems.append(Problem(one.path, found, "give 0 <= lower <= upper, both finite: bounds are what proves an optimum"))
        if one.unit is not None and not one.unit > 0.0:
            problems.append(Problem(one.path, f"units of {one.unit:g}", "a unit is larger than zero"))
    if problems:
        raise DefinitionError("the free capacities", problems)


def find_sizes(park: Park, free: Sequence[Free]) -> tuple[NetworkDraft, Sizes]:
    """Find how the park depends on its free capacities; returns the draft at the base point too.

    Raises
    ------
    DefinitionError
        Where a capacity is not one, or the park does not depend on it in a straight line.
    """
    check_free(park, free)
    free = tuple(free)
    base = np.array([max(one.lower, 0.5 * one.upper, 1e-3) for one in free])
    draft = _sized_draft(park, free, base)
    step = np.maximum(base, 1.0) * 0.25
    trials = [_sized_draft(park, free, base + step * (np.arange(len(free)) == k)) for k in range(len(free))]
    far = _sized_draft(park, free, base + 2.0 * step)
    origin = dict(_numbers(draft))
    shifted = [dict(_numbers(trial)) for trial in trials]
    slopes: dict[tuple[str, str], NDArray[np.float64]] = {}
    problems: list[Problem] = []
    for key, value in origin.items():
        columns = [(other[key] - value) / step[k] for k, other in enumerate(shifted)]
        slope = np.stack(columns, axis=-1) if columns else np.zeros((*value.shape, 0))
        if np.any(slope):
            slopes[key] = slope
    reached = dict(_numbers(far))
    for key, value in origin.items():
        expected = value + (slopes[key] @ (2.0 * step) if key in slopes else 0.0)
        if np.any(np.abs(reached[key] - expected) > STRAIGHT * np.maximum(1.0, np.abs(expected))):
            problems.append(_crooked(free, key, "does not depend on the capacities in a straight line"))
    for k, trial in enumerate(trials):
        for key in _moved(draft, trial):
            problems.append(_crooked((free[k],), key, "changes with the capacity"))
    if problems:
        raise DefinitionError("the free capacities", problems)
    cost, constant = _money(park, free, base, step)
    return draft, Sizes(free, base, cost, constant, slopes)


def _sized_draft(park: Park, free: Sequence[Free], values: NDArray[np.float64]) -> NetworkDraft:
    """Build the draft at some capacities, with the rules on what is built."""
    draft = make_draft(resized(park, free, values))
    add_capacity_rules(draft)
    return draft


def _crooked(free: tuple[Free, ...], key: tuple[str, str], found: str) -> Problem:
    names = ", ".join(one.path for one in free)
    return Problem(names, f"{key[1]} of {key[0]} {found}", "it cannot be sized; sweep it in a study instead")


def _numbers(draft: NetworkDraft) -> Iterator[tuple[tuple[str, str], NDArray[np.float64]]]:
    """Yield what may depend on a capacity."""
    for component in draft.components.values():
        for attribute in component.attributes.keys() & MAY_MOVE:
            yield (component.name, attribute), np.asarray(component[attribute], dtype=float)
    for request in draft.requests:
        if isinstance(request, HourlyLimit):
            yield (request.name, "right"), np.broadcast_to(np.asarray(request.right, dtype=float), (draft.steps,))
        elif isinstance(request, PeriodLimit):
            yield (request.name, "right"), np.asarray(request.right, dtype=float)
        elif isinstance(request, RampLimit):
            yield (request.name, "up_mw"), np.asarray(request.up_mw, dtype=float)
            yield (request.name, "down_mw"), np.asarray(request.down_mw, dtype=float)


MAY_MOVE = {"p_nom", "e_nom", "e_initial", "right", "up_mw", "down_mw"}
"""Attributes of components and requests whose slopes are taken."""


def _fixed(draft: NetworkDraft) -> dict[tuple[str, str], Any]:
    """Everything that must not depend on a capacity."""
    fixed: dict[tuple[str, str], Any] = {}
    for component in draft.components.values():
        fixed |= {(component.name, attribute): value for attribute, value in component.attributes.items() if attribute not in MAY_MOVE}
    for request in draft.requests:
        if isinstance(request, Exclusive | Ordered):
            continue  # what they hold is how large their flows may be, which binaries would need
        values = {attribute.name: getattr(request, attribute.name) for attribute in dataclasses.fields(request)}
        terms = values.pop("terms", ())
        fixed |= {(request.name, f"coefficient of {term.component}"): term.coefficient for term in terms}
        fixed |= {(request.name, attribute): value for attribute, value in values.items() if attribute not in MAY_MOVE}
    return fixed


def _moved(draft: NetworkDraft, trial: NetworkDraft) -> list[tuple[str, str]]:
    before, after = _fixed(draft), _fixed(trial)
    moved = list(before.keys() ^ after.keys())
    for key in before.keys() & after.keys():
        one, other = before[key], after[key]
        if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
            if one is not other and not np.allclose(one, other, rtol=1e-9, atol=1e-12):
                moved.append(key)
        elif one != other and not (isinstance(one, float) and np.isclose(one, other, rtol=1e-9, atol=1e-12)):
            moved.append(key)
    return sorted(moved)


def yearly_cost(park: Park) -> float:
    """Annuities, with replacements and residual values, and fixed upkeep of everything that was bought, for the share of the year that is simulated. [CNY]"""
    rate = park.finance.discount_rate
    total = 0.0
    for technology in park.technologies.values():
        for item in technology.investments():
            total += item.yearly_cost_cny(rate) + item.fixed_om_cny_per_year
    return total * park.time.share_of_year


def _money(park: Park, free: tuple[Free, ...], base: NDArray[np.float64], step: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    here = yearly_cost(resized(park, free, base))
    slope = np.array([(yearly_cost(resized(park, free, base + step * (np.arange(len(free)) == k))) - here) / step[k] for k in range(len(free))])
    far = yearly_cost(resized(park, free, base + 2.0 * step))
    if abs(far - here - float(slope @ (2.0 * step))) > 1e-9 * max(1.0, abs(far)):
        names = ", ".join(one.path for one in free)
        raise DefinitionError("the free capacities", [Problem(names, "their cost is not proportional to them", "sweep them in a study instead")])
    return slope, here - float(slope @ base)
