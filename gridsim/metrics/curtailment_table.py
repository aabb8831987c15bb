"""Curtailed energy by cause, by month, by hour of the day and by plant, each of which adds up to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.errors import BuildError
from gridsim.metrics.curtailment import CAUSES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gridsim.dispatch.result import Dispatch
    from gridsim.metrics.scorecard import Scorecard

TOLERANCE = 1e-6
"""Largest difference between the causes of a snapshot and its curtailed power, which rounding of the solver makes. [MW]"""


def check_sum(card: Scorecard) -> float:
    """Return by how much the causes of any snapshot differ from its curtailed power; refuse more than rounding. [MW]"""
    together = sum(card.curtailment.values(), start=np.zeros_like(card.energy.curtailed_mw))
    worst = float(np.abs(together - card.energy.curtailed_mw).max(initial=0.0))
    if worst > TOLERANCE:
        msg = f"the causes of curtailment miss the curtailed power by {worst:g} MW"
        raise BuildError(msg)
    return worst


def by_cause(card: Scorecard, step_hours: float) -> pd.DataFrame:
    """Return ``cause, mwh, share_of_curtailed, share_of_available``, a row a cause and one for all."""
    import pandas as pd

    mwh = {cause: float(power.sum() * step_hours) for cause, power in card.curtailment.items()}
    whole, available = card.year["curtailed_mwh"], card.year["available_mwh"]
    rows = [(cause, energy, _over(energy, whole), _over(energy, available)) for cause, energy in [*mwh.items(), ("all", sum(mwh.values()))]]
    return pd.DataFrame(rows, columns=["cause", "mwh", "share_of_curtailed", "share_of_available"])


def by_month(dispatch: Dispatch, card: Scorecard) -> pd.DataFrame:
    """Return a row a month: ``month``, each cause and all in MWh, ``available_mwh``, ``curtailment_rate``, and ``share_of_curtailed``."""
    month = dispatch.time.billing_month
    first = np.searchsorted(month, np.arange(int(month[-1]) + 1))
    return _table(dispatch, card, month, "month", [str(stamp)[:7] for stamp in dispatch.time.stamps[first]])


def by_hour(dispatch: Dispatch, card: Scorecard) -> pd.DataFrame:
    """Return a row an hour of the day, 0..23, with the same columns."""
    return _table(dispatch, card, dispatch.time.hour_of_day.astype(np.int64), "hour", list(range(24)))


def by_month_and_hour(dispatch: Dispatch, card: Scorecard) -> pd.DataFrame:
    """Return curtailed energy with a row a month and a column an hour of the day. [MWh]"""
    import pandas as pd

    time = dispatch.time
    months, hour = int(time.billing_month[-1]) + 1, time.hour_of_day.astype(np.int64)
    first = np.searchsorted(time.billing_month, np.arange(months))
    mwh = np.bincount(time.billing_month * 24 + hour, weights=card.energy.curtailed_mw, minlength=months * 24).reshape(months, 24) * time.step_hours
    return pd.DataFrame(mwh, index=pd.Index([str(stamp)[:7] for stamp in time.stamps[first]], name="month"), columns=range(24))


def by_plant(dispatch: Dispatch) -> pd.DataFrame:
    """Return ``technology, available_mwh, curtailed_mwh, curtailment_rate``, a row a plant."""
    import pandas as pd

    draft, hours = dispatch.draft, dispatch.time.step_hours
    rows = []
    for plant in draft.having("renewable"):
        available = draft.available(plant)
        curtailed = float(np.maximum(available - dispatch.flows[plant.name], 0.0).sum() * hours)
        rows.append((plant.technology, float(available.sum() * hours), curtailed, _over(curtailed, float(available.sum() * hours))))
    return pd.DataFrame(rows, columns=["technology", "available_mwh", "curtailed_mwh", "curtailment_rate"])


def _table(dispatch: Dispatch, card: Scorecard, group: NDArray[np.int64], name: str, labels: list[str] | list[int]) -> pd.DataFrame:
    import pandas as pd

    hours = dispatch.time.step_hours

    def summed(power: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(group, weights=power, minlength=len(labels)) * hours

    frame = pd.DataFrame({name: labels, **{f"{cause}_mwh": summed(card.curtailment[cause]) for cause in CAUSES}})
    frame["curtailed_mwh"] = frame[[f"{cause}_mwh" for cause in CAUSES]].sum(axis=1)
    frame["available_mwh"] = summed(card.energy.available_mw)
    frame["curtailment_rate"] = frame["curtailed_mwh"] / frame["available_mwh"].where(frame["available_mwh"] > 0, 1.0)
    whole = float(frame["curtailed_mwh"].sum())
    frame["share_of_curtailed"] = frame["curtailed_mwh"] / whole if whole > 0 else 0.0
    return frame


def _over(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
