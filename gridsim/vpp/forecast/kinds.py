"""What a profile is a series of: known by who uses it, since its name says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from gridsim.park.park import Park

Kind = Literal["wind", "solar", "load", "price"]

KINDS: tuple[Kind, ...] = get_args(Kind)


def kinds(park: Park) -> dict[str, Kind]:
    """Return profile → kind: ``wind`` and ``solar`` by technology, ``price`` of tariffs, and ``load`` for every other demand that follows a profile.

    Raises
    ------
    gridsim.errors.DefinitionError
        Where a profile has two kinds of users.
    """
    users: dict[str, dict[Kind, str]] = {}
    for name, technology in park.technologies.items():
        kind: Kind = technology.type if technology.type in ("wind", "solar") else "load"  # type: ignore[assignment]
        for field in technology.profile_fields:
            profile = getattr(technology, field)
            if profile is not None:
                users.setdefault(profile, {}).setdefault(kind, f"technologies.{name}.{field}")
    for name, tariff in park.tariffs.items():
        for field, profile in tariff.profile_names().items():
            users.setdefault(profile, {}).setdefault("price", f"tariffs.{name}.{field}")
    problems = [
        Problem(list(uses.values())[1], f"'{profile}' is used as {' and as '.join(uses)}", "give each kind a profile of its own; a forecast is of one kind")
        for profile, uses in users.items()
        if len(uses) > 1
    ]
    if problems:
        raise DefinitionError(f"park '{park.name}'", problems)
    return {profile: next(iter(uses)) for profile, uses in users.items() if profile in park.profiles}


def mw_per_unit(park: Park, profile: str) -> float | None:
    """MW that one unit of a profile stands for, over all its users; None where one of them is not a matter of MW (a price, a product)."""
    total = 0.0
    for technology in park.technologies.values():
        if profile not in [getattr(technology, field) for field in technology.profile_fields]:
            continue
        if technology.type in ("wind", "solar"):
            total += technology.capacity_mw * technology.profile_scale  # type: ignore[attr-defined]
        elif technology.type == "load":
            total += _mw_of_load(technology, park, profile)
        else:
            return None
    return total or None


def _mw_of_load(load: object, park: Park, profile: str) -> float:
    """Peak over the profile's peak, or mean power over its mean; 1 where the profile is in MW."""
    annual, peak = load.annual_energy_mwh, load.peak_mw  # type: ignore[attr-defined]
    if annual is not None:
        return float(annual / park.year_hours / park.profile_means[profile])
    return float(peak / park.profile_peaks[profile]) if peak is not None else 1.0
