"""Which limits collide where no capacities serve a park, and how far each would have to move.

Whatever frees the park alone stands in every set of limits that collide; where nothing does, each is tried with the one that moves least beside it, and at last
the smallest sum of all moves is taken (`gridsim.dispatch.elastic_sizing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.elastic_sizing import ElasticSizing, Limit, Move
from gridsim.dispatch.rules import PREFIX as RULE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridsim.dispatch.sizes import Free
    from gridsim.park.park import Park

FEW_SEGMENTS = (1500, 4500)
"""Numbers of segments that are tried before hours (measured on a year of the starter park: half a minute with the first, many minutes with hours)."""


def colliding(park: Park, free: Sequence[Free]) -> list[Move] | None:
    """Find what would free a park for which no capacities exist.

    Hours are taken together first, which shows quickly what collides; an annual limit's best share is then found with every hour alone.

    Returns
    -------
    list of Move or None
        Each names the least that is needed: all single limits that would do, or pairs, or several together. Empty where nothing collides, None where moving
        all of them does not do.
    """
    for segments in FEW_SEGMENTS:
        if segments < park.time.steps and (found := ElasticSizing(park, free, segments).remedies()) != []:
            return found if found is None else _by_the_hour(park, free, found)
    return ElasticSizing(park, free, None).remedies()


def _by_the_hour(park: Park, free: Sequence[Free], moves: list[Move]) -> list[Move]:
    shares = [limit for move in moves if len(move) == 1 for limit in move if limit.kind == "share"]
    if not shares:
        return moves
    hourly = ElasticSizing(park, free, None)
    best = {limit: share for limit in shares if (share := hourly.furthest(limit)) is not None}
    return [{limit: best.get(limit, value) if len(move) == 1 else value for limit, value in move.items()} for move in moves]


def furthest_share(park: Park, free: Sequence[Free], field: str) -> float | None:
    """Return the lowest (``_max``) or highest (``_min``) share that a limit of the park can have while all else holds; None where nothing else holds.

    Parameters
    ----------
    field : str
        Of ``limits``, such as ``green_share_min``; set in the park, at whatever value.
    """
    elastic = ElasticSizing(park, free, None)
    limit = next(one for one in elastic.limits if one.path == f"limits.{field}")
    return elastic.furthest(limit)


# ---- in words


def told(moves: Sequence[Move]) -> str:
    """Write what would free a park; the key of the file, what it says, and what it would have to say; of a rule, its document too."""
    if all(len(move) == 1 for move in moves):
        head = "these limits collide; one of them has to move, at least as far as this:" if len(moves) > 1 else "one limit stands in the way:"
    else:
        head = "these limits collide, and none of them alone is enough; together they have to move, at least as far as this:"
    ordered = sorted(moves, key=lambda move: [ORDER.index(limit.kind) for limit in move])
    lines = [" and ".join(_change(limit, value) for limit, value in move.items()) for move in ordered]
    return "\n".join([head, *(f"      -> {line}" for line in lines)])


ORDER = ("share", "rule", "end", "connection", "demand")
ROUNDING = 1e-3
"""Of the last digit that is told, which the solver's tolerance may take."""
UNITS = {"mw": "MW", "mwh": "MWh", "kg": "kg", "t": "t"}


def _change(limit: Limit, value: float) -> str:
    if limit.path.startswith(RULE):
        return _rule_change(limit, value)
    ending = limit.path.rpartition("_")[2]
    unit = f" {UNITS[ending]}" if ending in UNITS else ""
    word = {1.0: " at most", -1.0: " at least"}[limit.sign] if limit.kind == "end" else ""
    return f"{limit.path}{word} {limit.value:,.6g} -> {outwards(value, limit.sign):,.6g}{unit}"


def _rule_change(limit: Limit, value: float) -> str:
    name = limit.path.removeprefix(RULE)
    asks = f"the rule {name} ({limit.document}), {limit.metric} {'at least' if limit.sign < 0.0 else 'at most'} {limit.value:,.6g}"
    if limit.kind == "rule":
        return f"{asks}, taken out of rules.enforce"
    return f"{asks} -> {outwards(value, limit.sign):,.6g} (rules.thresholds.{name}), or taken out of rules.enforce"


def outwards(value: float, sign: float) -> float:
    """Round to three digits so that what is told is enough. A share of 0.7138 that must fall is told as 0.713."""
    if abs(value) < 1e-9:
        return 0.0
    step = 10.0 ** (np.floor(np.log10(abs(value))) - 2.0)
    return float(f"{np.ceil(value / step - ROUNDING) * step if sign > 0.0 else np.floor(value / step + ROUNDING) * step:.10g}")
