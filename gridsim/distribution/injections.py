"""What a dispatch injects at each bus of the network, by the park's table of connections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from gridsim.distribution.powerflow.rules import PowerFactorCurve, Rule, TapControl, VoltageCurve, reactive_of
from gridsim.distribution.powerflow.wires import Injections
from gridsim.distribution.tables.checks_assets import GRID_TYPE, LINE_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pandapower.auxiliary import pandapowerNet

    from gridsim.dispatch.result import Dispatch
    from gridsim.distribution.network import Network
    from gridsim.distribution.powerflow.wires import Wires
    from gridsim.distribution.tables.distribution import Curve
    from gridsim.distribution.tables.rows import ConnectionRow
    from gridsim.technologies.draft import NetworkDraft, Series

SLOPE_STEP_MW = 1e-6
"""Small, as curves of cos φ over P that start at 1 bend without bound near zero power."""


@dataclass(frozen=True, eq=False)
class Connected:
    """A dispatch at the buses of a network. A assets, C connections, T hours, N buses."""

    assets: tuple[str, ...]
    supply_mw: NDArray[np.float64]
    """Net electric supply of each asset, negative where it draws. Shape (T, A). [MW]"""
    supply_of: dict[str, list[tuple[str, Series]]]
    """Components whose flows make up the supply of each asset, with what one unit of flow supplies."""
    asset: NDArray[np.int64]
    """Asset of each connection. Shape (C,)."""
    bus: NDArray[np.int64]
    """Bus of each connection. Shape (C,)."""
    share: NDArray[np.float64]
    power_factors: dict[int, PowerFactorCurve]
    """Rule of each connection that has one between active and reactive power."""
    rules: tuple[Rule, ...]
    buses: int

    @cached_property
    def injections(self) -> Injections:
        """Active power at each bus; reactive power comes from the rules alone."""
        p_mw = np.zeros((self.supply_mw.shape[0], self.buses))
        for asset, bus, share in zip(self.asset, self.bus, self.share, strict=True):
            p_mw[:, bus] += share * self.supply_mw[:, asset]
        return Injections(p_mw, np.zeros_like(p_mw))

    @cached_property
    def reactive_slope(self) -> NDArray[np.float64]:
        """Reactive supply that follows one more MW of supply at each connection. Shape (T, C). [Mvar/MW]"""
        slope = np.zeros((self.supply_mw.shape[0], self.asset.size))
        for row, rule in self.power_factors.items():
            # towards the side on which the asset stands, so that the kink at zero is never straddled
            step = np.where(rule.p_mw > 0.0, SLOPE_STEP_MW, -SLOPE_STEP_MW)
            slope[:, row] = (reactive_of(replace(rule, p_mw=rule.p_mw + step)) - reactive_of(rule)) / step
        return slope

    def by_asset(self, hour: NDArray[np.int64], by_p: NDArray[np.float64], by_q: NDArray[np.float64]) -> NDArray[np.float64]:
        r"""Turn derivatives by what buses inject into derivatives by the supply of assets, their reactive power following.

        .. math:: \frac{\partial x}{\partial P_a} = \sum_{c \in a} s_c \left(\frac{\partial x}{\partial p_c}
           + \frac{\partial x}{\partial q_c} \frac{\mathrm d q_c}{\mathrm d p_c}\right)

        Parameters
        ----------
        hour : array, shape (R,)
            Hour of each quantity.
        by_p, by_q : arrays, shape (R, N)
            Its derivatives at each bus.

        Returns
        -------
        array, shape (R, A)
        """
        at_connection = self.share * (by_p[:, self.bus] + by_q[:, self.bus] * self.reactive_slope[hour])
        result = np.zeros((hour.size, len(self.assets)))
        np.add.at(result.T, self.asset, at_connection.T)
        return result


def connect(dispatch: Dispatch, network: Network) -> Connected:
    """Hang a dispatch on a network.

    Transmission lines and the grid connection are wires and source themselves. Demand response without a connection of its own acts where its load hangs.
    The reference power of curves is the most that an asset can supply or draw.
    """
    draft, connections = dispatch.draft, network.tables.connections
    supply_of: dict[str, list[tuple[str, Series]]] = {row.asset: [] for row in connections}
    for component in draft.components.values():
        if (asset := _asset_of(draft, component.technology, supply_of)) is None:
            continue
        if factors := [factor for bus, factor in draft.ports(component) if bus in draft.park.buses and draft.electric(bus)]:
            supply_of[asset].append((component.name, sum(factors)))
    zero = np.zeros(dispatch.time.steps)
    supply = np.column_stack([sum((factor * dispatch.flows[name] for name, factor in parts), start=zero) for parts in supply_of.values()] or [zero[:, None]])
    return hang(draft, network, supply_of, supply)


def hang(draft: NetworkDraft, network: Network, supply_of: dict[str, list[tuple[str, Series]]], supply_mw: NDArray[np.float64]) -> Connected:
    """Hang any supplies of the assets, shape (T, A), on the network."""
    wires, connections, curves = network.wires, network.tables.connections, network.tables.curves
    row_of = {name: row for row, name in enumerate(supply_of)}
    power_factors: dict[int, PowerFactorCurve] = {}
    rules: list[Rule] = [*_tap_controls(network.net, wires)]
    for row, place in enumerate(connections):
        rated_mw = place.share * rated(draft, supply_of[place.asset])
        rule = _reactive_rule(place, curves, place.share * supply_mw[:, row_of[place.asset]], rated_mw)
        if isinstance(rule, PowerFactorCurve):
            power_factors[row] = rule
        if rule is not None:
            rules.append(rule)
    return Connected(
        assets=tuple(supply_of),
        supply_mw=supply_mw,
        supply_of=supply_of,
        asset=np.array([row_of[place.asset] for place in connections], dtype=np.int64),
        bus=np.array([wires.bus(place.bus) for place in connections], dtype=np.int64),
        share=np.array([place.share for place in connections]),
        power_factors=power_factors,
        rules=tuple(rules),
        buses=wires.buses,
    )


def _asset_of(draft: NetworkDraft, technology: str, hanging: Mapping[str, object]) -> str | None:
    """Asset at whose connections a technology acts; None where it is a wire, the grid, or hangs nowhere."""
    definition = draft.park.technologies[technology]
    if definition.type in {LINE_TYPE, GRID_TYPE}:
        return None
    load = getattr(definition, "load", None)
    return next((name for name in (technology, load) if name in hanging), None)


def rated(draft: NetworkDraft, parts: list[tuple[str, Series]]) -> float:
    """Return the most that components can supply or draw together. [MW]"""
    supplies = draws = 0.0
    for name, factor in parts:
        component = draft.components[name]
        if component.role in {"unserved", "reduction"}:
            continue
        # wind and sun are rated by their capacity, whatever the weather of the hours that are looked at
        largest = component["p_set"].max() if component.kind == "Load" else max(component["p_nom"], draft.available(component).max())
        supplies += max(float(np.max(factor)), 0.0) * largest
        draws += max(float(np.max(-np.asarray(factor))), 0.0) * largest
    return max(supplies, draws)


def _reactive_rule(place: ConnectionRow, curves: Mapping[str, Curve], p_mw: NDArray[np.float64], rated_mw: float) -> Rule | None:
    if rated_mw <= 0.0:
        return None
    if place.q_u_curve is not None:
        curve = curves[place.q_u_curve]
        return VoltageCurve(place.bus, curve.at, tuple(rated_mw * value for value in curve.value))
    sign = 1.0 if place.reactive == "supplies" else -1.0
    if place.cos_phi_p_curve is not None:
        curve = curves[place.cos_phi_p_curve]
        return PowerFactorCurve(place.bus, p_mw, tuple(rated_mw * at for at in curve.at), tuple(sign * value for value in curve.value))
    if place.cos_phi is not None and place.cos_phi < 1.0:
        return PowerFactorCurve(place.bus, p_mw, (0.0,), (sign * place.cos_phi,))
    return None


def _tap_controls(net: pandapowerNet, wires: Wires) -> list[TapControl]:
    """Return the tap rules that the transformers carry (`to_pandapower`)."""
    if "tap_controlled_bus" not in net.trafo or not len(net.trafo):
        return []
    row = {int(index): number for number, index in enumerate(wires.bus_index)}
    held = net.trafo[(net.trafo.tap_controlled_bus >= 0) & net.trafo.name.isin(wires.taps.names)]
    return [
        TapControl(unit.name, wires.bus_names[row[unit.tap_controlled_bus]], unit.tap_set_point_pu - half, unit.tap_set_point_pu + half)
        for unit in held.itertuples()
        for half in (unit.tap_dead_band_pu / 2.0,)
    ]
