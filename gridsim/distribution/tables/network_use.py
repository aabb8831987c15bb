"""A network from elsewhere made fit for a park: elements with names of their own, limits where it has none, neighbours that stay as they are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.distribution.tables.checks_assets import GRID_TYPE
from gridsim.distribution.tables.limits import LINE_N_1, LINE_NORMAL, TRANSFORMER_N_1, TRANSFORMER_NORMAL, voltage_band
from gridsim.errors import DefinitionError, Problem

if TYPE_CHECKING:
    from pandapower.auxiliary import pandapowerNet

    from gridsim.distribution.tables.importers import Imported
    from gridsim.park.park import Park

BROKEN = (ArithmeticError, AttributeError, IndexError, KeyError, NotImplementedError, TypeError, ValueError, UserWarning)
"""What pandapower raises on tables that lack columns or hold something else than they should."""

BRANCHES = ("line", "trafo", "trafo3w", "impedance", "xward", "switch")
"""Tables whose rows are branches; their names may not repeat."""

NAMED = ("bus", *BRANCHES, "ext_grid")

NEIGHBOURS = {"load": -1.0, "sgen": 1.0, "storage": -1.0, "gen": 1.0}
"""Tables of what injects, and the sign by which their power is a supply."""

PLURAL = {"load": "loads", "sgen": "static generators", "storage": "storages", "gen": "generators"}

TAP_RULE = ("tap_controlled_bus", "tap_set_point_pu", "tap_dead_band_pu")

SHOWN = 5


def usable(imported: Imported, park: Park | None) -> tuple[list[Problem], list[Problem]]:
    """Make a network fit for a park, in place; return what keeps it from being used, and what its user should know.

    Raises
    ------
    any of BROKEN
        Where its tables are not those of a pandapower network.
    """
    from gridsim.distribution.powerflow.checks import find_problems
    from gridsim.distribution.powerflow.prepare import prepare

    net = imported.net
    for table in NAMED:
        net[table]["name"] = [_text(name) for name in net[table]["name"]]
    for table in ("line", "trafo", "trafo3w"):
        net[table]["std_type"] = [_text(kind) for kind in net[table].get("std_type", [""] * len(net[table]))]
    problems = [*_bus_names(net), *find_problems(net), *_tap_rules(net)]
    if problems:
        return problems, []
    notes = [*(Problem("network", f"is used without {line}") for line in imported.left_out), *_branch_names(net), *_neighbours(net), *_limits(net)]
    _places(net, park)
    _sources(net, park)
    try:
        wires = prepare(net)
    except DefinitionError as error:
        return list(error.problems), []
    return list(_taps_that_cannot_move(net, wires.taps.names)), notes


def name_all(net: pandapowerNet) -> None:
    """Give each bus a name of its own, in place: its own text, or ``bus <index>``, and its index behind a name that several have."""
    names = [_text(name) for name in net.bus["name"]]
    net.bus["name"] = _distinct([name or f"bus {row}" for name, row in zip(names, net.bus.index, strict=True)], [f"bus {row}" for row in net.bus.index])


def _text(value: Any) -> str:
    """Return a name as text: numbers without decimals, nothing for what is missing."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def _distinct(names: list[str], otherwise: list[str]) -> list[str]:
    """Return the names with what else they are called behind those that several have."""
    times = Counter(names)
    return [name if times[name] == 1 else f"{name} ({other})" for name, other in zip(names, otherwise, strict=True)]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _bus_names(net: pandapowerNet) -> Iterator[Problem]:
    """Connections name buses, so each has one name and no other bus has it."""
    empty = [f"bus {row}" for row, name in net.bus["name"].items() if not name]
    if empty:
        yield Problem("bus.name", f"{len(empty)} of {len(net.bus)} buses have no name: {_listed(empty)}", "name them; connections.csv refers to buses by name")
    for name, times in Counter(filter(None, net.bus["name"])).items():
        if times > 1:
            rows = ", ".join(str(row) for row in net.bus.index[net.bus["name"] == name])
            yield Problem("bus.name", f"{times} buses are called '{name}' (rows {rows})", "give each bus a name of its own")


