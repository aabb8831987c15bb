"""Values that remember where they stand: the tree between a park's files and its checked definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gridsim.errors import Problem


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

    def placed(self, file: str, line: int | None = None) -> Node:
        """Return the same value with everything in it standing at one place."""
        value = self.value
        if isinstance(value, dict):
            value = {key: node.placed(file, line) for key, node in value.items()}
        elif isinstance(value, list):
            value = [node.placed(file, line) for node in value]
        return Node(value, file, line)

    def problem(self, where: str, found: str, remedy: str) -> Problem:
        """Make a Problem that points at this node."""
        return Problem(where, found, remedy, self.file, self.line)
