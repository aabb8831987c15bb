"""What a solar plant is: mounting, modules, inverter, losses, and the models that convert with it."""

from __future__ import annotations

from dataclasses import dataclass

from gridsim.errors import DefinitionError
from gridsim.profiles.conversion import library
from gridsim.profiles.conversion.choices import monthly_share, number, problems_in, share, switch, word

CELL_TEMPERATURES = (
    "sapm_open_rack_glass_glass",
    "sapm_open_rack_glass_polymer",
    "sapm_close_mount_glass_glass",
    "sapm_insulated_back_glass_polymer",
    "faiman",
    "pvsyst_freestanding",
    "pvsyst_insulated",
)
"""Models of cell temperature, with pvlib's published parameters.

==================================  ======================================  ==========================================================
name                                parameters                              source
==================================  ======================================  ==========================================================
sapm_open_rack_glass_glass          a -3.47, b -0.0594 s/m, dT 3 K          King et al., SAND2004-3535 (10 m wind)
sapm_open_rack_glass_polymer        a -3.56, b -0.0750 s/m, dT 3 K          the same
sapm_close_mount_glass_glass        a -2.98, b -0.0471 s/m, dT 1 K          the same: roofs with a gap behind the module
sapm_insulated_back_glass_polymer   a -2.81, b -0.0455 s/m, dT 0 K          the same: no air behind the module
faiman                              u0 25, u1 6.84 W/(m2 K)                 Faiman 2008, doi:10.1002/pip.813 (module temperature)
pvsyst_freestanding                 Uc 29, Uv 0 W/(m2 K), absorption 0.9    PVsyst manual, free air on both sides
pvsyst_insulated                    Uc 15, Uv 0 W/(m2 K), absorption 0.9    PVsyst manual, insulated back
==================================  ======================================  ==========================================================
"""

JUDGED_SNOW_LOSS = (0.03, 0.02, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.01, 0.02)
"""Judged for Chifeng: a dry winter (381 mm of rain a year, most of it in summer), steep modules that shed a thin cover within days. [1]"""


@dataclass(frozen=True)
class SolarPlant:
    """A plant of one kind of module behind one kind of inverter.

    Every loss has a default with its source in the field's text; "judged" means that no source was found for Inner Mongolia.
    """

    mounting: str = word("fixed", ("fixed", "single_axis"))
    """``fixed`` racks or horizontal ``single_axis`` trackers."""
    tilt_deg: float = number(40.0, 0.0, 90.0, "deg")
    """Of fixed racks, from horizontal. Default: near Chifeng's latitude of 42 deg. [deg]"""
    azimuth_deg: float = number(180.0, 0.0, 360.0, "deg")
    """Where fixed modules face, clockwise from north; 180 is south. [deg]"""
    axis_tilt_deg: float = number(0.0, 0.0, 60.0, "deg")
    axis_azimuth_deg: float = number(180.0, 0.0, 360.0, "deg")
    """Where the axis of trackers points; 180 is a north-south axis. [deg]"""
    max_rotation_deg: float = number(55.0, 0.0, 90.0, "deg")
    """Largest rotation of trackers from horizontal. Recalled: 45 to 60 on the market. [deg]"""
    backtracking: bool = switch(True)
    """Trackers turn back at low sun so that no row shades the next."""
    ground_coverage_ratio: float = number(0.40, 0.05, 1.0, "1")
    """Width of the modules over the pitch of the rows. Judged. Rows of fixed racks are not shaded here: count that in ``dc_losses_share``."""
    module: library.Module | str = library.DEFAULT_MODULE
    """A module, or the name of one in the library."""
    dc_per_ac: float = number(1.20, 0.3, 3.0, "MW_dc/MW_ac")
    """Module capacity at standard test conditions over inverter capacity. Default judged: Chinese ground plants are built with 1.1 to 1.4."""
    inverter_efficiency: float = number(0.98, 0.5, 1.0, "1")
    """At full load. Recalled European efficiency of central and string inverters of 0.98 to 0.985."""
    soiling_loss_share: float | tuple[float, ...] = monthly_share(0.03)
    """Light lost to dust: one number, or twelve. Judged for a dusty spring; PVWatts takes 0.02."""
    snow_loss_share: float | tuple[float, ...] = monthly_share(JUDGED_SNOW_LOSS)
    """Energy lost to snow on the modules, by month. Whether snow lies is not in the weather table, hence a share by month; default judged."""
    dc_losses_share: float = share(0.07)
    """Mismatch 2 %, wiring 2 %, connections 0.5 %, light-induced degradation 1.5 %, nameplate 1 % (PVWatts V5, together 6.8 %), rounded up; no shading."""
    ac_losses_share: float = share(0.02)
    """Collection cables and the step-up transformer, after the inverter. Judged."""
    availability: float = share(0.98)
    """Share of the time that plant and grid connection are there. Judged; PVWatts takes 0.97."""
    bifacial_gain: bool = switch(True)
    """Count the light on the rear of bifacial modules."""
    albedo: float = number(0.20, 0.0, 1.0, "1")
    """Reflection of the ground. PVWatts and pvlib take 0.2 without snow; dry steppe 0.2 to 0.25 (recalled)."""
    rear_view_share: float | None = number(None, 0.0, 1.0, "1")
    """Light on the rear over light that the open ground reflects. Not given: from tilt and row spacing, see ``rear_view``."""
    rear_losses_share: float = share(0.15)
    """Rear light lost to the structure (5 %) and to mismatch (10 %). Recalled defaults of PVsyst."""
    transposition: str = word("hay_davies", ("hay_davies", "perez", "isotropic"))
    """Model that tilts the diffuse light of the sky."""
    incidence: str = word("physical", ("physical", "ashrae", "none"))
    """Reflection of the beam at the glass: Fresnel (n 1.526, K 4/m, 2 mm), ASHRAE (b 0.05), or none. Diffuse light is not reduced."""
    cell_temperature: str = word("sapm_open_rack_glass_glass", CELL_TEMPERATURES)
    sun_position: str = word("sunlit_middle", ("sunlit_middle", "middle"))
    """Where in a step the sun is looked up: in the middle of its sunlit part, or in the middle of the step whatever happens in it."""

    def __post_init__(self) -> None:
        problems = problems_in(self)
        if not isinstance(self.module, library.Module):
            try:
                object.__setattr__(self, "module", library.module(str(self.module)))
            except DefinitionError as error:
                problems += error.problems
        if problems:
            raise DefinitionError("the solar plant", problems)

    @property
    def module_type(self) -> library.Module:
        """The module itself, looked up where a name was given."""
        assert isinstance(self.module, library.Module)
        return self.module

    def described(self, basis: str = "ac") -> str:
        """One line for ``profiles.yaml``: what the power was made with, and what 1.0 stands for."""
        turning = f"single axis, up to {self.max_rotation_deg:g} deg{', with backtracking' if self.backtracking else ''}"
        standing = f"fixed, tilt {self.tilt_deg:g} deg, azimuth {self.azimuth_deg:g} deg"
        losses = f"losses: DC {self.dc_losses_share:g}, AC {self.ac_losses_share:g}, soiling and snow by month; availability {self.availability:g}"
        mounting = standing if self.mounting == "fixed" else turning
        return f"{mounting}; {self.module_type.name}; DC/AC {self.dc_per_ac:g}; per {basis.upper()} capacity; {losses}"
