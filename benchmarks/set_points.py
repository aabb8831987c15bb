"""How long does a dispatch signal take to become set-points? Signals one by one (what a dispatcher waits for), and many at once.

    python benchmarks/set_points.py [--assets 20 200] [--signals 2000] [--many 100000]

Assets of random rooms and costs, twenty owners; ``free`` ones move freely, of the ``mixed`` a tenth has a minimum load and a tenth moves in blocks.
The largest error is that of set-points plus shortfall against the signal. Processor time is what a split takes; wall time is longer where others work.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from gridsim.vpp.setpoints.assets import Assets
from gridsim.vpp.setpoints.ledger import Ledger
from gridsim.vpp.setpoints.section import SetPointsSection
from gridsim.vpp.setpoints.split import split

RULES = {
    "merit": SetPointsSection(),
    "proportional": SetPointsSection(fairness_share=1.0),
    "max_min": SetPointsSection(fairness_share=1.0, fair_rule="max_min"),
    "merit and ledger": SetPointsSection(fairness_share=0.5, fair_rule="ledger"),
}
LIMIT_MS = 1.0


def assets(count: int, mixed: bool) -> Assets:
    """Return a table."""
    random = np.random.default_rng(count)
    high, low = random.uniform(5.0, 50.0, count), -random.uniform(5.0, 50.0, count)
    least, block = np.zeros(count), np.zeros(count)
    if mixed:
        tenth = count // 10
        least[:tenth] = 0.2 * -low[:tenth]
        block[tenth : 2 * tenth] = high[tenth : 2 * tenth] / 3.0
    return Assets.of(
        [f"asset_{number}" for number in range(count)],
        low,
        high,
        random.integers(0, 100, count) * 10.0,
        owner=[f"owner_{number % 20}" for number in range(count)],
        least_draw_mw=least,
        block_mw=block,
    )


def measure(table: Assets, section: SetPointsSection, signals: np.ndarray, many: np.ndarray) -> str:
    """Return a line of figures."""
    ledger, took, worst = Ledger.opened(table, 0.25), np.empty((len(signals), 2)), 0.0
    split(signals[0], table, section, ledger)
    for number, signal in enumerate(signals):
        begin = time.thread_time(), time.perf_counter()
        found = split(signal, table, section, ledger)
        took[number] = time.thread_time() - begin[0], time.perf_counter() - begin[1]
        worst = max(worst, abs(found.change_mw.sum() + found.shortfall_mw[0] - signal))
        ledger = ledger.after(table, found.change_mw[0])
    begin = time.perf_counter()
    found = split(many, table, section, ledger)
    at_once = time.perf_counter() - begin
    worst = max(worst, float(np.abs(found.change_mw.sum(axis=1) + found.shortfall_mw - many).max()))
    busy, wall = took.T * 1e3
    times = f"{np.median(busy):8.3f} {np.quantile(busy, 0.99):8.3f} {np.mean(busy <= LIMIT_MS):8.1%} {np.median(wall):8.3f} {np.quantile(wall, 0.99):8.3f}"
    return f"{times} {at_once / len(many) * 1e6:12.1f} {worst:10.1e}"


def main() -> None:
    """Measure every rule on every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--signals", type=int, default=2000)
    parser.add_argument("--many", type=int, default=100_000)
    options = parser.parse_args()
    print("                            one by one, ms of processor       of wall time      at once    largest")
    print("assets                        median     99 %  <= 1 ms   median     99 %  us a signal   error MW")
    for count in options.assets:
        for mixed in (False, True):
            table = assets(count, mixed)
            random = np.random.default_rng(1)
            reach = 1.1 * table.room_up_mw.sum()
            signals = random.uniform(-reach, reach, options.signals)
            many = random.uniform(-reach, reach, options.many // (10 if mixed else 1))
            for rule, section in RULES.items():
                print(f"{count:4d} {'mixed' if mixed else 'free ':5} {rule:17}", measure(table, section, signals, many), flush=True)


if __name__ == "__main__":
    main()
