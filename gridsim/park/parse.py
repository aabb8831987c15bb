"""YAML into a tree.

Only the plain data of YAML 1.2 is read: mappings, lists, text, numbers, booleans, dates. Tags that name a type, and with them any
way to run code, are refused. Anchors are followed, but a file cannot grow beyond `MAX_NODES` values through them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.nodes import ScalarNode

from gridsim.errors import Problem, quoted
from gridsim.park.files import UNPRINTABLE, read_text
from gridsim.park.tree import Node

MAX_NODES = 20_000
MAX_DEPTH = 30
MAX_CHARACTERS = 400_000
MAX_BITS = 64
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")}
DIRECTIVE = re.compile(r"^%", re.MULTILINE)
STUMBLES = (YAMLError, AssertionError, AttributeError, IndexError, KeyError, NotImplementedError, TypeError, ValueError)
"""Beyond its own errors, the parser stumbles in many ways over text that is no YAML."""

PLAIN_WORDS = {
    "cannot start any token": (
        "begins with a mark that YAML keeps for itself",
        "indent with spaces, not tabs; quote text that begins with @ ` or %",
    ),
    "mapping values are not allowed": ("has a ':' where none can stand", "check the indentation, and quote text that holds ': '"),
    "expected <block end>": ("is indented unlike the lines above", "begin all keys of one group in the same column"),
    "unknown escape": ("has a backslash inside double quotes", "use single quotes, or write two backslashes"),
}
"""What the parser says about the place where it stops, and what that means to someone who writes a park."""
PLAIN_WORDS_FOR_BEGINNINGS = {
    "could not find expected ':'": ("is neither 'key: value' nor a list", "write a ':' and a blank after the key"),
    "expected ',' or": ("leaves a bracket [ or { open", "close the bracket, and put commas between its entries"),
    "unexpected end of stream": ("leaves a quote open", "close the quote"),
}
"""The same, where the fault is that something begins and does not end."""


def read_yaml(path: Path, shown: str, problems: list[Problem], where: str = "") -> Node | None:
    """Read one YAML file into a tree, or note every reason why not; ``where`` is the path that names it."""
    text = read_text(path, shown, problems, where)
    return None if text is None else parse_yaml(text, shown, problems)


def parse_yaml(text: str, shown: str, problems: list[Problem]) -> Node | None:
    """Parse YAML text into a tree; ``shown`` is the file name that problems name.

    Values that cannot be taken are noted and left out of the tree; None says that there is no tree at all.
    """
    tree, found = _parsed(text, shown)
    problems.extend(found)
    return tree


@lru_cache(maxsize=32)
def _parsed(text: str, shown: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Parse a text once, however often the scenarios of a study read it; nobody changes a tree."""
    problems: list[Problem] = []
    return _grown(text, shown, problems), tuple(problems)


def _grown(text: str, shown: str, problems: list[Problem]) -> Node | None:
    unprintable, directive = UNPRINTABLE.search(text), DIRECTIVE.search(text)
    if len(text) > MAX_CHARACTERS:
        problems.append(Problem("", f"is too large ({len(text) / 1e6:.1f} MB)", "keep long lists in CSV tables", shown))
    elif unprintable is not None:
        problems.append(Problem("", "holds a character that cannot be printed", "write plain text", shown))
    elif directive is not None:
        line = text.count("\n", 0, directive.start()) + 1
        problems.append(Problem("", "begins with '%', which YAML takes for a directive", "remove the line, or quote it", shown, line))
    else:
        try:
            return _quickly_grown(text, shown, problems)
        except _RefusedError as error:
            problems.append(error.problem)
        except MarkedYAMLError as error:
            problems.append(_parser_problem(error, shown))
        except STUMBLES:
            problems.append(Problem("", "is not valid YAML", "check indentation, colons, quotes and brackets", shown))
    return None


def _quickly_grown(text: str, shown: str, problems: list[Problem]) -> Node | None:
    """Grow the tree from libyaml's events, which come twenty times as fast; what it stumbles over is read again by the parser whose words are known."""
    noted = len(problems)
    try:
        return _Tree(text, shown, problems, pure=False).grown()
    except _RefusedError:
        raise
    except STUMBLES:
        del problems[noted:]
        return _Tree(text, shown, problems, pure=True).grown()


def _parser_problem(error: MarkedYAMLError, shown: str) -> Problem:
    said = error.problem or ""
    for words, mark in ((PLAIN_WORDS_FOR_BEGINNINGS, error.context_mark), (PLAIN_WORDS, error.problem_mark)):
        for fragment, (found, remedy) in words.items():
            if fragment in said and mark is not None:
                return Problem("", found, remedy, shown, mark.line + 1)
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else mark.line + 1
    return Problem("", "cannot be read as YAML here", "check indentation, colons and quotes on and above this line", shown, line)


class _RefusedError(Exception):
    """There is no tree, for one reason."""

    def __init__(self, found: str, remedy: str, shown: str, line: int | None = None) -> None:
        self.problem = Problem("", found, remedy, shown, line)
        super().__init__(found)


