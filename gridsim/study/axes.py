"""What a study varies: each path with its listed values, or with the range they come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gridsim.errors import Problem, did_you_mean, quoted

if TYPE_CHECKING:
    from gridsim.park.tree import Node

Design = Literal["grid", "one_at_a_time", "latin_hypercube"]
Value = float | int | str | bool

SHAPES = (("from", "to", "steps"), ("low", "high"), ("low", "high", "base"))
MOST_STEPS = 10_000
FORMS = "write a list of values, {from: 10, to: 40, steps: 4}, or {low: 10, high: 40, base: 20}"


@dataclass(frozen=True)
class Axis:
    """One varied path: values in order, or a range without steps."""

    path: str
    values: tuple[Value, ...] = ()
    low: float | int | None = None
    high: float | int | None = None
    base: Value | None = None
    """Where one path at a time is varied, the value it has while others are; None is what the park says."""

    @property
    def ends(self) -> tuple[Value, ...]:
        """Its values, or the two ends of its range."""
        return self.values or (self.low, self.high)

    @property
    def numeric(self) -> bool:
        """Whether all its values are numbers."""
        return all(is_number(value) for value in self.ends)

    def at(self, share: float) -> Value:
        """Return the value at a share of the range, or of the list. ``share`` in 0..1, 1 excluded."""
        if self.values:
            return self.values[int(share * len(self.values))]
        return tidy(self.low + share * (self.high - self.low))


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def tidy(value: float) -> float:
    """Round away what binary fractions add, so that a value is written as it is meant."""
    return float(f"{value:.12g}")


def read_axis(path: str, node: Node, design: Design | None, problems: list[Problem]) -> Axis | None:
    """Read what stands under a varied path; None with a note of each reason where it cannot be taken."""
    where, given = f"vary.{path}", node.plain()
    if isinstance(given, list):
        return _listed(path, node, given, problems)
    if not isinstance(given, dict):
        problems.append(node.problem(where, f"{quoted(given)} is not a list of values", FORMS))
        return None
    found = len(problems)
    known = list(dict.fromkeys(key for shape in SHAPES for key in shape))
    for key in given.keys() - set(known):
        problems.append(node.child(key).problem(f"{where}.{key}", "is not a key here", did_you_mean(str(key), known)))
    for key in given.keys() & set(known):
        if key != "base" and not is_number(given[key]):
            problems.append(node.child(key).problem(f"{where}.{key}", f"{quoted(given[key])} is not a number", "write a number; words stand in a list"))
    if len(problems) == found and tuple(key for key in known if key in given) not in SHAPES:
        problems.append(node.problem(where, f"has {', '.join(given) or 'no keys'}", FORMS))
    if len(problems) > found:
        return None
    return _stepped(path, node, given, problems) if "steps" in given else _ranged(path, node, given, design, problems)


def _listed(path: str, node: Node, given: list[Any], problems: list[Problem]) -> Axis | None:
    where, found = f"vary.{path}", len(problems)
    if not given:
        problems.append(node.problem(where, "is an empty list", FORMS))
    for number, value in enumerate(given):
        if not is_number(value) and not isinstance(value, str | bool):
            problems.append(node.at((number,)).problem(f"{where}.{number}", f"{quoted(value)} is not a value", "write numbers, words, true or false"))
    return Axis(path, tuple(dict.fromkeys(given))) if len(problems) == found else None


def _stepped(path: str, node: Node, given: dict[str, Any], problems: list[Problem]) -> Axis | None:
    first, last, steps = given["from"], given["to"], given["steps"]
    if not isinstance(steps, int) or not 2 <= steps <= MOST_STEPS:
        remedy = f"write a whole number of values from 2 to {MOST_STEPS:,}; both ends are among them"
        problems.append(node.child("steps").problem(f"vary.{path}.steps", f"{steps} is not a possible number of values", remedy))
        return None
    if first == last:
        problems.append(node.problem(f"vary.{path}", f"begins and ends at {first}", "give two different ends"))
        return None
    values = [tidy(first + (last - first) * step / (steps - 1)) for step in range(steps)]
    whole = isinstance(first, int) and isinstance(last, int)
    return Axis(path, tuple(int(value) if whole and value.is_integer() else value for value in values))


def _ranged(path: str, node: Node, given: dict[str, Any], design: Design | None, problems: list[Problem]) -> Axis | None:
    low, high, base, where = given["low"], given["high"], given.get("base"), f"vary.{path}"
    found = len(problems)
    if not low < high:
        problems.append(node.problem(where, f"low {low} is not below high {high}", "exchange them"))
    if base is not None and not (is_number(base) and low <= base <= high):
        problems.append(node.child("base").problem(f"{where}.base", f"{quoted(base)} does not lie between low and high", "write the usual value"))
    if design == "grid":
        problems.append(node.problem(where, "has low and high, but a grid needs values", "write a list or from, to, steps, or take another design"))
    if design == "latin_hypercube" and base is not None:
        problems.append(node.problem(f"{where}.base", "means nothing in a Latin hypercube", "remove it"))
    return Axis(path, (), low, high, base) if len(problems) == found else None
