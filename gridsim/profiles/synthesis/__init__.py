"""Weather years from a monthly climatology, drawn from a seed; ``python -m gridsim.profiles.synthesis`` makes the shipped_climates ones.

>>> from gridsim.profiles.synthesis import find_climate, synthesise
>>> weather = synthesise({"base": find_climate("Wengniute")}, seed=7, years=2)["base"]
>>> len(weather), len(weather[0].table), weather[0].wind_height_m
(2, 8760, 100.0)
"""

from gridsim.profiles.synthesis.climates import find_climate, shipped_climates
from gridsim.profiles.synthesis.climatology import Climatology, Provenance
from gridsim.profiles.synthesis.estimate import climatology_from
from gridsim.profiles.synthesis.years import synthesise

__all__ = ["Climatology", "Provenance", "climatology_from", "find_climate", "shipped_climates", "synthesise"]
