"""A YAML file as a tree that remembers where each value stands.

Only the plain data of YAML 1.2 is read: mappings, lists, text, numbers, booleans, dates. Tags that name a type, and with them any way to run code, are
refused. Anchors are followed, but a file cannot grow beyond `MAX_NODES` values through them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gridsim.errors import Problem, did_you_mean

MAX_NODES = 200_000
MAX_DEPTH = 40
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}


@dataclass(frozen=True)
class Node:
    """A value with the file and line it was read from; mappings hold Nodes by key, lists hold Nodes."""

    value: Any
    file: str = ""
    line: int | None = None

    def plain(self) -> Any:
        """Return the value with all Nodes inside it unwrapped."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def at(self, path: tuple[Any, ...]) -> Node:
        """Return the node at ``path``, or the deepest one on the way to it that exists."""
        node = self
        for step in path:
            children = node.value
            if isinstance(children, dict) and step in children:
                node = children[step]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                node = children[step]
            else:
                break
        return node

    def problem(self, where: str, found: str, remedy: str = "") -> Problem:
        """Make a Problem that points at this node."""
        return Problem(where=where, found=found, remedy=remedy, file=self.file, line=self.line)


@dataclass
class Reading:
    """The problems met so far while reading."""

    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0


def read_text(path: Path, shown: str, problems: list[Problem]) -> str | None:
    """Return the text of a UTF-8 file without byte-order mark, or note why it cannot be read."""

    def refuse(found: str, remedy: str) -> None:
        problems.append(Problem(where="", found=found, remedy=remedy, file=shown))

    if path.is_dir():
        return refuse("is a directory, expected a file", "name the file inside it")
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return refuse("does not exist", "check the path; paths are relative to the park's folder")
    except OSError as error:
        return refuse(f"cannot be read ({error.strerror})", "check the file's permissions")
    if raw[:3] == b"\xef\xbb\xbf" or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return refuse("starts with a byte-order mark (BOM)", "save it again as plain UTF-8 (in Excel: 'CSV', in an editor: 'UTF-8 without BOM')")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return refuse(f"is not UTF-8 text (byte {error.start}, line {line})", "save it again as UTF-8; a spreadsheet must be exported as CSV first")
    control = next((position for position, letter in enumerate(text) if ord(letter) < 32 and letter not in "\t\n\r"), None)
    if control is not None:
        return refuse(f"holds a control character in line {text.count(chr(10), 0, control) + 1}", "this looks like a binary file; expected plain text")
    return text


def read_yaml(path: Path, shown: str, problems: list[Problem]) -> Node | None:
    """Read one YAML file into a tree, or note every reason why not."""
    text = read_text(path, shown, problems)
    if text is None:
        return None
    return parse_yaml(text, shown, problems)


