"""What a park file says about its markets: ``vpp.markets:``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.units import Hours, PositiveShare, Share


class TakesPart(Definition):
    """How the park takes part in one market."""

    share: PositiveShare = 1.0
    """Of the envelope that may be offered there. [1]"""
    price_profile: str | None = None
    """Profile of the price that is expected: CNY/MWh for energy, CNY/MW h for capacity, CNY/MW for mileage."""
    imbalance_price_profile: str | None = None
    """Profile of the price of deviations, such as the real-time price; left out, the day-ahead price with the market's factors. [CNY/MWh]"""
    called_share: Share | None = None
    """Expected share of offered hours that are called; left out, all. [1]"""
    baseline: str | None = None
    """Baseline method in place of the market's."""
    terms: dict[str, float] = Field(default_factory=dict)
    """Numbers in place of the document's, or where it states none."""
    note: str = ""


class MarketsSection(Definition):
    """Markets that the park's flexibility is sold to."""

    connection: str | None = None
    """Grid connection that sells; left out, the park's only one."""
    offers: Annotated[dict[str, TakesPart], Field(min_length=1)]
    """By id of a market, those that gridsim ships or ``markets/<id>.yaml`` in the park's folder. Where too much is sold, the earlier keep theirs."""
    recovery_hours: Hours = 0.0
    """After each call, the time in which the flexibility is not offered again. [h]"""
    random_draws: Annotated[int, Field(ge=0, le=1000)] = 10
    """Times that the hours of calls are drawn at random, for what selling is worth to a park that does not choose them. [1]"""
    note: str = ""
