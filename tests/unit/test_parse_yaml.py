"""Two parsers read a park, libyaml's first; what they read must be one and the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from gridsim.errors import Problem
from gridsim.park import parse
from gridsim.park.tree import Node

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((*ROOT.glob("networks/**/*.yaml"), *ROOT.glob("studies/**/*.yaml"), *ROOT.glob("gridsim/data/**/*.yaml")))


def grown(text: str, *, pure: bool) -> tuple[object, list[Problem]]:
    problems: list[Problem] = []
    tree = parse._Tree(text, "park.yaml", problems, pure=pure).grown()
    return placed(tree), problems


def placed(node: Node | None) -> object:
    """Values with their lines, all the way down."""
    if node is None:
        return None
    if isinstance(node.value, dict):
        return node.line, {key: placed(value) for key, value in node.value.items()}
    return node.line, [placed(value) for value in node.value] if isinstance(node.value, list) else node.value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_both_parsers_read_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert grown(text, pure=False) == grown(text, pure=True)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1_000\nb: 0o17\nc: 017\nd: yes\ne: ~\nf: 2026-01-02\n",
        "a: [x, 'y: z', \"\\u98ce\"]\n",
        "a: |\n  two\n  lines\nb: &x [1]\nc: *x\n",
        "a: .inf\nb: 1e3\n",
    ],
)
def test_words_of_yaml_1_2_mean_the_same(text: str) -> None:
    assert grown(text, pure=False) == grown(text, pure=True)


def test_merge_keys_and_twins_are_refused_by_both() -> None:
    for pure in (False, True):
        _, problems = grown("a: &b {c: 1}\nd:\n  <<: *b\na: 2\n", pure=pure)
        assert [(problem.where, problem.line) for problem in problems] == [("d", 3), ("a", 4)]


def test_what_libyaml_does_not_take_is_read_by_the_other() -> None:
    problems: list[Problem] = []
    tree = parse.parse_yaml("a: {certainty: M?}\n", "park.yaml", problems)
    assert tree is not None and tree.plain() == {"a": {"certainty": "M?"}} and not problems
