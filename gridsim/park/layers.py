"""What is laid over the base of a park: rows of CSV tables, a stage with all it comes after, and single overrides.

Mappings merge key by key, everything else is replaced, and null removes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from gridsim.errors import Problem, did_you_mean, printable, quoted
from gridsim.park.files import shown
from gridsim.park.parse import parse_cell, parse_yaml
from gridsim.park.tree import Node
from gridsim.profiles.table import Table, read_table

ENTRY_KEYS = ("sites", "buses", "tariffs", "technologies", "profiles")
"""Keys of a park that hold entries by name."""
CHANGEABLE_KEYS = ("name", "description", "time", "profile_set", "limits", "rules", "carbon", "indicators", "vpp", "finance", *ENTRY_KEYS)
"""Keys that a stage or an override may change."""
PARK_KEYS = (*CHANGEABLE_KEYS, "tables", "stages", "default_stage")


def merged(base: Node, change: Node) -> Node:
    """Return ``base`` with ``change`` laid over it; what both hold keeps the place of the base."""
    if not (isinstance(base.value, dict) and isinstance(change.value, dict)):
        return change
    result = dict(base.value)
    for key, node in change.value.items():
        if node.value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result[key], node) if key in result else node
    return Node(result, base.file, base.line)


def laid(tree: Node, path: tuple[str, ...], node: Node, problems: list[Problem]) -> Node:
    """Return the tree with one value laid over it at ``path``, or unchanged with a note of why it does not fit there.

    Groups of keys on the way that nobody wrote are made; entries by name are not, as a misspelt name would be a new one.
    """
    where, parent = ".".join(path), tree
    for depth, step in enumerate(path[:-1], start=1):
        child = parent.child(step)
        if child is None and depth > 1 and ((path[0] in ENTRY_KEYS and depth == 2) or node.value is None):
            problems.append(node.problem(where, f"there is no '{'.'.join(path[:depth])}' to change", did_you_mean(step, parent.value)))
            return tree
        parent = child or Node({})
        if not isinstance(parent.value, dict):
            found = f"'{'.'.join(path[:depth])}' is {quoted(parent.value)}, not a group of keys"
            problems.append(node.problem(where, found, "shorten the path"))
            return tree
    if len(path) <= 2 and path[-1] not in parent.value:
        new = path[0] != "technologies" or (isinstance(node.value, dict) and "type" in node.value)
        if node.value is None or not new:
            remedy = did_you_mean(path[-1], parent.value) + ("" if node.value is None else "; a new one needs type:")
            problems.append(node.problem(where, f"there is no '{where}' to {'remove' if node.value is None else 'change'}", remedy))
            return tree
    change = node
    for step in reversed(path):
        change = Node({step: change}, node.file, node.line)
    return merged(tree, change)


# ---- tables


def with_tables(tree: Node, folder: Path, problems: list[Problem]) -> Node:
    """Return the tree with the rows of its CSV tables as technologies."""
    tables = tree.child("tables")
    if tables is None:
        return tree
    for entry in tables.value if isinstance(tables.value, list) else [tables]:
        if not isinstance(entry.value, str):
            problems.append(entry.problem("tables", f"{quoted(entry.value)} is not a file name", "list CSV files, such as - loads.csv"))
            continue
        file = shown(folder / entry.value)
        table = read_table(folder / entry.value, file, problems, "tables")
        if table is not None:
            tree = _with_rows(tree, table, file, problems)
    return tree


def _with_rows(tree: Node, table: Table, file: str, problems: list[Problem]) -> Node:
    if not {"name", "type"} <= set(table.header):
        remedy = "each row is a technology: name, type, then its fields"
        problems.append(Problem("tables", "has no column 'name' or no column 'type'", remedy, file, 1))
        return tree
    base = tree.child("technologies") or Node({}, file, 1)
    if not isinstance(base.value, dict):
        return tree
    technologies = dict(base.value)
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = {column: cell for column, cell in zip(table.header, row, strict=True) if cell.strip()}
        name = cells.pop("name", "").strip()
        if not name:
            problems.append(Problem("technologies", "a row has no name", "fill the column 'name'", file, line))
        elif name in technologies:
            first = technologies[name]
            found = f"is written twice (first in {first.file}, line {first.line})"
            problems.append(Problem(f"technologies.{name}", found, "names are unique; rename or remove one", file, line))
        else:
            technologies[name] = Node({column: parse_cell(cell, file, line) for column, cell in cells.items()}, file, line)
    return Node({**tree.value, "technologies": Node(technologies, base.file, base.line)}, tree.file, tree.line)


# ---- stages


def with_stage(tree: Node, stage: str | None, problems: list[Problem]) -> tuple[Node, str | None]:
    """Return the tree with a stage, and all it comes after, laid over it; and the stage's name."""
    stages = _stages(tree, problems)
    node = tree.child("default_stage") if stage is None else Node(stage, f"--stage {printable(stage)}")
    if node is None:
        return tree, None
    wanted = str(node.value)
    if wanted not in stages:
        where = "default_stage" if stage is None else ""
        problems.append(node.problem(where, f"{quoted(node.value)} is not a stage of this park", did_you_mean(wanted, stages)))
        return tree, None
    for name in reversed(_chain(wanted, stages)):
        for path, change in _changes(stages[name]):
            tree = laid(tree, path, change, problems)
    return tree, wanted


