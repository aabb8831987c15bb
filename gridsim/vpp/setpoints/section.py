"""What a park file says about set-points and settlement: ``vpp.set_points``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.units import Share

NonNegative = Annotated[float, Field(ge=0)]
FairRule = Literal["proportional", "max_min", "ledger"]
SharingRule = Literal["delivered", "merit", "shapley"]


class Response(Definition):
    """How one asset follows its set-point; what is left out is not stated, and the asset then follows at once and always."""

    dead_time_seconds: NonNegative | None = None
    """From the signal to the first movement. [s]"""
    ramp_mw_per_minute: Annotated[float, Field(gt=0)] | None = None
    availability: Share | None = None
    """Share of what is asked that is delivered on average, such as the share of appliances that obey. [1]"""
    source: str = ""


class DeliveryTerms(Definition):
    """What the market pays for delivery and takes for deviation; there is no default, because every contract has its own."""

    price_cny_per_mwh: NonNegative
    """For each MWh delivered, up or down, as far as it was asked. [CNY/MWh]"""
    band_share: Share = 0.0
    """Deviation over what was asked that stays without penalty. [1]"""
    penalty_cny_per_mwh: NonNegative = 0.0
    """For each MWh of deviation beyond the band. [CNY/MWh]"""
    source: str = ""


class SetPointsSection(Definition):
    """How a signal is split over assets, how they follow it, and how owners share what it earns."""

    fairness_share: Share = 0.0
    """0: by merit alone, the cheapest first; 1: by ``fair_rule`` alone; between, that much of each. [1]"""
    fair_rule: FairRule = "proportional"
    """``proportional``: the same share of what each can give now; ``max_min``: equal MW, as far as each can; ``ledger``: owners that gave less so far, over
    their weight, give first.
    """
    ledger_weight_mw: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Owner → what it takes part with, such as contracted MW; left out, the range of its assets when the ledger is opened. [MW]"""
    response: dict[str, Response] = Field(default_factory=dict)
    """Technology → how it follows."""
    delivery: DeliveryTerms | None = None
    sharing: SharingRule = "delivered"
    """``delivered``: what each delivered; ``merit``: a uniform price a step, the operator keeps the rest; ``shapley``: what each adds on average to any
    others (at most 12 owners).
    """
    note: str = ""
