"""A year of alternating-current power flow, all hours at once, on the admittances of a pandapower network."""

from gridsim.distribution.powerflow.gradients import Quantities, gradients
from gridsim.distribution.powerflow.prepare import prepare
from gridsim.distribution.powerflow.rules import PowerFactorCurve, Rule, TapControl, VoltageCurve
from gridsim.distribution.powerflow.sample import Difference, check_sample
from gridsim.distribution.powerflow.sensitivities import Sensitivities, sensitivities
from gridsim.distribution.powerflow.solve import solve
from gridsim.distribution.powerflow.wires import Injections, TapTable, Wires, YearFlow

__all__ = [
    "Difference",
    "Injections",
    "PowerFactorCurve",
    "Quantities",
    "Rule",
    "Sensitivities",
    "TapControl",
    "TapTable",
    "VoltageCurve",
    "Wires",
    "YearFlow",
    "check_sample",
    "gradients",
    "prepare",
    "sensitivities",
    "solve",
]
