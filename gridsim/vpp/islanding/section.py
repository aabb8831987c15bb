"""What a park file says about life without the public grid: ``vpp.islanding:``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gridsim.park.definition import Definition
from gridsim.units import Factor, Hours, PositiveShare, Share

Seconds = Annotated[float, Field(ge=0, le=600, json_schema_extra={"unit": "s"})]
Hertz = Annotated[float, Field(gt=0, le=100, json_schema_extra={"unit": "Hz"})]

REST = "rest"
"""Name of the tier of loads, and shares of loads, that no tier names."""

NOT_A_DEMAND = frozenset({"battery", "caes", "transmission_line", "grid_connection", "wind", "solar"})
"""Types whose draw from an electric bus is no demand of its own; no tier may name them."""


class LoadShedding(Definition):
    """One stage of under-frequency load shedding (低频减载)."""

    threshold_hz: Hertz
    """The stage picks up below this frequency. [Hz]"""
    share: Share
    """Of the loads before the event. [1]"""
    delay_s: Seconds
    """From pick-up to open breaker, without a break. [s]"""


class GenerationTripping(Definition):
    """One stage of over-frequency tripping of wind and sun (高周切机)."""

    threshold_hz: Hertz
    """The stage picks up above this frequency. [Hz]"""
    share: Share
    """Of what wind and sun gave before the event; no more than is left of it. [1]"""
    delay_s: Seconds
    """From pick-up to open breaker, without a break. [s]"""


class FrequencySection(Definition):
    """The seconds after the loss; what is left out is the shipped figure of ``gridsim/data/islanding.yaml``."""

    loss: Literal["connection", "largest_infeed"] = "connection"
    """What is lost: the exchange with the public grid at that hour, or the largest single infeed (a wind or solar plant, a unit, the import)."""
    load_inertia_s: Seconds | None = None
    """Kinetic energy of the motors among the loads over the loads' power. [MW s / MW]"""
    load_damping: Factor | None = None
    """Relative change of the loads' power over relative change of frequency. [1]"""
    machine_inertia_s: Seconds | None = None
    """Synchronous machines that turn (expander, compressor, thermal unit), over their power. [MW s / MW]"""
    forming_inertia_s: Seconds | None = None
    """Inertia that grid-forming inverters (构网型) imitate, over their power. [MW s / MW]"""
    forming_droop_share: PositiveShare | None = None
    """Relative frequency over relative power. [1]"""
    following_droop_share: PositiveShare | None = None
    """Of batteries that follow the grid (跟网型). [1]"""
    following_dead_band_hz: Annotated[float, Field(ge=0, le=5)] | None = None
    following_delay_s: Seconds | None = None
    """Before power begins to move. [s]"""
    following_ramp_share_per_s: Annotated[float, Field(gt=0)] | None = None
    """Of rated power. [1/s]"""
    renewable_droop_share: PositiveShare | None = None
    """Wind and sun give way at high frequency only: relative frequency over power relative to what they give. [1]"""
    renewable_dead_band_hz: Annotated[float, Field(ge=0, le=5)] | None = None
    renewable_delay_s: Seconds | None = None
    renewable_ramp_share_per_s: Annotated[float, Field(gt=0)] | None = None
    """Of what they give. [1/s]"""
    governor_droop_share: PositiveShare | None = None
    """Of thermal units. [1]"""
    conversions_trip: bool = True
    """Electrolysers and other conversions are switched off by the signal that the grid is lost."""
    conversion_delay_s: Seconds | None = None
    generation_trips: bool = True
    """Where the park exported, wind and sun are cut by what it exported, by the same signal (稳控切机)."""
    generation_delay_s: Seconds | None = None
    interruptible_delay_s: Seconds | None = None
    """Second-level interruptible loads (秒级可中断负荷), from the loss to the open breaker. [s]"""
    load_shedding: list[LoadShedding] | None = None
    generation_tripping: list[GenerationTripping] | None = None
    """Left out: no such stages."""
    lowest_hz: Hertz | None = None
    """Where units trip, and the island is lost. [Hz]"""
    highest_hz: Hertz | None = None


class IslandingSection(Definition):
    """Who is served, from what, and in which order, once the grid is lost."""

    tiers: dict[str, dict[str, Share]] = Field(default_factory=dict)
    """Tier → load, or technology that draws power → share of it. The first tier is the critical one; shed from the last to the first. Loads, and shares, that
    no tier names are the tier ``rest``, shed before all others; conversions that no tier names are off. Without tiers every load is critical."""
    policy: Literal["serve_all", "save_for_critical"] = "save_for_critical"
    """``serve_all``: every tier from wind, sun and stores while they last. ``save_for_critical``: stores are for the critical tier alone from the first hour;
    the others get what would otherwise be curtailed."""
    reserve_share: Share = 0.0
    """With ``serve_all``: level of each store, between its lowest and its highest, below which only the critical tier draws on it. [1]"""
    conversions: Literal["shed", "surplus"] = "surplus"
    """Electrolysers: off, or on what neither loads nor stores can take."""
    grid_forming: dict[str, Share] | None = None
    """Technologies that can hold voltage and frequency → level, as a share of full, below which they no longer do. Wind and sun follow only. Left out: every
    battery and every thermal unit, an assumption."""
    discharge_order: list[str] | None = None
    """Left out: batteries, compressed air, thermal units, each in the order of the file."""
    charge_order: list[str] | None = None
    """Left out: as ``discharge_order``."""
    level_min_share: dict[str, Share] = Field(default_factory=dict)
    """Store → lowest level in the island, in place of the one kept in everyday operation. [1]"""
    horizon_hours: Annotated[float, Field(gt=0, le=8784)] = 720.0
    """Starts that last so long are not followed further. [h]"""
    year_end: Literal["wrap", "truncate"] = "wrap"
    """``wrap``: after the last hour comes the first. ``truncate``: what lies beyond is not known, and starts that reach it are marked."""
    durations_hours: Annotated[list[Hours], Field(min_length=1)] = Field(default_factory=lambda: [1.0, 4.0, 24.0, 72.0, 168.0])
    """Lengths of the loss for which unserved energy is given. [h]"""
    frequency: FrequencySection = Field(default_factory=FrequencySection)
    note: str = ""
