"""What a park would have drawn without a call: standard methods as data, and how well each fits the park's own days."""

from gridsim.vpp.market.baseline.accuracy import Accuracy, accuracy, compare
from gridsim.vpp.market.baseline.days import DayTable, day_table
from gridsim.vpp.market.baseline.methods import Baseline, baseline, without_adjustment

__all__ = ["Accuracy", "Baseline", "DayTable", "accuracy", "baseline", "compare", "day_table", "without_adjustment"]