def _stages(tree: Node, problems: list[Problem]) -> dict[str, dict[str, Node]]:
    """Return what each stage writes, by its name, once keys and order are checked."""
    node = tree.child("stages") or Node({})
    if not isinstance(node.value, dict):
        found = f"is {quoted(node.value)}, expected stages by name"
        problems.append(node.problem("stages", found, "write for example stages: {'2030': {…}}"))
        return {}
    stages = {name: stage.value for name, stage in node.value.items() if isinstance(stage.value, dict)}
    for name, stage in node.value.items():
        if name not in stages:
            found = f"is {quoted(stage.value)}, expected a group of keys"
            problems.append(stage.problem(f"stages.{name}", found, "write the keys that change, as in the base"))
    for name, content in stages.items():
        for key, change in content.items():
            if key.split(".")[0] not in (*CHANGEABLE_KEYS, "after"):
                remedy = did_you_mean(key, (*CHANGEABLE_KEYS, "after"))
                problems.append(change.problem(f"stages.{name}.{key}", "is not a key that a stage can change", remedy))
        after = content.get("after")
        if after is not None and str(after.value) not in node.value:
            remedy = did_you_mean(str(after.value), [other for other in node.value if other != name])
            problems.append(after.problem(f"stages.{name}.after", f"{quoted(after.value)} is not a stage of this park", remedy))
    problems.extend(_circles(stages))
    return stages


def _circles(stages: dict[str, dict[str, Node]]) -> list[Problem]:
    """Note each circle of stages once, at the first of them in the file."""
    problems, seen = [], set()
    for name in stages:
        chain = _chain(name, stages)
        if _before(chain[-1], stages) == name and name not in seen:
            seen.update(chain)
            found = f"the stages follow each other in a circle ({' after '.join([*chain, name])})"
            problems.append(stages[name]["after"].problem(f"stages.{name}.after", found, "remove one after:"))
    return problems


def _before(name: str, stages: dict[str, dict[str, Node]]) -> str | None:
    """Return the stage that a stage comes after, if it names one that exists."""
    after = stages[name].get("after")
    return str(after.value) if after is not None and str(after.value) in stages else None


def _chain(name: str, stages: dict[str, dict[str, Node]]) -> list[str]:
    """Return a stage and all it comes after, latest first, up to where a circle would close."""
    chain = [name]
    while (before := _before(chain[-1], stages)) is not None and before not in chain:
        chain.append(before)
    return chain


def _changes(content: dict[str, Node]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield what a stage writes, entry by entry; its keys may be paths such as ``technologies.caes_1.energy_mwh``."""
    for key, node in content.items():
        path = tuple(key.split("."))
        if path[0] not in CHANGEABLE_KEYS:
            continue
        if len(path) == 1 and isinstance(node.value, dict):
            yield from (((key, name), child) for name, child in node.value.items())
        else:
            yield path, node


# ---- overrides


def with_overrides(tree: Node, overrides: Sequence[str], problems: list[Problem], changeable: Sequence[str] = CHANGEABLE_KEYS) -> Node:
    """Return the tree with ``path=value`` pairs laid over it; each value is read as YAML."""
    for text in overrides:
        option = f"--set {printable(text)}"
        where, equals, value = (part.strip() for part in text.partition("="))
        path = tuple(where.split("."))
        if not equals or "" in path:
            problems.append(Problem("", "is not of the form path=value", "for example --set technologies.battery_1.power_mw=50", option))
            continue
        flaws: list[Problem] = []
        node = parse_yaml(value, option, flaws) if value else Node(None)
        if node is None or flaws:
            problems.append(Problem(where, f"the value {quoted(value)} {flaws[0].found}", "write a number, true, false, or text", option))
        elif path[0] not in changeable:
            problems.append(Problem(where, f"'{path[0]}' cannot be set", did_you_mean(path[0], changeable), option))
        else:
            tree = laid(tree, path, node.placed(option), problems)
    return tree
