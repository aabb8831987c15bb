"""The end of a solve as text, and as a file of the study."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gridsim.dispatch.highs import Basis
from gridsim.study.starts import Start, start_in, text_of
from gridsim.study.store import Store

START = Start(Basis(np.array([0, 1, 2], dtype=np.int8), np.array([1, 4], dtype=np.int8), "region"), 77)


def same(one: Start, other: Start) -> bool:
    parts = zip((one.basis.columns, one.basis.rows), (other.basis.columns, other.basis.rows), strict=True)
    return all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in parts) and (one.basis.region, one.iterations) == (other.basis.region, other.iterations)


def test_a_start_reads_back_as_it_was():
    assert same(start_in(text_of(START)), START)
    assert text_of(start_in(text_of(START))) == text_of(START)


def test_half_an_end_is_as_if_it_were_not_there(tmp_path: Path):
    store, text = Store(tmp_path), text_of(START)
    assert store.end("a") is None
    store.put_end("a", text)
    assert store.end("a") == text
    (file,) = (tmp_path / "starts").iterdir()
    for damage in (file.read_bytes()[:50], b"no archive"):
        file.write_bytes(damage)
        assert store.end("a") is None


def test_that_nothing_starts_there_is_kept_too(tmp_path: Path):
    store = Store(tmp_path)
    store.put_end("a", "")
    assert store.end("a") == ""
