"""Stands here so that every folder of tests can import from the others, such as ``hand_solved.parks``."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # tests run side by side: threads within each would fight for the same processors