class _Tree:
    """Grows Nodes from the parser's events, within limits; an alias shares the Node of its anchor and counts as often as it is used."""

    def __init__(self, text: str, shown: str, problems: list[Problem], *, pure: bool) -> None:
        self.events = YAML(typ="safe", pure=pure).parse(text)
        self.shown = shown
        self.problems = problems
        self.anchors: dict[str, tuple[Node | None, int]] = {}
        self.count = 0

    def grown(self) -> Node | None:
        """Return the root of the only document."""
        documents, root = 0, None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    line = event.start_mark.line + 1
                    raise _RefusedError("holds more than one YAML document", "remove the line '---' in the middle", self.shown, line)
            elif isinstance(event, ScalarEvent | CollectionStartEvent | AliasEvent):
                root = self._node(event, ())
        if not documents:
            raise _RefusedError("is empty", "`gridsim new NAME` makes an example to start from", self.shown)
        return root

    def _node(self, event: ScalarEvent | CollectionStartEvent | AliasEvent, path: tuple[str, ...]) -> Node | None:
        """Return the node that begins with an event, or None with a note of why it cannot be taken."""
        line, before = event.start_mark.line + 1, self.count
        self.count += 1
        if self.count > MAX_NODES or len(path) > MAX_DEPTH:
            raise _RefusedError("is too long, or nested too deeply", "keep long lists in CSV tables; avoid anchors (&, *)", self.shown, line)
        if isinstance(event, AliasEvent):
            if event.anchor not in self.anchors:
                remedy = "write the value out; put quotes around text that begins with '*'"
                raise _RefusedError(f"refers to {quoted(f'*{event.anchor}')}, which is not complete above it", remedy, self.shown, line)
            node, size = self.anchors[event.anchor]
            self.count += size
            return node
        foreign = event.tag is not None and event.tag not in PLAIN_TAGS
        if isinstance(event, ScalarEvent):
            node = None if foreign else self._scalar(event, path, line)
        elif isinstance(event, MappingStartEvent):
            node = Node(dict(self._entries(path)), self.shown, line)
        else:
            node = Node(list(self._items(path)), self.shown, line)
        if foreign:
            self._refuse(path, f"has the YAML tag {quoted(event.tag)}", "write the plain value without a tag", line)
            node = None
        if event.anchor is not None:
            self.anchors[event.anchor] = node, self.count - before
        return node

    def _items(self, path: tuple[str, ...]) -> Iterator[Node]:
        for number in count():
            event = next(self.events)
            if isinstance(event, SequenceEndEvent):
                return
            yield self._node(event, (*path, str(number))) or Node(None, self.shown, event.start_mark.line + 1)

    def _entries(self, path: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
        lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            line = event.start_mark.line + 1
            key = event.value if isinstance(event, ScalarEvent) else None
            if key is None:
                self._node(event, (*path, "?"))
            value = self._node(next(self.events), (*path, key or ""))
            if key is None:
                self._refuse(path, "has a list or a group as a key", "write one word before the ':'", line)
            elif key == "<<" and not event.style:
                self._refuse(path, "uses the YAML merge key '<<'", "write the values out", line)
            elif UNPRINTABLE.search(key):
                self._refuse(path, "has a key with a character that cannot be printed", "use letters, digits and underscores", line)
            elif key in lines:
                found = f"is written twice (first in line {lines[key]})"
                self._refuse((*path, key), found, "names and keys are unique in their group; rename or remove one", line)
            else:
                lines[key] = line
                if value is not None:
                    yield key, Node(value.value, self.shown, line)

    def _scalar(self, event: ScalarEvent, path: tuple[str, ...], line: int) -> Node | None:
        try:
            return Node(plain_value(event.value, event.implicit, event.ctag), self.shown, line)
        except ValueError as error:
            found, remedy = error.args
            self._refuse(path, found, remedy, line)
            return None

    def _refuse(self, path: tuple[str, ...], found: str, remedy: str, line: int) -> None:
        self.problems.append(Problem(".".join(path), found, remedy, self.shown, line))


@cache
def _scalar_yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def plain_value(text: str, implicit: tuple[bool, bool] = (True, False), tag: Any = None) -> Any:
    """Return the value of a scalar by the rules of YAML 1.2.

    Raises
    ------
    ValueError
        With finding and remedy, for what no date or number can be, and for text that cannot be printed.
    """
    yaml = _scalar_yaml()
    resolved = yaml.resolver.resolve(ScalarNode, text, implicit) if tag is None or str(tag) == "!" else tag
    try:
        value = yaml.constructor.construct_object(ScalarNode(resolved, text))
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise OverflowError
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{quoted(text)} is not a possible date or number", "correct it, or quote it if it is text") from error
    if isinstance(value, str) and UNPRINTABLE.search(value):
        raise ValueError("holds a character that cannot be printed", "write plain text")
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


def parse_cell(text: str, shown: str, line: int) -> Node:
    """Read one cell of a table as YAML would read it: a number, true, false, a date, ``[a, b]`` or text."""
    text = text.strip()
    if text.startswith(("[", "{")):
        problems: list[Problem] = []
        node = parse_yaml(text, shown, problems)
        return Node(text, shown, line) if node is None or problems else node.placed(shown, line)
    try:
        return Node(plain_value(text), shown, line)
    except ValueError:
        return Node(text, shown, line)
