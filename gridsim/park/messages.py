"""pydantic's findings in the park's own words."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gridsim.errors import Problem, did_you_mean, nearest, quoted

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from gridsim.park.tree import Node

Steps = tuple[Any, ...]

BOUNDS = {
    "greater_than_equal": ("ge", "is below", "at least"),
    "greater_than": ("gt", "is not above", "above"),
    "less_than_equal": ("le", "is above", "at most"),
    "less_than": ("lt", "is not below", "below"),
}
NUMBERS = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number",
}
KINDS = {
    "bool_type": ("neither true nor false", "write true or false, without quotes"),
    "string_type": ("not text", "put quotes around it if it is meant as text"),
    "string_too_short": ("too short", "write at least one letter"),
    "list_type": ("not a list", "write [a, b], or one line with '- ' for each entry"),
    "dict_type": ("not a group of keys", "write indented keys below it"),
    "model_type": ("not a group of keys", "write indented keys below it"),
    "date_type": ("not a date", "write the day as 2030-01-01"),
    "date_from_datetime_inexact": ("a day with an hour", "write the day alone, as 2030-01-01"),
}
"""What pydantic expected: what the value is instead, and how to write it."""

PLAIN_NAMES = {float: "a number", int: "a whole number", bool: "true or false", str: "text", datetime.date: "a date"}
NAMED = ("bus", "load", "profile", "site", "tariff")
"""Endings of keys that take the name of something in the park."""
FACTORS = {
    **{("kw", "mw"): 1e-3, ("gw", "mw"): 1e3, ("kwh", "mwh"): 1e-3, ("gwh", "mwh"): 1e3, ("twh", "mwh"): 1e6},
    **{("t", "kg"): 1e3, ("kg", "t"): 1e-3, ("percent", "share"): 1e-2},
}
"""What one of the first unit is in the second."""
NUMBER_AND_REST = re.compile(r"\s*([-+]?\d*[.,]?\d+(?:[eE][-+]?\d+)?)\s*(.*?)\s*$", re.DOTALL)


def problems_of(error: ValidationError, model: type[BaseModel], node: Node, where: str) -> list[Problem]:
    """Translate the findings of one definition into Problems that point at file and line, one for each place."""
    by_path: dict[Steps, list[ErrorDetails]] = {}
    for finding in error.errors(include_url=False):
        by_path.setdefault(_path(finding, node), []).append(finding)
    meant = {_meant(path, model, findings[0]) for path, findings in by_path.items() if findings[0]["type"] == "extra_forbidden"}
    problems = []
    for path, findings in by_path.items():
        if findings[0]["type"] == "missing" and path in meant:  # it is there under another name
            continue
        found, remedy = _words(_most_telling(findings), model, path)
        place = ".".join(str(step) for step in (where, *path) if step != "")
        problems.append(node.at(path).problem(place, found, remedy))
    return problems


def _path(finding: ErrorDetails, node: Node) -> Steps:
    """Return the steps of a location that stand in the file; pydantic adds the branches of a union."""
    path: Steps = ()
    for step in finding["loc"]:
        if node.at(path).child(step) is not None:
            path = (*path, step)
    return (*path, finding["loc"][-1]) if finding["type"] == "missing" else path


def _most_telling(findings: list[ErrorDetails]) -> ErrorDetails:
    """Return the finding about the branch of a union that the value comes nearest to: for a number, that of numbers."""
    number = isinstance(findings[0].get("input"), float | int) and not isinstance(findings[0]["input"], bool)
    return next((finding for finding in findings if number and finding["type"] in (*BOUNDS, *NUMBERS)), findings[0])


def _words(finding: ErrorDetails, model: type[BaseModel], path: Steps) -> tuple[str, str]:
    """Return what was found and what to do."""
    kind, given, context = finding["type"], finding.get("input"), finding.get("ctx", {})
    owner, field = _owner_and_field(model, path)
    expected = _expected(field, path)
    match kind:
        case "extra_forbidden":
            names = owner.model_fields
            return "is not a key here", _same_in_another_unit(str(path[-1]), names, given)[1] or did_you_mean(str(path[-1]), names)
        case "missing":
            return "is missing", f"write {path[-1]}: and {expected}; there is no default"
        case "value_error":
            found, *remedy = context["error"].args
            return found, remedy[0] if remedy else f"write {expected}"
        case "too_short" | "too_long":
            bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
            count = context["actual_length"]
            return f"has {count or 'no'} {'entry' if count == 1 else 'entries'}", f"expected {bound}"
        case _ if given is None:
            return "is empty", f"write {expected}, or remove the key"
        case _ if kind in BOUNDS:
            return _out_of_bounds(kind, given, context, expected)
        case _ if kind in NUMBERS:
            return f"{quoted(given)} is not {NUMBERS[kind]}", _how_to_write_a_number(str(path[-1]), given, expected)
        case "literal_error":
            return f"{quoted(given)} is not possible here", f"choose {expected}"
        case _:
            found, remedy = KINDS.get(kind, ("not possible here", f"write {expected}"))
            return f"{quoted(given)} is {found}", remedy


def _out_of_bounds(kind: str, given: Any, context: Mapping[str, Any], expected: str) -> tuple[str, str]:
    key, found, bound = BOUNDS[kind]
    limit = context[key]
    shown = f"{limit:g}" if isinstance(limit, float | int) else str(limit)
    if key == "le" and limit == 1:
        return f"{given} is above 1", "shares are 0..1" + (f"; did you mean {given / 100:g}?" if given <= 100 else "")
    return f"{given} {found} {shown}", f"write {expected}, {bound} {shown}"


def _how_to_write_a_number(key: str, given: Any, expected: str) -> str:
    parts = NUMBER_AND_REST.match(given) if isinstance(given, str) else None
    if parts is None:
        return f"write {expected}"
    number, rest = parts[1].replace(",", "."), parts[2]
    if rest == "%":
        return f"shares are 0..1: write {float(number) / 100:g}"
    other = [factor for (unit, own), factor in FACTORS.items() if unit == rest.lower() and own in key.split("_") and "per" not in key.split("_")]
    if other:
        return f"write {float(number) * other[0]:.10g}, which is {number} {rest} in the unit that stands in the key's name"
    if rest:
        return f"write {number} alone, as the unit stands in the key's name; expected {expected}"
    return f"write {number} with a decimal point" if "," in parts[1] else f"write {number} without quotes"


def _meant(path: Steps, model: type[BaseModel], finding: ErrorDetails) -> Steps:
    """Return the path of the field that an unknown key was probably meant to be."""
    key, (owner, _) = str(path[-1]), _owner_and_field(model, path)
    return (*path[:-1], _same_in_another_unit(key, owner.model_fields, finding["input"])[0] or nearest(key, owner.model_fields))


def _same_in_another_unit(key: str, names: Iterable[str], given: Any) -> tuple[str, str]:
    """Return the name by which a key such as ``power_kw`` goes here, and how to write it, where ``power_mw`` is one."""
    for name in names:
        pairs = list(zip(key.split("_"), name.split("_"), strict=False))
        other = [pair for pair in pairs if pair[0] != pair[1]]
        if len(other) != 1 or other[0] not in FACTORS or key.count("_") != name.count("_"):
            continue
        factor = FACTORS[other[0]]
        if "per" in key.split("_")[: pairs.index(other[0])]:
            factor = 1 / factor
        is_number = isinstance(given, float | int) and not isinstance(given, bool)
        return name, f"write it in the unit of {name}" + (f": {name}: {given * factor:.10g}" if is_number else "")
    return "", ""


def _owner_and_field(model: type[BaseModel], path: Steps) -> tuple[type[BaseModel], FieldInfo | None]:
    """Return the innermost definition that a path runs through, and the last field on it."""
    owner, field = model, None
    for step in path:
        if step in owner.model_fields:
            field = owner.model_fields[step]
            definitions = (part for part in _parts(field.annotation) if isinstance(part, type) and issubclass(part, BaseModel))
            owner = next(definitions, owner)
    return owner, field


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield a type and everything that its values are made of."""
    yield annotation
    for part in get_args(annotation)[1 if get_origin(annotation) is dict else 0 :]:
        yield from _parts(part)


def _expected(field: FieldInfo | None, path: Steps) -> str:
    """Describe what a field takes: ``a number in MW``, ``'alkaline' or 'pem'``."""
    if field is None:
        return "a value"
    parts = list(_parts(field.annotation))
    if any(get_origin(part) is list for part in parts) and not isinstance(path[-1], int):
        return "a list"
    words = [" or ".join(quoted(word) for word in get_args(part)) for part in parts if get_origin(part) is Literal]
    words += [name for kind, name in PLAIN_NAMES.items() if kind in parts]
    noun = str(path[-1]).rpartition("_")[-1]
    if words == [PLAIN_NAMES[str]] and noun in NAMED:
        return f"the name of a {noun}"
    extras = [part.json_schema_extra for part in [field, *parts] if isinstance(part, FieldInfo)]
    unit = next((extra["unit"] for extra in extras if isinstance(extra, dict) and "unit" in extra), "")
    suffix = " (shares are 0..1)" if unit == "1" else f" in {unit}" if unit else ""
    return (" or ".join(words) or "a group of keys") + suffix
