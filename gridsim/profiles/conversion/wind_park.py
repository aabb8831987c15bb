"""What a wind park is: turbine, hub, terrain, wakes, losses, and when it stops."""

from __future__ import annotations

from dataclasses import dataclass

from gridsim.errors import DefinitionError, Problem
from gridsim.profiles.conversion import library
from gridsim.profiles.conversion.choices import number, problems_in, share, switch, word

TERRAIN_ROUGHNESS_M = {"water": 0.0002, "steppe": 0.03, "farmland": 0.10, "villages": 0.40, "town": 0.80}
"""Roughness length by terrain: classes 0, 1, 2, 3 and 3.5 of I. Troen and E. L. Petersen, European Wind Atlas, Risoe, 1989. [m]"""

WAKE_CURVES = ("none", "dena_mean", "dena_extreme1", "dena_extreme2", "knorr_mean", "knorr_extreme1", "knorr_extreme2", "knorr_extreme3")
"""Efficiency curves of windpowerlib, fitted to German parks (dena-Netzstudie II, 2010; K. Knorr, 2016); they lower the wind speed."""


@dataclass(frozen=True)
class WindPark:
    """A park of one kind of turbine.

    Every loss has a default with its source in the field's text; "judged" means that no source was found for Inner Mongolia.
    """

    turbine: library.Turbine | str = library.DEFAULT_TURBINE
    """A turbine, or the name of one in the library (``oedb:...`` for those that windpowerlib brings)."""
    hub_height_m: float | None = number(None, 20.0, 250.0, "m")
    """Not given: the first height that the library lists for the turbine. [m]"""
    terrain: str | None = word(None, tuple(TERRAIN_ROUGHNESS_M))
    """Roughness by class. Without terrain, roughness and exponent: ``steppe``."""
    roughness_length_m: float | None = number(None, 1e-5, 3.0, "m")
    """Instead of ``terrain``: logarithmic profile. [m]"""
    shear_exponent: float | None = number(None, 0.0, 0.6, "1")
    """Instead of ``terrain``: power law. 1/7 is usual over open land. [1]"""
    wake_curve: str = word("none", WAKE_CURVES)
    """Lower the wind speed by one of windpowerlib's efficiency curves, instead of ``wake_loss_share``."""
    wake_loss_share: float = share(0.08)
    """Power lost to wakes, the same at every speed. Judged: 5 to 10 % is usual for rows of large rotors; 0 where a curve is chosen."""
    availability: float = share(0.96)
    """Share of the time that turbines and grid connection are there, icing included. Judged; contracts of turbines promise 0.95 to 0.97."""
    electrical_losses_share: float = share(0.03)
    """Collection cables and transformers. Judged: 2 to 4 % is usual."""
    density_correction: bool = switch(True)
    """Correct the power curve for the air's density."""
    cold_cut_out: bool = switch(True)
    """Stop below the least operating temperature."""
    min_operating_degc: float | None = number(None, -60.0, 10.0, "degC")
    """Not given: the turbine's. [degC]"""
    cold_restart_above_k: float = number(3.0, 0.0, 20.0, "K")
    """Start again when the air is this much warmer. Judged. [K]"""
    storm: str = word("cut_out", ("cut_out", "ramp_down"))
    """Stop at cut-out speed, or turn power down above it (storm control)."""
    storm_ramp_m_per_s: float = number(5.0, 0.5, 20.0, "m/s")
    """Range above cut-out over which storm control turns down to nothing. Judged. [m/s]"""
    spread_m_per_s: float = number(1.0, 0.0, 5.0, "m/s")
    """Standard deviation of wind between turbines and within the step. Judged for parks of tens of kilometres. [m/s]"""

    def __post_init__(self) -> None:
        problems = problems_in(self)
        if not isinstance(self.turbine, library.Turbine):
            try:
                object.__setattr__(self, "turbine", library.turbine(str(self.turbine)))
            except DefinitionError as error:
                problems += error.problems
        given = [name for name in ("terrain", "roughness_length_m", "shear_exponent") if getattr(self, name) is not None]
        if len(given) > 1:
            problems.append(Problem(" and ".join(given), "exclude each other", "give one of them"))
        if self.wake_curve != "none" and not any(problem.where == "wake_loss_share" for problem in problems) and self.wake_loss_share > 0.0:
            problems.append(Problem("wake_loss_share", f"counts wakes a second time beside wake_curve '{self.wake_curve}'", "set it to 0"))
        if not problems and self.hub_m <= self.turbine_type.rotor_diameter_m / 2:
            found = f"{self.hub_m:g} m is not above half the rotor of {self.turbine_type.rotor_diameter_m:g} m"
            problems.append(Problem("hub_height_m", found, "raise the hub or choose a smaller rotor"))
        if problems:
            raise DefinitionError("the wind park", problems)

    @property
    def turbine_type(self) -> library.Turbine:
        """The turbine itself, looked up where a name was given."""
        assert isinstance(self.turbine, library.Turbine)
        return self.turbine

    @property
    def hub_m(self) -> float:
        """Hub height. [m]"""
        return self.turbine_type.hub_heights_m[0] if self.hub_height_m is None else self.hub_height_m

    @property
    def stop_below_degc(self) -> float:
        """Least operating temperature. [degC]"""
        return self.turbine_type.min_operating_degc if self.min_operating_degc is None else self.min_operating_degc

    @property
    def roughness_m(self) -> float:
        """Roughness length of the logarithmic profile. [m]"""
        return self.roughness_length_m or TERRAIN_ROUGHNESS_M[self.terrain or "steppe"]

    def described(self) -> str:
        """One line for ``profiles.yaml``: what the power was made with."""
        turbine = self.turbine_type
        shear = f"shear exponent {self.shear_exponent:g}" if self.shear_exponent is not None else f"roughness {self.roughness_m:g} m"
        wakes = f"wakes {self.wake_loss_share:g}" if self.wake_curve == "none" else f"wakes by {self.wake_curve}"
        losses = f"{wakes}, availability {self.availability:g}, electrical losses {self.electrical_losses_share:g}"
        machine = f"{turbine.name}, {turbine.rated_mw:g} MW, rotor {turbine.rotor_diameter_m:g} m, hub {self.hub_m:g} m"
        return f"{machine}; curve {turbine.curve}; {shear}; {losses}; per rated power"
