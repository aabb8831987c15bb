"""A turbine with a power curve of one's own, from a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

from gridsim.errors import DefinitionError, Problem, did_you_mean
from gridsim.profiles.conversion.library import Turbine

SPEED = "wind_speed_m_per_s"
POWER_MW = {"power_kw": 1e-3, "power_mw": 1.0}
"""Columns that may hold the power, and what one of their unit is in MW."""

LEAST_ROWS = 3
LARGEST_MW = 30.0
"""A turbine above this has its unit wrong. [MW]"""

RESTART_BELOW_M_PER_S = 3.0
"""Restart below cut-out where none is given; judged. [m/s]"""


def turbine_from_csv(
    path: Path,
    rotor_diameter_m: float,
    hub_height_m: float,
    rated_mw: float | None = None,
    cut_out_m_per_s: float | None = None,
    restart_m_per_s: float | None = None,
    min_operating_degc: float = -30.0,
) -> Turbine:
    """Read a power curve at standard air density.

    Parameters
    ----------
    path : Path
        CSV with a column ``wind_speed_m_per_s`` and one of ``power_kw`` and ``power_mw``.
    rotor_diameter_m, hub_height_m : float
        Of the turbine. [m]
    rated_mw : float, optional
        Not given: the largest power of the curve. [MW]
    cut_out_m_per_s, restart_m_per_s : float, optional
        Not given: the last speed with power, and 3 m/s below cut-out. [m/s]
    min_operating_degc : float, optional
        Least operating temperature; default that of low-temperature versions. [degC]

    Raises
    ------
    DefinitionError
        With every problem of the file and the line it stands in.
    """
    problems, points = _points(path)
    if problems:
        raise DefinitionError(f"the power curve {path.name}", problems)
    speeds, power_mw = (tuple(column) for column in zip(*points, strict=True))
    rated = max(power_mw) if rated_mw is None else rated_mw
    running = [index for index, power in enumerate(power_mw) if power > 0.0]
    last = running[-1]
    cut_out = speeds[last] if cut_out_m_per_s is None else cut_out_m_per_s
    return Turbine(
        path.stem,
        rated,
        rotor_diameter_m,
        (hub_height_m,),
        speeds[max(running[0] - 1, 0)],
        cut_out,
        cut_out - RESTART_BELOW_M_PER_S if restart_m_per_s is None else restart_m_per_s,
        min_operating_degc,
        speeds[: last + 1],
        tuple(power / rated for power in power_mw[: last + 1]),
        f"own curve, {path.name}",
        path.name,
        "given by the user",
    )


def _points(path: Path) -> tuple[list[Problem], list[tuple[float, float]]]:
    """Speed and power in MW of each line, and what is wrong with the file."""
    try:
        rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        return [Problem("", f"cannot be read: {error.__class__.__name__}", "give a CSV file in UTF-8", path.name)], []
    header = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = header
    power = next((name for name in POWER_MW if name in header), None)
    problems = [Problem(SPEED, "column is missing", did_you_mean(SPEED, header), path.name, 1)] if SPEED not in header else []
    if power is None:
        problems.append(Problem("power_kw", "column is missing", f"add power_kw or power_mw; there is: {', '.join(header) or 'nothing'}", path.name, 1))
    if power is None or problems:
        return problems, []
    points: list[tuple[float, float]] = []
    for row in rows:
        try:
            speed, given_mw = float(row[SPEED]), float(row[power]) * POWER_MW[power]
        except (TypeError, ValueError):
            problems.append(Problem("", f"'{row[SPEED]}', '{row[power]}' are not two numbers", "write 7.5,3200", path.name, rows.line_num))
            continue
        if not 0.0 <= speed <= 60.0 or (points and speed <= points[-1][0]):
            problems.append(Problem(SPEED, f"{speed:g} m/s does not follow in rising order", "sort by speed, each speed once", path.name, rows.line_num))
        if not 0.0 <= given_mw <= LARGEST_MW:
            found = f"{given_mw:g} MW is not a turbine's power"
            problems.append(Problem(power, found, f"write 0 to {LARGEST_MW:g} MW in the unit of the column's name", path.name, rows.line_num))
        points.append((speed, given_mw))
    if not problems and (len(points) < LEAST_ROWS or max(power for _, power in points) == 0.0):
        problems.append(Problem("", f"{len(points)} points are not a curve", f"give at least {LEAST_ROWS}, with power in one of them", path.name))
    return problems, points
