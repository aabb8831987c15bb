"""A year of alternating-current power flow, all hours at once, on the admittances of a pandapower network."""

from gridsim.distribution.powerflow.rules import PowerFactorCurve, TapControl, VoltageCurve
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.powerflow.wires import Injections, TapTable, Wires, YearFlow

__all__ = ["Injections", "PowerFactorCurve", "TapControl", "TapTable", "VoltageCurve", "Wires", "YearFlow", "solve"]
