"""Fields of plants with the bounds they are checked against, and the check that finds every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from math import isfinite
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, Problem, did_you_mean, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS = 12


def number(default: float | None, low: float, high: float, unit: str) -> Any:
    """Declare a number between two bounds; where the default is None, None stands for "not given"."""
    return field(default=default, metadata={"low": low, "high": high, "unit": unit, "optional": default is None})


def share(default: float) -> Any:
    """Declare a share of the whole, 0..1."""
    return number(default, 0.0, 1.0, "1")


def monthly_share(default: float | tuple[float, ...]) -> Any:
    """Declare a share of the whole, 0..1: one number, or twelve for January to December."""
    return field(default=default, metadata={"low": 0.0, "high": 1.0, "unit": "1", "monthly": True})


def word(default: str | None, known: Sequence[str]) -> Any:
    """Declare one of some words; where the default is None, None stands for "not given"."""
    return field(default=default, metadata={"known": tuple(known), "optional": default is None})


def switch(default: bool) -> Any:
    """Declare true or false."""
    return field(default=default, metadata={"switch": True})


def problems_in(plant: Any) -> list[Problem]:
    """Return one Problem for each field whose value is not possible."""
    return [problem for entry in fields(plant) if (problem := _problem(entry.name, getattr(plant, entry.name), entry.metadata))]


def from_mapping(kind: type, given: Mapping[str, Any], subject: str, file: str = "") -> Any:
    """Build a plant from keys and values, as a file or a command line gives them.

    Parameters
    ----------
    kind : type
        ``SolarPlant`` or ``WindPark``.
    given : mapping
        Field names and values; lists are taken as tuples.
    subject : str
        What the error message is about, such as ``solar plant 'north'``.
    file : str, optional
        Where it was written.

    Raises
    ------
    DefinitionError
        With all unknown keys and impossible values at once.
    """
    known = [entry.name for entry in fields(kind)]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    problems = [Problem(str(key), "is not a key here", did_you_mean(str(key), known)) for key in values if key not in known]
    built = None
    try:
        built = kind(**{key: value for key, value in values.items() if key in known})
    except DefinitionError as error:
        problems += error.problems
    if problems:
        raise DefinitionError(subject, [Problem(problem.where, problem.found, problem.remedy, file) for problem in problems])
    return built


def _problem(name: str, value: Any, rule: Mapping[str, Any]) -> Problem | None:
    if not rule or (value is None and rule.get("optional")):
        return None
    if "switch" in rule:
        return None if isinstance(value, bool) else Problem(name, f"{quoted(value)} is neither true nor false")
    if "known" in rule:
        is_known = isinstance(value, str) and value in rule["known"]
        return None if is_known else Problem(name, f"{quoted(value)} is not possible here", did_you_mean(str(value), rule["known"]))
    if rule.get("monthly") and isinstance(value, tuple):
        if len(value) != MONTHS:
            return Problem(name, f"has {len(value)} values", "give one number, or twelve for January to December")
        return next((problem for entry in value if (problem := _number_problem(name, entry, rule))), None)
    return _number_problem(name, value, rule)


def _number_problem(name: str, value: Any, rule: Mapping[str, Any]) -> Problem | None:
    low, high, unit = rule["low"], rule["high"], rule["unit"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return Problem(name, f"{quoted(value)} is not a number", f"write a number from {low:g} to {high:g}{'' if unit == '1' else ' ' + unit}")
    if not low <= value <= high:
        remedy = f"write a number from {low:g} to {high:g}{'; shares are 0..1' if unit == '1' else ' ' + unit}"
        return Problem(name, f"{value:g} is out of range", remedy)
    return None
