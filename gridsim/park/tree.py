"""A YAML file as a tree that remembers where each value stands.

Only the plain data of YAML 1.2 is read: mappings, lists, text, numbers, booleans, dates. Tags that name a type, and with them any
way to run code, are refused. Anchors are followed, but a file cannot grow beyond `MAX_NODES` values through them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridsim.errors import Problem, quoted
from gridsim.park.files import UNPRINTABLE, read_text

if TYPE_CHECKING:
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import Node as RawNode

MAX_NODES = 50_000
MAX_DEPTH = 30
MAX_CHARACTERS = 400_000
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}
DIRECTIVE = re.compile(r"^%", re.MULTILINE)

PLAIN_WORDS = {
    "cannot start any token": ("begins with a mark that YAML keeps for itself", "indent with spaces, not tabs; quote text that begins with @ ` or %"),
    "mapping values are not allowed": ("has a ':' where none can stand", "check the indentation, and quote text that holds ': '"),
    "could not find expected ':'": ("is neither 'key: value' nor a list", "write a ':' and a blank after the key"),
    "expected <block end>": ("is indented unlike the lines above", "begin all keys of one group in the same column"),
    "expected ',' or": ("leaves a bracket [ or { open", "close the bracket, and put commas between its entries"),
    "unexpected end of stream": ("leaves a quote open", "close the quote"),
    "undefined alias": ("begins a value with '*', which YAML takes for an alias", "put quotes around the value"),
    "unknown escape": ("has a backslash inside double quotes", "use single quotes, or write two backslashes"),
    "maximum depth": ("is nested too deeply", "write the values out"),
}
"""What the parser says, and what that means to someone who writes a park."""


@dataclass(frozen=True, slots=True)
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
            child = node.child(step)
            if child is None:
                break
            node = child
        return node

    def child(self, step: Any) -> Node | None:
        """Return what stands under a key, or at an index, if there is any."""
        if isinstance(self.value, dict):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def problem(self, where: str, found: str, remedy: str) -> Problem:
        """Make a Problem that points at this node."""
        return Problem(where, found, remedy, self.file, self.line)


def read_yaml(path: Path, shown: str, problems: list[Problem]) -> Node | None:
    """Read one YAML file into a tree, or note every reason why not."""
    text = read_text(path, shown, problems)
    return None if text is None else parse_yaml(text, shown, problems)


def parse_yaml(text: str, shown: str, problems: list[Problem]) -> Node | None:
    """Parse YAML text into a tree; ``shown`` is the file name that problems name.

    Values that cannot be taken are noted and left out of the tree; None says that there is no tree at all.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    unprintable, directive = UNPRINTABLE.search(text), DIRECTIVE.search(text)
    if len(text) > MAX_CHARACTERS:
        problems.append(Problem("", f"is too large ({len(text) / 1e6:.1f} MB)", "keep long lists in CSV tables (tables:)", shown))
        return None
    if unprintable is not None:
        problems.append(Problem("", "holds a character that cannot be printed", "write plain text", shown))
        return None
    if directive is not None:
        line = text.count("\n", 0, directive.start()) + 1
        problems.append(Problem("", "begins a line with '%', which YAML takes for a directive", "remove the line, or quote it", shown, line))
        return None
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        documents = [document for document in yaml.compose_all(text) if document is not None] if text.strip() else []
    except MarkedYAMLError as error:
        problems.append(_parser_problem(error, shown))
        return None
    except (YAMLError, AssertionError, AttributeError, IndexError, KeyError, NotImplementedError, TypeError, ValueError):
        # beyond its own errors, the parser stumbles in many ways over text that is no YAML
        problems.append(Problem("", "is not valid YAML", "check indentation, colons, quotes and brackets", shown))
        return None
    if not documents:
        problems.append(Problem("", "is empty", "`gridsim new NAME` makes an example to start from", shown))
        return None
    if len(documents) > 1:
        line = documents[1].start_mark.line + 1
        problems.append(Problem("", "holds more than one YAML document", "remove the line '---' in the middle", shown, line))
        return None
    return _Planting(yaml, shown, problems).tree(documents[0])