def _branch_names(net: pandapowerNet) -> Iterator[Problem]:
    """Give each branch a name of its own: its table and row where it has none, and behind one that several have."""
    places = [(table, row) for table in BRANCHES for row in net[table].index]
    rows = [f"{table} {row}" for table, row in places]
    given = [net[table].at[row, "name"] for table, row in places]
    names = _distinct([name or row for name, row in zip(given, rows, strict=True)], rows)
    for (table, row), name in zip(places, names, strict=True):
        net[table].at[row, "name"] = name
    changed = [name for name, old, (table, _) in zip(names, given, places, strict=True) if name != old and table != "switch"]
    if changed:
        yield Problem("network", f"{len(changed)} branches without a name of their own are called {_listed(changed)}", "name them in the file")


def _neighbours(net: pandapowerNet) -> Iterator[Problem]:
    """Turn what injects into wards of constant power, one a bus: those stay in every hour while assets come and go."""
    import pandapower

    supply: dict[int, complex] = {}
    said = []
    for table, sign in NEIGHBOURS.items():
        frame = net[table]
        chosen = frame[frame.in_service.to_numpy(dtype=bool)]
        if table == "gen":
            chosen = chosen[~chosen.slack.to_numpy(dtype=bool)]
        scaling = chosen["scaling"].fillna(1.0).to_numpy(dtype=float) if "scaling" in chosen else np.ones(len(chosen))
        p_mw = sign * scaling * chosen.p_mw.fillna(0.0).to_numpy(dtype=float)
        q_mvar = sign * scaling * chosen.q_mvar.fillna(0.0).to_numpy(dtype=float) if "q_mvar" in chosen else np.zeros(len(chosen))
        for bus, p, q in zip(chosen.bus, p_mw, q_mvar, strict=True):
            supply[int(bus)] = supply.get(int(bus), 0.0) + complex(p, q)
        count = int(((p_mw != 0.0) | (q_mvar != 0.0)).sum())
        if count:
            does = "supply" if sign > 0.0 else "draw"
            said.append(f"{count} {PLURAL[table]} that {does} {abs(p_mw.sum()):.4g} MW" if count > 1 else f"1 {table} of {abs(p_mw.sum()):.4g} MW")
        if table == "gen":
            net[table].loc[:, "p_mw"] = 0.0
        else:
            net[table] = frame.iloc[:0]
    for bus, power in supply.items():
        if power:
            pandapower.create_ward(net, bus, -power.real, -power.imag, 0.0, 0.0, name=f"neighbours@{net.bus.at[bus, 'name']}")
    if said:
        found = f"{' and '.join(said)} kept in every hour as neighbours'; what is an asset of the park counts twice unless it is out of service in the file"
        yield Problem("network", found, "the power at the grid connection holds them too")


def _limits(net: pandapowerNet) -> Iterator[Problem]:
    """Fill in limits by voltage level where the file has none."""
    bands = np.array([voltage_band(kv) for kv in net.bus.vn_kv])
    without = 0
    for column, band in (("min_vm_pu", bands[:, 0]), ("max_vm_pu", bands[:, 1])):
        given = net.bus[column].to_numpy(dtype=float) if column in net.bus else np.full(len(net.bus), np.nan)
        without = max(without, int(np.isnan(given).sum()))
        net.bus[column] = np.where(np.isnan(given), band, given)
    if without:
        yield Problem(
            "network", f"{without} buses without limits of their voltage take the band of their level (GB/T 12325)", "min_vm_pu and max_vm_pu set others"
        )
    for table, normal, one_out in (
        ("line", LINE_NORMAL, LINE_N_1),
        ("trafo", TRANSFORMER_NORMAL, TRANSFORMER_N_1),
        ("trafo3w", TRANSFORMER_NORMAL, TRANSFORMER_N_1),
    ):
        frame, missing = net[table], 0
        for column, share in (("max_loading_percent_n_1", one_out), ("max_loading_percent", normal)):
            given = frame[column].to_numpy(dtype=float) if column in frame else np.full(len(frame), np.nan)
            missing = int(np.isnan(given).sum())
            frame[column] = np.where(np.isnan(given), 100.0 * share, given)
        if missing:
            words = "lines" if table == "line" else "transformers"
            yield Problem("network", f"{missing} {words} without a largest loading take {normal:.0%} of their rating", "max_loading_percent sets another")


