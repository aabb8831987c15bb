"""How fast is the survival of all 8760 starts (10 s are allowed), with its record of curves, and the seconds level of all hours?

    python benchmarks/islanding.py [--hours 8760] [--repeat 3] [--seconds]

The island is made here: wind that comes and goes, three batteries, compressed air with heat and minimum loads, three tiers, 720 hours of horizon. That all
starts at once are each start alone is a test (tests/property/test_islanding.py).
"""

from __future__ import annotations

import argparse
import datetime
import json
import time

import numpy as np

from gridsim.physics.frequency import Following, Forming, Relay, simulate
from gridsim.profiles.time_axis import TimeAxis
from gridsim.vpp.islanding.curves import survival_record
from gridsim.vpp.islanding.island import Heat, Island, IslandStore
from gridsim.vpp.islanding.section import IslandingSection
from gridsim.vpp.islanding.survive import survive


def made_up(hours: int) -> Island:
    """A park of 100 MW of wind with 30 MW of critical load."""
    rng = np.random.default_rng(1)
    wind = np.clip(np.convolve(rng.normal(25.0, 60.0, hours + 50), np.ones(24) / 24, "same")[:hours] * 1.5, 0.0, 100.0)

    def level(energy: float) -> np.ndarray:
        return rng.uniform(0.1, 1.0, hours) * energy

    batteries = [IslandStore(f"battery_{k}", 50.0, 50.0, 0.93, 0.92, 20.0, 200.0, level(200.0), 4e-5, holds_above_mwh=10.0) for k in range(3)]
    air = IslandStore("air", 50.0, 50.0, 0.7011, 1.0, 0.0, 200.0, level(200.0), 0.0, 32.5, 17.5, Heat(0.82, 1 / 0.855, 0.002, 234.0, level(234.0)))
    demand = {tier: rng.uniform(low, 40.0, hours) for tier, low in (("critical", 25.0), ("important", 10.0), ("rest", 10.0))}
    return Island("made up", TimeAxis(datetime.datetime(2030, 1, 1), hours), wind, demand, (*batteries, air), (0, 1, 2, 3), 30.0)


def timed(task, repeat: int) -> float:
    """Shortest of some runs. [s]"""
    taken = []
    for _ in range(repeat):
        began = time.perf_counter()
        task()
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> None:
    """Print one line of JSON for each policy, and one for the seconds level."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=int, default=8760)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", action="store_true")
    given = parser.parse_args()
    island = made_up(given.hours)
    for policy in ("save_for_critical", "serve_all"):
        section = IslandingSection(policy=policy)
        whole = survive(island, section)
        at_once = timed(lambda section=section: survive(island, section), given.repeat)
        record = timed(lambda whole=whole: survival_record(island, whole), 1)
        print(
            json.dumps(
                {
                    "policy": policy,
                    "starts": given.hours,
                    "at_once_s": round(at_once, 3),
                    "record_s": round(record, 3),
                    "hours_mean": round(float(whole.hours.mean()), 2),
                    "censored_starts": int(whole.censored.sum()),
                }
            )
        )
    if given.seconds:
        rng = np.random.default_rng(2)
        deficit, energy = rng.uniform(0.0, 100.0, given.hours), rng.uniform(10.0, 60.0, given.hours)
        forming = Forming(100.0, 50.0, rng.uniform(10.0, 100.0, given.hours), 50.0)
        battery = Following(50.0, 0.05, 1.0, 0.1, 20.0, 50.0, 50.0)
        relays = [Relay(10.0, 0.3, threshold) for threshold in (49.0, 48.8, 48.6, 48.4)]
        taken = timed(lambda: simulate(deficit, energy, 2.0, forming=forming, following=[battery], relays=relays, duration_s=20.0, step_s=0.02), given.repeat)
        print(json.dumps({"seconds_level_cases": given.hours, "followed_s": 20.0, "step_s": 0.02, "taken_s": round(taken, 2)}))


if __name__ == "__main__":
    main()
