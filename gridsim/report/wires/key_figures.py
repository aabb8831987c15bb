"""The judgement on the network: one verdict, and the key figures, each beside what it is held against."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gridsim.report.numbers import SPACE, energy, number, percent
from gridsim.report.tables import Column, Table
from gridsim.report.wires.tables import elements_beyond
from gridsim.report.wires.wires_view import per_unit, signed_energy

if TYPE_CHECKING:
    from gridsim.report.wires.wires_view import WiresView


def judgement(wires: WiresView) -> str:
    """Return whether the network carries the dispatch, in figures."""
    words, summary = wires.view.words, wires.view.summary
    hours, solved, beyond = wires.view.hours, summary["network_solved_hours"], summary["violating_hours"]
    sentences = []
    if beyond <= 0:
        sentences.append(words("wires.within", hours=number(hours)))
    else:
        elements = sum(len(element.names) for element in elements_beyond(wires) if element.kind != "no_solution")
        at_risk = energy(summary["network_energy_at_risk_mwh"])
        sentences.append(words("wires.beyond", beyond=number(beyond), share=percent(beyond / hours), elements=elements, at_risk=at_risk))
    if solved < hours:
        sentences.append(words("wires.unsolved", missing=number(hours - solved)))
    return words("word.sentence_space").join(sentences)


def figures_table(wires: WiresView) -> Table:
    """Return the network's key figures, each beside what it is held against."""
    words, summary = wires.view.words, wires.view.summary
    hours = wires.view.hours
    flowing = flowing_mwh(wires)
    loss, assumed = summary["network_loss_mwh"], summary["network_loss_in_dispatch_mwh"]
    beyond = summary["network_import_beyond_dispatch_mwh"]
    sample = wires.record.get("sample") or {}

    def of_hours(key: str) -> list[str]:
        return [f"{number(summary[key])}{SPACE}h", percent(summary[key] / hours) if hours else "–"]

    facts = [
        ("wires_fact.solved", *of_hours("network_solved_hours"), words("wires_note.of_hours", hours=number(hours))),
        ("wires_fact.beyond", *of_hours("violating_hours"), words("wires_note.beyond")),
        ("wires_fact.use", *_worst_use(wires)),
        ("wires_fact.lowest", *_worst_voltage(wires, low=True)),
        ("wires_fact.highest", *_worst_voltage(wires, low=False)),
        ("wires_fact.loss", energy(loss), percent(loss / flowing) if flowing > 0 else "–", words("wires_note.loss", flowing=energy(flowing))),
        ("wires_fact.assumed", energy(assumed), percent(assumed / loss) if loss > 0 else "–", words("wires_note.assumed")),
        ("wires_fact.import", energy(summary["network_import_mwh"]), "", words("wires_note.import", beyond=signed_energy(beyond))),
        ("wires_fact.peak", f"{number(summary['network_peak_import_mw'])}{SPACE}MW", "", words("wires_note.peak")),
        (
            "wires_fact.difference",
            f"{summary['max_difference_to_runpp_pu']:.1e}{SPACE}p.u.",
            "",
            words("wires_note.difference", hours=sample.get("hours", 0)),
        ),
    ]
    columns = [
        Column(words("table.fact"), text=True),
        Column(words("table.value"), whole=True),
        Column(words("wires_table.share")),
        Column(words("wires_table.note"), text=True, data=True),
    ]
    return Table(columns, [[words(key), *cells] for key, *cells in facts])


def flowing_mwh(wires: WiresView) -> float:
    """Energy that the network carried in the hours with a solution: what is used, stored, exported and lost. [MWh]"""
    view = wires.view
    power = view.total("load_mw") + view.total("charge_mw") + view.total("export_mw")
    return float(power[wires.solved].sum() * view.step_hours + view.summary["network_loss_mwh"])


def _worst_use(wires: WiresView) -> tuple[str, str, str]:
    branches = [branch for branch in wires.branches.values() if math.isfinite(branch.use)]
    if not branches:
        return "–", "", ""
    worst = max(branches, key=lambda branch: branch.use)
    values = {"name": worst.name, "where": wires.where(worst.kind, worst.name), "time": wires.stamp(worst.highest_step), "limit": percent(worst.limit)}
    return percent(worst.highest), percent(worst.use), wires.view.words("wires_note.use", **values)


def _worst_voltage(wires: WiresView, *, low: bool) -> tuple[str, str, str]:
    """Return the lowest or highest voltage; the share and the bus that comes nearest to that end of its band."""
    buses = [bus for bus in wires.buses.values() if math.isfinite(bus.lowest_pu)]
    if not buses:
        return "–", "", ""
    words = wires.view.words
    bus = min(buses, key=lambda bus: bus.lowest_pu) if low else max(buses, key=lambda bus: bus.highest_pu)
    value, step = (bus.lowest_pu, bus.lowest_step) if low else (bus.highest_pu, bus.highest_step)
    text = words("wires_note.voltage", where=wires.bus_label(bus.name), time=wires.stamp(step))
    near = max(buses, key=lambda bus: bus.low_use if low else bus.high_use)
    share = near.low_use if low else near.high_use
    if not math.isfinite(share):
        return per_unit(value), "", text
    reached, limit = (near.lowest_pu, near.vm_min_pu) if low else (near.highest_pu, near.vm_max_pu)
    values = {"where": wires.bus_label(near.name), "value": per_unit(reached), "limit": per_unit(limit)}
    return per_unit(value), percent(share), text + words("word.sentence_space") + words("wires_note.nearest", **values)
