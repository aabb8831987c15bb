r"""Several owners: whose plants fed whose users, month by month, and the ratios of the multi-user notice (发改能源〔2026〕688号) for each of them.

The pairs come from the traced mixture, so that over all users, exports, losses and what is stored they add up to what each owner's plants supplied. For an
owner of plants with available :math:`a`, supplied :math:`g` and traced exports :math:`x`, and an owner of users who drew :math:`u` of which :math:`u_g` was
green,

.. math::
   \text{self-use} = \frac{g - x}{a}, \qquad \text{export} = \frac{x}{g}\ \text{or}\ \frac{x}{a}, \qquad \text{green} = \frac{u_g}{u}

by year. The notice sets the ratios for the project; by owner they are reported and never enforced. They are stricter than the project's in one way: what the
storage loses of green power is nobody's green use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.rules.applies import facts_of, strictest, thresholds_of
from gridsim.rules.library import rule_of, rule_set_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.metrics.mixing import Array
    from gridsim.park.park import Park
    from gridsim.trace.trace import Source, Trace

PUBLIC_GRID, NOT_STATED = "(public grid)", "(not stated)"
NO_OWNER = {"export": "(export)", "line_loss": "(line loss)", "storage_loss": "(storage loss)", "stored": "(stored)"}
"""Destinations that are nobody's use."""
RULE_SET = "cn-688-2026"
LEAST_MWH = 1e-6
"""Pairs that exchange less exchange nothing."""


def plant_owner(source: Source) -> str:
    """Return who supplies: the plant's owner, or the public grid."""
    return PUBLIC_GRID if source.kind == "import" else source.owner or NOT_STATED


def user_owner(trace: Trace, user: str) -> str:
    """Return who uses."""
    return trace.owner_of[user] or NOT_STATED


def destinations(trace: Trace) -> dict[str, Array]:
    """Power of each source by owner of users, and beside them exports, losses and what goes into storage (out of it: negative). Each shape (T, C). [MW]"""
    parts: dict[str, Array] = {}
    for part in trace.destinations():
        owner = user_owner(trace, part.name) if part.kind == "use" else NO_OWNER[part.kind]
        parts[owner] = parts.get(owner, 0.0) + part.power_mw
    return parts


def months_of(trace: Trace) -> list[str]:
    """Names of the months, ``2030-01``."""
    return [str(stamp)[:7] for stamp in trace.time.stamps[_firsts(trace)]]


def monthly_mwh(trace: Trace, power_mw: Array) -> Array:
    """Energy of each month. Shape (months, C) of a power of shape (T, C). [MWh]"""
    return np.asarray(np.add.reduceat(power_mw, _firsts(trace), axis=0) * trace.time.step_hours)


def _firsts(trace: Trace) -> NDArray[np.int64]:
    """First snapshot of each month."""
    month = trace.time.billing_month
    return np.searchsorted(month, np.arange(int(month[-1]) + 1))


def settlement(trace: Trace) -> pd.DataFrame:
    """Return a row for each month and pair of owners: ``month, plant_owner, user_owner, mwh``; pairs that exchange nothing all year are left out."""
    import pandas as pd

    labels = months_of(trace)
    owners = list(dict.fromkeys(plant_owner(source) for source in trace.sources))
    belongs = np.array([[float(plant_owner(source) == owner) for owner in owners] for source in trace.sources])
    rows = []
    for user, power in destinations(trace).items():
        monthly = monthly_mwh(trace, power @ belongs)
        for o, owner in enumerate(owners):
            if np.abs(monthly[:, o]).sum() > LEAST_MWH:
                rows += [(label, owner, user, float(mwh)) for label, mwh in zip(labels, monthly[:, o], strict=True)]
    frame = pd.DataFrame(rows, columns=["month", "plant_owner", "user_owner", "mwh"])
    return frame.sort_values("month", kind="stable", ignore_index=True)


def ratio_rows(trace: Trace, park: Park) -> list[dict[str, object]]:
    """Return the notice's ratios by owner: ``owner, rule, value, sense, threshold, holds, above_mwh, below_mwh``; no threshold, no ``holds``."""
    columns = ("owner", "rule", "value", "sense", "threshold", "holds", "above_mwh", "below_mwh")
    return [dict(zip(columns, row, strict=True)) for row in (*_of_plants(trace, park), *_of_users(trace, park))]


def _of_plants(trace: Trace, park: Park) -> list[tuple[object, ...]]:
    exported = trace.mwh(sum(trace.exported_mw.values(), start=np.zeros_like(trace.supplied_mw)))
    supplied, available = trace.mwh(trace.supplied_mw), trace.mwh(trace.available_mw)
    rows = []
    for owner in dict.fromkeys(plant_owner(source) for source in trace.sources if source.green):
        mine = np.array([source.green and plant_owner(source) == owner for source in trace.sources])
        a, g, x = (float(part[mine].sum()) for part in (available, supplied, exported))
        of = a if rule_of(park, f"{RULE_SET}.export").metric == "export_ratio" else g
        rows += [_judged(park, owner, "self_use", g - x, a), _judged(park, owner, "export", x, of)]
    return rows


def _of_users(trace: Trace, park: Park) -> list[tuple[object, ...]]:
    rows = []
    for owner in dict.fromkeys(user_owner(trace, user) for user in trace.used_mw):
        drawn = sum((trace.mwh(power) for user, power in trace.used_mw.items() if user_owner(trace, user) == owner), start=np.zeros(len(trace.sources)))
        rows.append(_judged(park, owner, "green", float(drawn @ trace.green), float(drawn.sum())))
    return rows


def _judged(park: Park, owner: str, key: str, above: float, below: float) -> tuple[object, ...]:
    """Hold a share against the notice's threshold as the park reads it."""
    rule, rule_set = rule_of(park, f"{RULE_SET}.{key}"), rule_set_of(park, RULE_SET)
    known = thresholds_of(rule, facts_of(park), rule_set).values
    value = above / below if below > 0 else 0.0
    if not known:
        return owner, key, value, rule.sense, None, None, above, below
    threshold = strictest(rule, known)
    holds = value >= threshold if rule.sense == ">=" else value <= threshold
    return owner, key, value, rule.sense, threshold, bool(holds), above, below
