"""Does every hour of a year agree with pandapower? `solve` against `runpp` on all hours of several networks.

It takes tens of minutes; run it in the background.

python benchmarks/power_flow_equality.py [NETWORK ...]      cigre_mv, case118, chifeng (dispatched first), park, simbench_mv (needs the package simbench)
"""

from __future__ import annotations

import argparse
import time

import numpy as np

HOURS = 8760


def own_injections(net):
    """What the network's own tables supply to each bus. [MW, Mvar]"""
    row = {bus: number for number, bus in enumerate(net.bus.index)}
    p_mw, q_mvar = np.zeros(len(row)), np.zeros(len(row))
    for table, sign in (("load", -1.0), ("sgen", 1.0), ("storage", -1.0), ("gen", 1.0)):
        frame = net[table][net[table].in_service]
        for element in frame.itertuples():
            p_mw[row[element.bus]] += sign * element.p_mw * element.scaling
            q_mvar[row[element.bus]] += sign * element.q_mvar * element.scaling if table != "gen" else 0.0
    return p_mw, q_mvar


def varied(net, low, high, noise):
    """A year of the network's own injections: a daily and a yearly wave from low to high, and noise at each bus."""
    p_mw, q_mvar = own_injections(net)
    random, hour = np.random.default_rng(3), np.arange(HOURS)
    wave = 0.5 + 0.3 * np.sin(2 * np.pi * hour / 24) + 0.2 * np.cos(2 * np.pi * hour / HOURS)
    shape = (low + (high - low) * wave)[:, None] * (1.0 + noise * (random.random((HOURS, p_mw.size)) - 0.5))
    return p_mw * shape, q_mvar * shape


def case(name):
    """Network, year of injections, rules and whether reactive limits hold."""
    import pandapower.networks as networks

    if name == "cigre_mv":
        net = networks.create_cigre_network_mv(with_der="all")
        return net, *varied(net, 0.2, 1.2, 0.6), (), False
    if name == "case118":
        net = networks.case118()
        return net, *varied(net, 0.5, 1.05, 0.2), (), False
    if name == "chifeng":
        import gridsim
        from gridsim.distribution.injections import connect
        from gridsim.distribution.network import network_of

        dispatch = gridsim.solve(gridsim.read_park("networks/chifeng", stage="2030")).dispatch
        network = network_of(dispatch.draft.park)
        connected = connect(dispatch, network)
        return network.net, connected.injections.p_mw, connected.injections.q_mvar, connected.rules, True
    if name == "park":
        from power_flow import park_network, park_year

        net = park_network()
        return net, *park_year(net), (), False
    import simbench

    net = simbench.get_simbench_net("1-MV-rural--1-sw")
    values = simbench.get_absolute_values(net, profiles_instead_of_study_cases=True)
    row = {bus: number for number, bus in enumerate(net.bus.index)}
    p_mw, q_mvar = np.zeros((HOURS, len(row))), np.zeros((HOURS, len(row)))
    for (table, column), frame in values.items():
        target = p_mw if column == "p_mw" else q_mvar
        sign = -1.0 if table in ("load", "storage") else 1.0
        for element in frame.columns:
            target[:, row[net[table].at[element, "bus"]]] += sign * frame[element].to_numpy()[::4][:HOURS]
    return net, p_mw, q_mvar, (), False


def main() -> None:
    """Print the largest differences of each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=["cigre_mv", "case118", "chifeng", "simbench_mv"])
    parser.add_argument("--hours", type=int, default=HOURS, help="compare this many hours, spread over the year")
    arguments = parser.parse_args()
    from gridsim.distribution.powerflow import Injections, solve
    from gridsim.distribution.powerflow.prepare import prepare
    from gridsim.distribution.powerflow.sample import check_sample

    for name in arguments.networks:
        net, p_mw, q_mvar, rules, limited = case(name)
        wires, injections = prepare(net), Injections(p_mw, q_mvar)
        begin = time.perf_counter()
        flow = solve(wires, injections, rules=rules, enforce_q_limits=limited)
        seconds = time.perf_counter() - begin
        hours = np.unique(np.linspace(0, HOURS - 1, arguments.hours).astype(int))
        begin = time.perf_counter()
        print(
            f"{name}: {wires.buses} buses, {wires.branches} branches, "
            f"{flow.converged.sum()} of {HOURS} hours solved in {seconds:.2f} s, {flow.iterations.mean():.1f} rounds",
            flush=True,
        )
        print(
            f"  |V| {np.nanmin(flow.vm_pu):.4f} to {np.nanmax(flow.vm_pu):.4f} p.u., largest loading {np.nanmax(flow.loading[np.isfinite(flow.loading)]):.3f}",
            flush=True,
        )
        print(f"  {check_sample(net, wires, injections, flow, hours, enforce_q_limits=limited)}  ({time.perf_counter() - begin:.0f} s by runpp)", flush=True)


if __name__ == "__main__":
    main()
