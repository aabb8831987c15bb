"""The start of a group: found once, left whole, read by all others."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from gridsim.dispatch.highs import Basis
from gridsim.study.starts import Start, shared_start

START = Start(Basis(np.array([0, 1, 2], dtype=np.int8), np.array([1, 4], dtype=np.int8), "region"), 77)


def never() -> Start | None:
    pytest.fail("was there already")


def same(one: Start, other: Start) -> bool:
    parts = zip((one.basis.columns, one.basis.rows), (other.basis.columns, other.basis.rows), strict=True)
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in parts) and (one.basis.region, one.iterations) == (other.basis.region, other.iterations)


def test_what_one_finds_the_next_reads(tmp_path: Path):
    folder = str(tmp_path / "starts")
    assert shared_start(folder, "a", lambda: START) is START
    assert same(shared_start(folder, "a", never), START)
    assert shared_start(folder, "b", lambda: None) is None
    assert shared_start(None, "a", lambda: START) is START


def test_half_a_file_is_found_again(tmp_path: Path):
    folder = str(tmp_path)
    shared_start(folder, "a", lambda: START)
    file = tmp_path / "a.npz"
    for damage in (file.read_bytes()[:50], b"", b"no archive"):
        file.write_bytes(damage)
        assert shared_start(folder, "a", lambda: START) is START
        assert same(shared_start(folder, "a", never), START)


def test_the_second_waits_for_the_first(tmp_path: Path):
    """Proves: while one finds it another asks, and gets what the first found."""
    begun, go_on, got = threading.Event(), threading.Event(), []

    def find() -> Start:
        begun.set()
        assert go_on.wait(30)
        return START

    first = threading.Thread(target=shared_start, args=(str(tmp_path), "a", find))
    second = threading.Thread(target=lambda: got.append(shared_start(str(tmp_path), "a", never)))
    first.start()
    assert begun.wait(30)
    second.start()
    second.join(0.3)
    assert second.is_alive() and not got
    go_on.set()
    first.join(30)
    second.join(30)
    assert same(got[0], START)


def test_a_process_that_was_killed_holds_nobody_up(tmp_path: Path):
    code = (
        "import sys, time; from gridsim.study.starts import shared_start\n"
        f"shared_start({str(tmp_path)!r}, 'a', lambda: (print('found', flush=True), time.sleep(60)))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "found\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert shared_start(str(tmp_path), "a", lambda: START) is START
