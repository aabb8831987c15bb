"""Whole numbers of a program in arrays: modules that are on, calls that run, flows that are kept apart.

The equations are those of `gridsim.dispatch.constraints`: ``commitment``, ``calls`` and ``exclusive``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridsim.dispatch.program_rows import Entries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gridsim.dispatch.program import Writer
    from gridsim.technologies.draft import Calls, Commitment, Exclusive


def write_commitment(writer: Writer, request: Commitment) -> None:
    """Write the integers and rows of one fleet."""
    each, nothing, none, modules = writer.each, np.zeros(writer.count), np.full(writer.count, np.inf), np.full(writer.count, float(request.modules))
    on = writer.whole[f"{request.name}-on"] = writer.add_columns(nothing, nothing, modules, whole=True)
    warm = [on]
    if request.standby_mw > 0:
        standby = writer.whole[f"{request.name}-standby"] = writer.add_columns(nothing, nothing, modules, whole=True)
        warm.append(standby)
        writer.rows.add([writer.one(columns) for columns in warm], -none, modules)
    for block in request.blocks:
        power = writer.one(writer.flow[block.component])
        writer.rows.add([power, writer.one(on, -block.maximum_mw)], -none, nothing)
        writer.rows.add([power, writer.one(on, -block.minimum_mw)], nothing, none)
    starts = writer.add_columns(np.full(writer.count, request.start_cost_cny), nothing, modules)
    if writer.count > 1:
        row, one = each[1:] - 1, np.ones(writer.count - 1)
        rise = [Entries(row, columns.start + later, sign * one) for columns in warm for later, sign in ((each[1:], -1.0), (each[:-1], 1.0))]
        writer.rows.add([Entries(row, starts.start + each[1:], one), *rise], nothing[1:], none[1:])
    if request.auxiliary is not None:
        drawn = [writer.one(writer.flow[request.auxiliary]), writer.one(starts, -request.start_energy_mwh / writer.hours)]
        if request.standby_mw > 0:
            drawn.append(writer.one(standby, -request.standby_mw))
        writer.rows.add(drawn, nothing, nothing)


def write_calls(writer: Writer, request: Calls) -> None:
    """Write the binaries, the count of calls, and their length."""
    each, nothing, one, none = writer.each, np.zeros(writer.count), np.ones(writer.count), np.full(writer.count, np.inf)
    called = writer.whole[f"{request.name}-on"] = writer.add_columns(nothing, nothing, one, whole=True)
    begins = writer.add_columns(nothing, nothing, one, whole=True)
    writer.rows.add([writer.one(writer.flow[request.component]), writer.one(called, -request.power_mw)], -none, nothing)
    before = Entries(each[1:], called.start + each[:-1], one[1:])
    writer.rows.add([writer.one(begins), writer.one(called, -1.0), before], nothing, none)
    count = [Entries(np.zeros_like(each), begins.start + each, one)]
    writer.period[f"{request.name}-count"] = writer.rows.add(count, np.array([-np.inf]), np.array([float(request.calls)]))
    if request.length < writer.count:
        row = np.arange(writer.count - request.length)
        running = [Entries(row, called.start + row + later, np.ones(row.size)) for later in range(request.length + 1)]
        writer.rows.add(running, -none[: row.size], np.full(row.size, float(request.length)))


def write_exclusive(writer: Writer, request: Exclusive) -> None:
    """Write a binary and two rows for each segment in which doing both at once was foreseen to pay."""
    where: NDArray[np.int64] = np.flatnonzero(request.pays | request.always) if writer.with_binaries else np.zeros(0, dtype=np.int64)
    if not where.size:
        return
    none, row, one = np.full(where.size, np.inf), np.arange(where.size), np.ones(where.size)
    first_runs = writer.add_columns(0.0 * one, 0.0 * one, one, where, whole=True)
    for flow, most, right in ((request.first, -request.first_max_mw, 0.0), (request.second, request.second_max_mw, request.second_max_mw)):
        power = Entries(row, writer.flow[flow].start + where, one)
        writer.rows.add([power, Entries(row, first_runs.start + row, most * one)], -none, right * one)
