"""The network part of a run's report: what the power flow of every hour found, drawn from the run's folder alone."""

from gridsim.report.wires.sections import wires_sections as wires_sections
from gridsim.report.wires.sections import wires_verdict as wires_verdict