def parse_yaml(text: str, shown: str, problems: list[Problem]) -> Node | None:
    """Parse YAML text into a tree; ``shown`` is the file name that problems name."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="safe", pure=True)
    try:
        documents = list(yaml.compose_all(text)) if text.strip() else []
    except (YAMLError, ValueError, RecursionError, AttributeError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        found = getattr(error, "problem", None) or "is not valid YAML"
        line = mark.line + 1 if mark else None
        problems.append(Problem("", f"cannot be parsed: {found}", "check indentation, colons and quotes on and above this line", shown, line))
        return None
    documents = [document for document in documents if document is not None]
    if not documents:
        problems.append(Problem("", "is empty", "write at least name, time, buses and technologies; `gridsim new` makes an example", shown))
        return None
    if len(documents) > 1:
        problems.append(Problem("", "holds more than one YAML document", "remove the line '---' in the middle", shown, documents[1].start_mark.line + 1))
        return None
    reading = Reading()
    node = _located(documents[0], shown, yaml, reading, (), ())
    problems.extend(reading.problems)
    return None if reading.problems else node


def _located(raw: Any, shown: str, yaml: Any, reading: Reading, path: tuple[str, ...], parents: tuple[int, ...]) -> Node:
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    line = raw.start_mark.line + 1
    where = ".".join(path)
    reading.nodes += 1
    if reading.nodes > MAX_NODES or len(path) > MAX_DEPTH or id(raw) in parents:
        if not any(problem.found.startswith("is too large") for problem in reading.problems):
            reading.problems.append(Problem(where, "is too large, too deep or refers to itself", "write the values out; avoid anchors", shown, line))
        return Node(None, shown, line)
    if str(raw.tag) not in PLAIN_TAGS and str(getattr(raw, "ctag", raw.tag)) not in PLAIN_TAGS:
        found = f"has the YAML tag '{raw.tag}'" if str(raw.tag) != "tag:yaml.org,2002:merge" else "uses the YAML merge key '<<'"
        reading.problems.append(Problem(where, found, "write plain values only", shown, line))
        return Node(None, shown, line)
    parents = (*parents, id(raw))
    if isinstance(raw, MappingNode):
        children: dict[str, Node] = {}
        for key_node, value_node in raw.value:
            key = str(key_node.value) if not isinstance(key_node, MappingNode | SequenceNode) else "?"
            key_line = key_node.start_mark.line + 1
            child_path = (*path, key)
            if key in children:
                first = children[key].line
                reading.problems.append(
                    Problem(".".join(child_path), f"is written twice (first in line {first})", "names must be unique; rename one", shown, key_line)
                )
                continue
            child = _located(value_node, shown, yaml, reading, child_path, parents)
            children[key] = Node(child.value, shown, key_line)
        return Node(children, shown, line)
    if isinstance(raw, SequenceNode):
        return Node([_located(item, shown, yaml, reading, (*path, str(i)), parents) for i, item in enumerate(raw.value)], shown, line)
    return Node(_scalar(raw, yaml, reading, where, shown, line), shown, line)


def _scalar(raw: Any, yaml: Any, reading: Reading, where: str, shown: str, line: int) -> Any:
    try:
        value = yaml.constructor.construct_object(raw, deep=True)
    except Exception:  # noqa: BLE001  the constructor raises many kinds for impossible dates and numbers; all mean the same to the user
        reading.problems.append(Problem(where, f"'{raw.value}' is not a possible value", "check the date or number; quote it if it is text", shown, line))
        return None
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return value


def merged(base: Node, change: Node) -> Node:
    """Return ``base`` with ``change`` laid over it: mappings merge key by key, everything else is replaced, null removes."""
    if not (isinstance(base.value, dict) and isinstance(change.value, dict)):
        return change
    result = dict(base.value)
    for key, node in change.value.items():
        if node.value is None:
            result.pop(key, None)
        elif key in result:
            result[key] = merged(result[key], node)
        else:
            result[key] = node
    return Node(result, change.file or base.file, base.line)


def nested(path: tuple[str, ...], leaf: Node) -> Node:
    """Return a tree that holds ``leaf`` at ``path`` and nothing else."""
    for key in reversed(path):
        leaf = Node({key: leaf}, leaf.file, leaf.line)
    return leaf


def dotted(tree: Node) -> Node:
    """Unfold keys such as ``technologies.caes_1.energy_mwh`` on the top level of a stage into nested mappings."""
    result = Node({}, tree.file, tree.line)
    for key, node in tree.value.items():
        result = merged(result, nested(tuple(key.split(".")), node))
    return result


def leaves(tree: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield every path that holds a value, lists taken as one value."""
    if isinstance(tree.value, dict) and tree.value:
        for key, node in tree.value.items():
            yield from leaves(node, (*path, key))
    else:
        yield path, tree


def parse_override(text: str, number: int) -> tuple[tuple[str, ...], Node] | Problem:
    """Parse one ``--set path=value``; the value is read as YAML."""
    shown = f"--set {text}"
    path, equals, value = text.partition("=")
    if not equals or not path.strip() or "" in path.strip().split("."):
        return Problem("", "is not of the form path=value", "for example --set technologies.battery_1.power_mw=50", shown)
    problems: list[Problem] = []
    node = parse_yaml(value, shown, problems) if value.strip() else Node(None, shown)
    if node is None:
        return Problem(path, f"the value '{value}' cannot be read", "write a number, true, false, or text", shown)
    return tuple(path.strip().split(".")), _with_file(node, shown)


def _with_file(node: Node, shown: str) -> Node:
    if isinstance(node.value, dict):
        return Node({key: _with_file(child, shown) for key, child in node.value.items()}, shown)
    if isinstance(node.value, list):
        return Node([_with_file(child, shown) for child in node.value], shown)
    return Node(node.value, shown)


def missing_parent(tree: Node, path: tuple[str, ...], problem_of: Node) -> Problem | None:
    """Say where an override leaves the tree: every step but the last must exist already."""
    node = tree
    for depth, step in enumerate(path[:-1]):
        if not isinstance(node.value, dict):
            return problem_of.problem(".".join(path), f"'{'.'.join(path[:depth])}' is a value, not a group", "shorten the path")
        if step not in node.value:
            if depth == 0:
                return None
            return problem_of.problem(".".join(path), f"there is no '{'.'.join(path[: depth + 1])}'", did_you_mean(step, node.value))
        node = node.value[step]
    return None