def _places(net: pandapowerNet, park: Park | None) -> None:
    """Sites are zones that the park knows; labels and the assets of lines may stand in columns of these names."""
    zones = [_text(zone) for zone in net.bus.get("zone", [""] * len(net.bus))]
    net.bus["zone"] = [zone if park is None or zone in park.sites else None for zone in zones]
    net.bus["zone"] = net.bus["zone"].astype(object).where(net.bus["zone"] != "", None)
    net.bus["geo"] = [geo if _is_place(geo) else None for geo in net.bus.get("geo", [None] * len(net.bus))]
    for table, column in (("bus", "label"), ("line", "asset")):
        net[table][column] = [_text(value) for value in net[table].get(column, [""] * len(net[table]))]


def _is_place(geo: Any) -> bool:
    """Tell whether a text is a point of GeoJSON with two finite numbers."""
    try:
        x, y = json.loads(geo)["coordinates"][:2]
        return bool(np.isfinite(x) and np.isfinite(y))
    except (KeyError, TypeError, ValueError):
        return False


def _sources(net: pandapowerNet, park: Park | None) -> None:
    """The grid connection of the park is the source that is called like it, or names it in the column ``asset``, or is the only one."""
    grids = [] if park is None else [name for name, technology in park.technologies.items() if technology.type == GRID_TYPE]
    given = [_text(value) for value in net.ext_grid.get("asset", [""] * len(net.ext_grid))]
    assets = [asset or (name if name in grids else "") for asset, name in zip(given, net.ext_grid["name"], strict=True)]
    if len(assets) == 1 and not assets[0] and len(grids) == 1:
        assets = grids
    net.ext_grid["asset"] = assets
    net.ext_grid["name"] = [name or asset or f"ext_grid {row}" for row, name, asset in zip(net.ext_grid.index, net.ext_grid["name"], assets, strict=True)]


def _tap_rules(net: pandapowerNet) -> Iterator[Problem]:
    """A tap rule, in columns that pandapower does not know, is whole and holds a bus that there is."""
    if TAP_RULE[0] not in net.trafo:
        return
    held = net.trafo[TAP_RULE[0]].to_numpy(dtype=float)
    net.trafo[TAP_RULE[0]] = np.where(np.isnan(held), -1, held).astype(np.int64)
    for row in net.trafo.index[net.trafo[TAP_RULE[0]] >= 0]:
        where = f"trafo '{net.trafo.at[row, 'name'] or row}'"
        if net.trafo.at[row, TAP_RULE[0]] not in net.bus.index:
            yield Problem(where, f"{TAP_RULE[0]} {net.trafo.at[row, TAP_RULE[0]]} does not exist", "give the row of the bus whose voltage it holds")
        for column in TAP_RULE[1:]:
            if column not in net.trafo or not net.trafo.at[row, column] > 0.0:
                yield Problem(where, f"has {TAP_RULE[0]} without {column}", "a tap rule has controlled bus, set-point and dead band")


def _taps_that_cannot_move(net: pandapowerNet, movable: tuple[str, ...]) -> Iterator[Problem]:
    if TAP_RULE[0] not in net.trafo:
        return
    for row in net.trafo.itertuples():
        if row.tap_controlled_bus >= 0 and row.in_service and row.name not in movable:
            yield Problem(f"trafo '{row.name}'", "has a tap rule, and no positions to move to", "give whole tap_min, tap_max and tap_pos, and tap_step_percent")
