"""From weather to power: solar plants by pvlib, wind parks by windpowerlib's equations, and a library of turbines and modules."""

from gridsim.profiles.conversion.library import Module, Turbine
from gridsim.profiles.conversion.solar import solar_power_pu
from gridsim.profiles.conversion.solar_plant import SolarPlant
from gridsim.profiles.conversion.wind import wind_power_pu
from gridsim.profiles.conversion.wind_park import WindPark

__all__ = ["Module", "SolarPlant", "Turbine", "WindPark", "solar_power_pu", "wind_power_pu"]
