"""How fast is a year of power flow? `solve` for 8760 hours of a 122-bus park against `runpp` in a loop and `run_timeseries`, ratios in one run.

The two baselines are timed on some hours and extrapolated to the year, each in proportion; the batch solves the whole year in a process of its own,
whose peak memory is reported. Its network (four sites on 220, 110, 35 and 10 kV, two wind farms that hold their voltage) is made here.

    python benchmarks/power_flow.py [--network chifeng] [--repeat 3] [--hours 200]

With --network chifeng it is the reference park's network of 2030 (147 buses) with its loads, half of its wind and sun, and electrolysers that follow these.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np

HOURS = 8760


def park_network():
    """Four sites on a ring of 110 kV behind two 220/110 kV transformers: 122 buses, 2 of them held by generators. Impedances are round numbers."""
    import pandapower as pp

    net = pp.create_empty_network(name="benchmark park", sn_mva=100.0)
    grid = pp.create_bus(net, 220.0, name="grid")
    main = pp.create_bus(net, 110.0, name="main")
    pp.create_ext_grid(net, grid, vm_pu=1.02, name="connection")
    for unit in (1, 2):
        pp.create_transformer_from_parameters(
            net, grid, main, 240.0, 220.0, 110.0, 0.3, 14.0, 100.0, 0.1, name=f"main {unit}",
            tap_side="hv", tap_neutral=0, tap_min=-8, tap_max=8, tap_step_percent=1.25, tap_pos=-1,
            tap_changer_type="Ratio", shift_degree=0.0,
        )  # fmt: skip

    def line(one, other, km, ohm, reactance, farad, ampere, name, parallel=1):
        pp.create_line_from_parameters(net, one, other, km, ohm, reactance, farad, ampere, name=name, parallel=parallel)

    ring = [main]
    for site in range(4):
        ring.append(pp.create_bus(net, 110.0, name=f"site {site + 1} 110 kV"))
        line(ring[-2], ring[-1], 8.0 + 2.0 * site, 0.06, 0.39, 9.0, 1.2, f"ring {site + 1}", 2)
    line(ring[-1], main, 15.0, 0.06, 0.39, 9.0, 1.2, "ring 5", 2)
    for site in range(4):
        for kv, rated, vk, feeders, length, ohm, reactance, farad, ampere in (
            (35.0, 100.0, 10.5, 2, 6, 0.08, 0.35, 10.0, 1.0),
            (10.0, 63.0, 12.0, 2, 7, 0.06, 0.09, 350.0, 1.1),
        ):
            bar = pp.create_bus(net, kv, name=f"site {site + 1} {kv:g} kV")
            pp.create_transformer_from_parameters(
                net, ring[site + 1], bar, rated, 110.0, kv, 0.4, vk, 50.0, 0.2, name=f"site {site + 1} 110/{kv:g}",
                shift_degree=150.0, tap_side="hv", tap_neutral=0, tap_min=-8,
                tap_max=8, tap_step_percent=1.25, tap_pos=-2, tap_changer_type="Ratio",
            )  # fmt: skip
            for feeder in range(feeders):
                previous = bar
                for step in range(length):
                    bus = pp.create_bus(net, kv, name=f"site {site + 1} {kv:g} kV feeder {feeder + 1}.{step + 1}")
                    line(previous, bus, 1.2 if kv > 20 else 0.5, ohm, reactance, farad, ampere, f"line to {net.bus.name[bus]}")
                    previous = bus
        if site < 2:
            farm = pp.create_bus(net, 110.0, name=f"wind farm {site + 1}")
            line(ring[site + 1], farm, 20.0, 0.06, 0.39, 9.0, 1.2, f"to wind farm {site + 1}")
            pp.create_gen(net, farm, p_mw=0.0, vm_pu=1.03, name=f"wind farm {site + 1}", min_q_mvar=-60.0, max_q_mvar=60.0)
        else:
            plant = pp.create_bus(net, 110.0, name=f"plant {site + 1}")
            line(ring[site + 1], plant, 3.0, 0.06, 0.39, 9.0, 1.2, f"to plant {site + 1}")
    pp.create_shunt(net, ring[2], q_mvar=-20.0, name="capacitor")
    return net


def park_year(net, hours=HOURS):
    """Loads on the 10 kV, sun on the 35 kV feeders, wind at the farms; every bus with a shape of its own. Supply is positive. [MW, Mvar]"""
    random = np.random.default_rng(7)
    hour = np.arange(hours)
    kv, names = net.bus.vn_kv.to_numpy(), net.bus.name.to_list()
    p_mw = np.zeros((hours, len(names)))
    feeder = np.array(["feeder" in name for name in names])
    load = np.flatnonzero(feeder & (kv < 20.0))
    sun = np.flatnonzero(feeder & (kv > 20.0))
    day = 0.7 + 0.3 * np.sin(2 * np.pi * (hour % 24 - 8) / 24)
    p_mw[:, load] = -1.2 * day[:, None] * (0.7 + 0.6 * random.random((hours, load.size)))
    light = np.maximum(np.sin(2 * np.pi * (hour % 24 - 6) / 24), 0.0) * random.uniform(0.2, 1.0, hours)
    p_mw[:, sun] = 4.0 * light[:, None] * (0.9 + 0.2 * random.random((hours, sun.size))) - 0.8
    for farm in np.flatnonzero(["wind farm" in name for name in names]):
        p_mw[:, farm] = 120.0 * random.beta(1.2, 2.0, hours)
    for plant in np.flatnonzero(["plant" in name for name in names]):
        p_mw[:, plant] = -90.0 * random.beta(2.0, 1.2, hours)
    q_mvar = np.where(p_mw < 0.0, 0.33 * p_mw, 0.0)
    return p_mw, q_mvar


def chifeng():
    """Return the reference park's network and a year of injections that needs no dispatch. [MW, Mvar]"""
    from gridsim.dispatch.model import make_draft
    from gridsim.distribution.network import network_of
    from gridsim.park.read import read_park

    park = read_park("networks/chifeng", stage="2030")
    network, draft = network_of(park), make_draft(park)
    used = {c.technology: 0.5 * draft.available(c) for c in draft.having("renewable")}
    supply = {**used, **{c.technology: -c["p_set"] for c in draft.having("load")}}
    rated = {"electrolyser_alkaline": 3900.0, "electrolyser_pem": 300.0}
    supply |= {name: -np.minimum(sum(used.values()) * mw / sum(rated.values()), mw) for name, mw in rated.items()}
    p_mw = np.zeros((HOURS, network.wires.buses))
    for place in network.tables.connections:
        p_mw[:, network.wires.bus(place.bus)] += place.share * supply.get(place.asset, 0.0)
    network.net.sgen = network.net.sgen.iloc[:0]  # markers of the connections
    return network.net, (p_mw, np.where(p_mw < 0.0, 0.2 * p_mw, 0.0))


