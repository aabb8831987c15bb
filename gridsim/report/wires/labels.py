"""Labels beside points, placed so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Box = tuple[float, float, float, float]

FONT_PX = 11
LINE_PX = 14.0
GAP_PX = 6.0

SIDES = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Where a label may stand, to the right and upwards of its point, in the order of preference."""
ACROSS = {-1: "left", 0: "center", 1: "right"}
UP = {-1: "bottom", 0: "middle", 1: "top"}
"""plotly's words for them."""


@dataclass(frozen=True)
class Label:
    """One text that may stand beside its point."""

    name: str
    text: str
    x: float
    y: float
    """In pixels, upwards."""


def placed(labels: Iterable[Label], points: Iterable[tuple[float, float]], frame: Box, lines: NDArray[np.float64] | None = None) -> dict[str, str]:
    """Return the side on which each label stands: where it covers no other label or point, and of those where it crosses the fewest lines.

    Parameters
    ----------
    labels : iterable of Label
        By importance; one that fits nowhere is left out.
    points : iterable of (x, y)
        What no label may cover. [px]
    frame : (left, bottom, right, top)
        What the labels must stay inside. [px]
    lines : array, shape (L, 4), optional
        Both ends of each line, x before y. [px]

    Examples
    --------
    >>> two = [Label("a", "north", 50.0, 50.0), Label("b", "south", 70.0, 50.0)]
    >>> placed(two, [(50.0, 50.0), (70.0, 50.0)], (0.0, 0.0, 200.0, 100.0))
    {'a': 'middle left', 'b': 'middle right'}
    """
    segments = np.zeros((0, 4)) if lines is None else lines
    taken: list[Box] = [(x - 4.0, y - 4.0, x + 4.0, y + 4.0) for x, y in points]
    found = {}
    for label in labels:
        own = (label.x - 4.0, label.y - 4.0, label.x + 4.0, label.y + 4.0)
        free: list[tuple[int, int, str, Box]] = []
        for right, up in SIDES:
            box = _box(label, right, up)
            inside = box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
            if inside and not any(_overlap(box, other) for other in taken if other != own):
                free.append((_crossing(box, segments), len(free), f"{UP[up]} {ACROSS[right]}", box))
        if free:
            _, _, found[label.name], box = min(free)
            taken.append(box)
    return found


def _crossing(box: Box, lines: NDArray[np.float64]) -> int:
    """Number of lines that pass through a box, by the part of each that lies between its four edges (Liang and Barsky)."""
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (np.array(box[:2]) - start) / step, (np.array(box[2:]) - start) / step
    enter, leave = np.fmin(first, second), np.fmax(first, second)
    outside = (step == 0.0) & ((start < np.array(box[:2])) | (start > np.array(box[2:])))
    enter, leave = np.where(step == 0.0, 0.0, enter), np.where(step == 0.0, 1.0, leave)
    passes = (np.maximum(enter.max(axis=1), 0.0) < np.minimum(leave.min(axis=1), 1.0)) & ~outside.any(axis=1)
    return int(passes.sum())


def text_width(text: str) -> float:
    """Return about how wide a text is; Chinese characters are as wide as high. [px]"""
    return sum(FONT_PX if ord(character) > 0x2E80 else 0.58 * FONT_PX for character in text)


def _box(label: Label, right: int, up: int) -> Box:
    width = text_width(label.text)
    left = label.x + right * GAP_PX - (width if right < 0 else 0.0 if right > 0 else width / 2)
    bottom = label.y + up * GAP_PX - (LINE_PX if up < 0 else 0.0 if up > 0 else LINE_PX / 2)
    return left, bottom, left + width, bottom + LINE_PX


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
