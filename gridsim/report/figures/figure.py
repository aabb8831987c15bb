"""A figure as plain data for plotly.js, and the compact form of its long arrays."""

from __future__ import annotations

import base64
import html
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MISSING = -32768
"""What stands for no value in a packed array."""


@dataclass(frozen=True)
class Frame:
    """One of several drawings that stand in the same place."""

    data: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    """Laid over the figure's."""


@dataclass(frozen=True)
class Figure:
    """Traces and layout of one drawing."""

    name: str
    """Unique in the report; letters, digits and hyphens."""
    title: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    height: int
    caption: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    """Colour and text of what the drawing's own legend cannot show."""
    choices: tuple[str, ...] = ()
    """Names of the traces, or of the frames, where the reader chooses which one is drawn."""
    frames: tuple[Frame, ...] = ()
    """A drawing for each choice, where one has several traces or axes of its own; ``data`` is empty then."""


def packed(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return an array as 16-bit steps of 1, 2 or 5 × 10ⁿ, at least 16,000 steps to the largest value; ``report.js`` unpacks it.

    Examples
    --------
    >>> packed(np.array([0.0, 0.1234, -3200.0]))["step"]
    0.1
    """
    clean = np.asarray(values, dtype=float)
    largest = float(np.nanmax(np.abs(clean))) if np.isfinite(clean).any() else 0.0
    step = _step(largest / 32767.0)
    whole = np.where(np.isfinite(clean), np.rint(np.nan_to_num(clean) / step), MISSING).astype("<i2")
    return {"packed": base64.b64encode(whole.tobytes()).decode("ascii"), "step": step, "shape": list(clean.shape)}


def unpacked(spec: dict[str, Any]) -> NDArray[np.float64]:
    """Return the values of a packed array, as ``report.js`` does."""
    whole = np.frombuffer(base64.b64decode(spec["packed"]), dtype="<i2").reshape(spec["shape"])
    return np.where(whole == MISSING, np.nan, whole * spec["step"])


def _step(finest: float) -> float:
    """Return the smallest of 1, 2, 5 × 10ⁿ that is not below ``finest`` and not below 1e-4."""
    if finest <= 1e-4:
        return 1e-4
    power = 10.0 ** math.floor(math.log10(finest))
    return float(f"{next(factor * power for factor in (1, 2, 5, 10) if factor * power >= finest * (1 - 1e-12)):.6g}")


def plain(label: str) -> str:
    """Return a label that plotly shows as it is: it would read tags and entities in it."""
    return html.escape(label, quote=False)
