"""Rules between the network and the park: which asset hangs where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gridsim.distribution.tables.checks import Check, Draft
from gridsim.distribution.tables.reading import Placed
from gridsim.errors import Problem, did_you_mean, quoted
from gridsim.park.park import Park

SHARE_TOLERANCE = 1e-6
LINE_TYPE, GRID_TYPE = "transmission_line", "grid_connection"
"""Assets that are wires and source themselves; they hang at no bus."""


def electric_buses(park: Park) -> dict[str, tuple[str, ...]]:
    """Return the electric buses of each asset that has to hang somewhere in the network."""
    found = {}
    for name, technology in park.technologies.items():
        columns = [column for column, carrier in technology.bus_carriers.items() if carrier == "electricity"]
        buses = tuple(getattr(technology, column) for column in columns if getattr(technology, column, None) is not None)
        if buses and technology.type not in {LINE_TYPE, GRID_TYPE}:
            found[name] = buses
    return found


def assets_exist(draft: Draft) -> Iterator[Problem]:
    """Each asset of a connection is one of the park in this stage, draws or supplies electricity, and hangs once at a bus."""
    hanging, technologies = electric_buses(draft.owner), draft.owner.technologies
    first: dict[tuple[str, str], Placed] = {}
    for placed in draft.rows("connections"):
        row = placed.row
        if row.asset not in technologies:
            stage = "" if draft.stage is None else f" in stage {draft.stage}"
            yield placed.problem("asset", f"{quoted(row.asset)} is not an asset of the park{stage}", did_you_mean(row.asset, hanging))
        elif row.asset not in hanging:
            kind = technologies[row.asset].type
            remedy = {
                LINE_TYPE: "its circuits stand in lines.csv, with this name in the column 'asset'",
                GRID_TYPE: "it stands in sources.csv, in the column 'asset'",
            }
            yield placed.problem("asset", f"'{row.asset}' is a {kind} without an electric bus of its own", remedy.get(kind, "remove the row"))
        earlier = first.setdefault((row.asset, row.bus), placed)
        if earlier is not placed:
            yield placed.problem("bus", f"'{row.asset}' already hangs at '{row.bus}' (line {earlier.node.line})", "add the two shares in one row")


def shares_add_up(draft: Draft) -> Iterator[Problem]:
    """The shares of an asset add up to 1."""
    if not draft.whole("connections"):
        return
    parts: dict[str, list[Placed]] = {}
    for placed in draft.rows("connections"):
        parts.setdefault(placed.row.asset, []).append(placed)
    for asset, rows in parts.items():
        total = sum(placed.row.share for placed in rows)
        if abs(total - 1.0) > SHARE_TOLERANCE:
            where = f"the {len(rows)} rows of '{asset}' add up" if len(rows) > 1 else f"the only row of '{asset}' comes"
            yield rows[-1].problem("share", f"{where} to {total:.6g}, not 1", "shares of an asset add up to 1 in every stage")


def named_assets_fit(draft: Draft) -> Iterator[Problem]:
    """What lines and sources name is a transmission line, or a grid connection, of the park."""
    for noun, kind in (("lines", LINE_TYPE), ("sources", GRID_TYPE)):
        fitting = [name for name, technology in draft.owner.technologies.items() if technology.type == kind]
        for placed in draft.rows(noun):
            if placed.row.asset is not None and placed.row.asset not in fitting:
                found = f"{quoted(placed.row.asset)} is not a {kind} of the park"
                yield placed.problem("asset", found, did_you_mean(placed.row.asset, fitting))


def sites_exist(draft: Draft) -> Iterator[Problem]:
    """Each site of a bus is one of the park."""
    for placed in draft.rows("buses"):
        if placed.row.site is not None and placed.row.site not in draft.owner.sites:
            found = f"{quoted(placed.row.site)} is not a site of the park"
            yield placed.problem("site", found, did_you_mean(placed.row.site, draft.owner.sites))


ASSET_CHECKS: tuple[Check, ...] = (assets_exist, shares_add_up, named_assets_fit, sites_exist)


# ---- odd, and not wrong


def assets_hang_somewhere(draft: Draft) -> Iterator[Problem]:
    """An asset without a connection is left out of the power flow."""
    if not draft.readable("connections"):
        return
    hung = {placed.row.asset for placed in draft.rows("connections")} | draft.everything["connections"].refused
    file = draft.everything["connections"].file
    for name in electric_buses(draft.owner):
        if name not in hung:
            yield Problem(f"connections.{name}", "hangs at no bus, so that the power flow is without it", "add a row with its bus and share 1", file)
    for noun, kind in (("lines", LINE_TYPE), ("sources", GRID_TYPE)):
        named = {placed.row.asset for placed in draft.rows(noun)}
        for name, technology in draft.owner.technologies.items():
            if technology.type == kind and name not in named:
                found = f"no row of {Path(draft.everything[noun].file).name} names it, so that its limit cannot be compared with the wires'"
                yield Problem(f"{noun}.{name}", found, f"write {name} in the column 'asset'", draft.everything[noun].file)


def assets_hang_at_their_site(draft: Draft) -> Iterator[Problem]:
    """An asset hangs at the site of its bus in the park; elsewhere its power would take other ways than in the dispatch."""
    hanging, buses = electric_buses(draft.owner), draft.buses()
    for placed in draft.rows("connections"):
        row = placed.row
        sites = {draft.owner.buses[bus].site for bus in hanging.get(row.asset, ()) if bus in draft.owner.buses}
        site = buses[row.bus].site if row.bus in buses else None
        if site is not None and any(sites) and site not in sites:
            found = f"'{row.bus}' is in {site}, the park has '{row.asset}' in {', '.join(sorted(filter(None, sites)))}"
            yield placed.problem("bus", found, "its power takes other ways in the network than in the dispatch")


ASSET_NOTES: tuple[Check, ...] = (assets_hang_somewhere, assets_hang_at_their_site)