def _parser_problem(error: Any, shown: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    said = error.problem or ""
    for fragment, (found, remedy) in PLAIN_WORDS.items():
        if fragment in said:
            return Problem("", found, remedy, shown, line)
    return Problem("", "cannot be read as YAML here", "check indentation, colons and quotes on and above this line", shown, line)


class _TooLargeError(Exception):
    """The tree grows beyond its limits, or into itself."""


class _Planting:
    """Makes one tree of Nodes from what the parser composed."""

    def __init__(self, yaml: YAML, shown: str, problems: list[Problem]) -> None:
        self.yaml = yaml
        self.shown = shown
        self.problems = problems
        self.count = 0

    def tree(self, raw: RawNode) -> Node | None:
        try:
            return self._node(raw, (), (), raw.start_mark.line + 1)
        except _TooLargeError:
            advice = "write the values out instead of using anchors (&, *)"
            self.problems.append(Problem("", "grows too large, too deep or into itself", advice, self.shown, raw.start_mark.line + 1))
            return None

    def _node(self, raw: RawNode, path: tuple[str, ...], parents: tuple[int, ...], line: int) -> Node | None:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        self.count += 1
        if self.count > MAX_NODES or len(path) > MAX_DEPTH or id(raw) in parents:
            raise _TooLargeError
        if str(raw.ctag) not in PLAIN_TAGS:
            self._refuse(path, f"has the YAML tag '{raw.ctag}'", "write the plain value without a tag", line)
            return None
        parents = (*parents, id(raw))
        if isinstance(raw, MappingNode):
            return Node(dict(self._entries(raw, path, parents)), self.shown, line)
        if isinstance(raw, SequenceNode):
            items = [self._node(item, (*path, str(i)), parents, item.start_mark.line + 1) for i, item in enumerate(raw.value)]
            return Node([item for item in items if item is not None], self.shown, line)
        return self._scalar(raw, path, line)

    def _entries(self, raw: RawNode, path: tuple[str, ...], parents: tuple[int, ...]) -> Iterator[tuple[str, Node]]:
        lines: dict[str, int] = {}
        for key_node, value_node in raw.value:
            line = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key, str):
                self._refuse(path, "has a list or a group as a key", "write one word before the ':'", line)
            elif key == "<<" and key_node.style is None:
                self._refuse(path, "uses the YAML merge key '<<'", "write the values out", line)
            elif UNPRINTABLE.search(key):
                self._refuse(path, "has a key with a character that cannot be printed", "use letters, digits and underscores", line)
            elif key in lines:
                found = f"is written twice (first in line {lines[key]})"
                self._refuse((*path, key), found, "names and keys are unique in their group; rename or remove one", line)
            else:
                lines[key] = line
                child = self._node(value_node, (*path, key), parents, line)
                if child is not None:
                    yield key, child

    def _scalar(self, raw: RawNode, path: tuple[str, ...], line: int) -> Node | None:
        try:
            value = self.yaml.constructor.construct_object(raw, deep=True)
        except (ValueError, OverflowError, TypeError, IndexError, KeyError):
            self._refuse(path, f"{quoted(raw.value)} is not a possible date or number", "correct it, or quote it if it is text", line)
            return None
        if isinstance(value, datetime.datetime):
            value = value.replace(tzinfo=None)
        elif isinstance(value, str) and UNPRINTABLE.search(value):
            self._refuse(path, "holds a character that cannot be printed", "write plain text", line)
            return None
        return Node(value, self.shown, line)

    def _refuse(self, path: tuple[str, ...], found: str, remedy: str, line: int) -> None:
        self.problems.append(Problem(".".join(path), found, remedy, self.shown, line))


def parse_cell(text: str, shown: str, line: int) -> Node:
    """Read one cell of a table as YAML would read it: a number, true, false, a date, ``[a, b]`` or text."""
    problems: list[Problem] = []
    node = parse_yaml(text, shown, problems)
    return Node(text.strip(), shown, line) if node is None or problems else node.standing_at(shown, line)
