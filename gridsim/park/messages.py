"""pydantic's findings in the park's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridsim.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic import ValidationError

    from gridsim.park.definition import Definition
    from gridsim.park.tree import Node


def problems_of(error: ValidationError, model: type[Definition], node: Node, where: str) -> list[Problem]:
    """Translate every finding of one definition into Problems that point at file and line."""
    problems = []
    for finding in error.errors(include_url=False):
        path = tuple(step for step in finding["loc"] if not _is_union_branch(step))
        place = ".".join((where, *(str(step) for step in path)))
        found, remedy = _words(finding, model, path)
        problem = node.at(path).problem(place, found, remedy)
        if problem not in problems:
            problems.append(problem)
    return _without_union_echoes(problems)


def _is_union_branch(step: Any) -> bool:
    return isinstance(step, str) and (step.startswith(("literal[", "constrained-", "function-")) or step in {"float", "int"})


def _without_union_echoes(problems: list[Problem]) -> list[Problem]:
    """Keep one problem a place: the branches of a union each complain about the same value."""
    return list({problem.where: problem for problem in reversed(problems)}.values())[::-1]


def _words(finding: dict[str, Any], model: type[Definition], path: tuple[Any, ...]) -> tuple[str, str]:
    kind, given, context = finding["type"], finding.get("input"), finding.get("ctx", {})
    field = str(path[-1]) if path else ""
    unit = _unit(model, path)
    expected = f"a number in {unit}" if unit not in ("", "1") else "a number"
    shown = f"'{given}'" if isinstance(given, str) else repr(given)
    shown = shown if len(shown) < 60 else shown[:57] + "…"
    match kind:
        case "extra_forbidden":
            names = model.model_fields if len(path) == 1 else ()
            return "is not a key here", did_you_mean(field, names)
        case "missing":
            return "is missing", f"give {expected}" if unit else "this key has no default"
        case "less_than_equal" if context.get("le") == 1 and isinstance(given, float | int) and given > 1:
            return f"{given} is above 1", f"shares are 0..1; did you mean {given / 100:g}?" if given <= 100 else "shares are 0..1"
        case "greater_than_equal":
            return f"{shown} is below {context['ge']:g}", f"give {expected}, at least {context['ge']:g}"
        case "greater_than":
            return f"{shown} is not above {context['gt']:g}", f"give {expected} above {context['gt']:g}"
        case "less_than_equal":
            return f"{shown} is above {context['le']:g}", f"give {expected}, at most {context['le']:g}"
        case "less_than":
            return f"{shown} is not below {context['lt']:g}", f"give {expected} below {context['lt']:g}"
        case "float_type" | "float_parsing" | "int_type" | "int_parsing" | "int_from_float":
            if isinstance(given, str):
                advice = "write the number alone, with a decimal point; the unit stands in the key's name"
                return f"{shown} is not a number", advice if not given.strip().endswith("%") else "shares are 0..1: write 0.85 for 85 %"
            return f"{shown} is not {'a whole number' if kind.startswith('int') else 'a number'}", f"give {expected}"
        case "finite_number":
            return f"{shown} is not a finite number", f"give {expected}"
        case "literal_error":
            return f"{shown} is not possible", f"choose {context.get('expected', 'another')}"
        case "bool_type":
            return f"{shown} is neither true nor false", "write true or false"
        case "string_type":
            return f"{shown} is not text", "write text; quote it if it looks like a number"
        case "dict_type" | "model_type":
            return f"{shown} is not a list of keys", "write indented keys below it"
        case "list_type":
            return f"{shown} is not a list", "write [a, b] or one '- ' a line"
        case "value_error":
            return str(context.get("error", finding["msg"])), ""
        case "too_short" | "too_long":
            return f"has {context.get('actual_length')} entries", f"expected {context.get('min_length', context.get('max_length'))}"
        case _ if kind.startswith("date"):
            return f"{shown} is not a date", "write it as 2030-01-01"
        case _:
            return f"{shown} does not fit", finding["msg"]


def _unit(model: type[Definition], path: tuple[Any, ...]) -> str:
    """Return the unit that a field's type carries, if it has one."""
    field = model.model_fields.get(str(path[0])) if path else None
    if field is None:
        return ""
    extras = [field.json_schema_extra, *(getattr(part, "json_schema_extra", None) for part in field.metadata)]
    return next((extra["unit"] for extra in extras if isinstance(extra, dict) and "unit" in extra), "")
