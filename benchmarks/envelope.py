"""How long does a year's envelope take, without wires and such that the wires carry every call; and are its points what they say?

    python benchmarks/envelope.py [networks/starter] [--hours 8760] [--every 1] [--processes 1] [--verify 0] [--seed 0]

``--verify`` draws points at random, dispatches the park anew with each call over all its hours, by the ordinary dispatch and with its own cuts, until the AC
power flow of every hour holds; and asks for one step more, which must be refused by the program or by the wires. Seconds of the processor, of all processes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

import gridsim
from gridsim.dispatch.solve import KeptDispatch
from gridsim.distribution.feasibility import check
from gridsim.distribution.network import network_of
from gridsim.vpp.envelope.section import EnvelopeSection
from gridsim.vpp.envelope.verify import sample, verify
from gridsim.vpp.envelope.wires import wired_envelope


def told(**figures: object) -> None:
    """Print one line of JSON."""
    print(json.dumps(figures), flush=True)


def main() -> None:
    """Print one line for the envelope, and one for each point that is verified."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("park", type=Path, nargs="?", default=Path(__file__).parents[1] / "networks" / "starter")
    parser.add_argument("--hours", type=int, default=8760)
    parser.add_argument("--every", type=int, default=1, help="hours from one start to the next")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--verify", type=int, default=0, help="points")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    park = gridsim.read_park(given.park, hours=(0, given.hours))
    section = park.vpp.envelope if park.vpp is not None else EnvelopeSection()
    dispatch = KeptDispatch(park, with_network=False).solve().dispatch
    began = time.process_time()
    checked = check(dispatch, network_of(park))
    looked, wall = time.process_time(), time.perf_counter()
    starts = np.arange(0, park.time.steps, max(1, round(given.every / park.time.step_hours)))
    found = wired_envelope(dispatch, checked.network, section, checked=checked, starts=starts, processes=given.processes)
    ended = time.process_time()
    own = 0.0 if given.processes <= 1 else found.envelope.cpu_seconds  # what the others did is not in this process' time
    told(
        hours=given.hours,
        starts=int(starts.size),
        points=found.rounds[0].points,
        power_flow_of_dispatch_s=round(looked - began, 1),
        without_wires_s=round(found.without.cpu_seconds, 1),
        all_s=round(ended - looked + own, 1),
        wall_s=round(time.perf_counter() - wall, 1),
        rounds=[vars(one) for one in found.rounds],
        settled=found.settled,
        starts_bound=int(found.bound_starts.sum()),
        binding=[vars(one) for one in found.binding],
        mean_mw={way: np.round(np.nanmean(power, axis=0), 3).tolist() for way, power in (("up", found.envelope.up_mw), ("down", found.envelope.down_mw))},
        mean_taken_mw={way: np.round(np.nanmean(found.taken_mw[:, :, place], axis=0), 3).tolist() for place, way in enumerate(("up", "down"))},
        proven_share=round(found.envelope.proven_share, 4),
    )
    results = []
    for point in sample(found.envelope, given.verify, seed=given.seed, network=checked.network) if given.verify else []:
        (one,) = verify(dispatch, [point], section, network=checked.network)
        results.append(one)
        told(
            **point._asdict(),
            missing_mw=one.missing_mw,
            wires_hold=one.wires_hold,
            delivered=one.delivered,
            outside_missing_mw=one.outside_missing_mw,
            outside_wires_hold=one.outside_wires_hold,
            edge=one.edge,
        )
    if results:
        told(verified=len(results), delivered=sum(one.delivered for one in results), one_step_outside_refused=sum(one.edge for one in results))


if __name__ == "__main__":
    main()
