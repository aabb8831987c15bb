"""Products of small matrices are made by one thread.

A sparse solution for many right-hand sides consists of thousands of them. Shared between the threads of a linear algebra library, as it does by itself, they
take twice the time of the processor, and twelve times as much where another process competes for it (measured on the envelope of `networks/starter`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold linear algebra to one thread; a function may be decorated with it."""
    with _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """Find what is loaded, numpy's and SciPy's own."""
    import scipy.sparse.linalg  # noqa: F401

    return ThreadpoolController()