def network_and_year(name):
    """Return a network and its year."""
    if name == "chifeng":
        return chifeng()
    net = park_network()
    return net, park_year(net)


def batch(name):
    """Solve the year; print what it took."""
    from gridsim.distribution.powerflow import Injections, solve
    from gridsim.distribution.powerflow.prepare import prepare

    net, year = network_and_year(name)
    injections = Injections(*year)
    begin = time.perf_counter()
    wires = prepare(net)
    prepared = time.perf_counter()
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    flow = solve(wires, injections)
    seconds = time.perf_counter() - prepared
    result = {
        "buses": wires.buses, "branches": wires.branches, "prepare_seconds": prepared - begin, "seconds": seconds, "converged": int(flow.converged.sum()),
        "iterations": float(flow.iterations.mean()), "mismatch_pu": float(flow.mismatch_pu.max()),
        "vm_min": float(flow.vm_pu.min()), "vm_max": float(flow.vm_pu.max()),
        "loading": float(flow.loading.max()), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "before_mb": before_mb,
    }  # fmt: skip
    print(json.dumps(result))


def loop(name, hours):
    """Seconds of `runpp` for some hours, by plain calls and by `run_timeseries`."""
    import pandapower as pp
    import pandas as pd
    from pandapower.control import ConstControl
    from pandapower.timeseries import DFData, OutputWriter, run_timeseries

    net, year = network_and_year(name)
    p_mw, q_mvar = (values[:hours] for values in year)
    generators = net.gen.bus.to_numpy()
    buses = np.setdiff1d(np.arange(len(net.bus)), generators)
    pp.create_sgens(net, buses, p_mw=0.0, q_mvar=0.0)
    begin = time.perf_counter()
    for hour in range(hours):
        net.sgen["p_mw"], net.sgen["q_mvar"], net.gen["p_mw"] = p_mw[hour, buses], q_mvar[hour, buses], p_mw[hour, generators]
        pp.runpp(net, numba=False)
    plain = time.perf_counter() - begin
    sources = DFData(pd.DataFrame(p_mw[:, buses])), DFData(pd.DataFrame(q_mvar[:, buses])), DFData(pd.DataFrame(p_mw[:, generators]))
    for element, variable, source, index in (
        ("sgen", "p_mw", sources[0], net.sgen.index),
        ("sgen", "q_mvar", sources[1], net.sgen.index),
        ("gen", "p_mw", sources[2], net.gen.index),
    ):
        ConstControl(net, element=element, variable=variable, element_index=index, data_source=source, profile_name=list(range(len(index))))
    writer = OutputWriter(net, time_steps=range(hours))
    for table, column in (
        ("res_bus", "vm_pu"),
        ("res_line", "i_from_ka"),
        ("res_line", "i_to_ka"),
        ("res_line", "loading_percent"),
        ("res_trafo", "loading_percent"),
    ):
        writer.log_variable(table, column)
    begin = time.perf_counter()
    run_timeseries(net, time_steps=range(hours), verbose=False, numba=False)
    print(json.dumps({"runpp": plain, "run_timeseries": time.perf_counter() - begin}))


def child(*arguments):
    """Run a part of this file in a process of its own."""
    output = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=["made", "chifeng"], default="made")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--hours", type=int, default=200, help="hours that the baselines solve, extrapolated to the year")
    parser.add_argument("--part", choices=["batch", "loop"])
    arguments = parser.parse_args()
    if arguments.part:
        batch(arguments.network) if arguments.part == "batch" else loop(arguments.network, arguments.hours)
        return
    best = {"runpp": 0.0, "run_timeseries": 0.0}
    for _ in range(arguments.repeat):
        which = ["--network", arguments.network]
        year, part = child("--part", "batch", *which), child("--part", "loop", "--hours", str(arguments.hours), *which)
        print({key: round(value, 3) if value > 1e-3 else value for key, value in year.items()})
        for name, seconds in part.items():
            whole = seconds * HOURS / arguments.hours
            best[name] = max(best[name], whole / year["seconds"])
            print(
                f"  {name:<16}{arguments.hours / seconds:8.1f} hours/s, {whole:7.0f} s for the year"
                f" (extrapolated from {arguments.hours} hours): {whole / year['seconds']:6.0f} x"
            )
        print(f"  solve           {HOURS / year['seconds']:8.0f} hours/s, {year['seconds']:7.2f} s, peak {year['peak_mb']:.0f} MB")
    print("best ratios:", ", ".join(f"{name} {ratio:.0f} x" for name, ratio in best.items()))


if __name__ == "__main__":
    main()
