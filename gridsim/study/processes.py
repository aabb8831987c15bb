"""Workers on this machine: processes of their own, as many as processors and memory allow, so that a crash costs one scenario."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gridsim.errors import GridsimError

if TYPE_CHECKING:
    from gridsim.park.park import Park
    from gridsim.study.worker import Job

START = "from gridsim.study.worker import main; main()"
DEATHS_AT_THE_START = 2

PROCESS_MB, STEP_MB = 350.0, 2e-3
"""Memory of a worker, and of a technology in one step beyond it (measured: starter park, 8 technologies, 510 MB; reference park about 1200 MB)."""
SIZING_FACTOR = 2.0
"""Of the second when capacities are free (judged: factors of the interior point method)."""


class LocalWorker:
    """A process that solves jobs, and loads its engines before the first is there; a new one takes the place of one that died."""

    def __init__(self) -> None:
        self.complaints: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.answers, self.deaths = 0, 0
        self.closed = False
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        one_each = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        environment = {**one_each, **os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        return subprocess.Popen(
            [sys.executable, "-c", START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            text=True,
            encoding="utf-8",
            env=environment,
            start_new_session=True,  # Ctrl-C is for the study, which then ends its workers
        )

    def solve(self, job: Job) -> dict[str, Any]:
        """Return the row of a job; a process that dies over it is a row too."""
        if self.closed:
            raise GridsimError("the worker is closed")
        if self.process.poll() is not None:
            self.process = self._start()
        try:
            self.process.stdin.write(json.dumps(asdict(job)) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except OSError:
            answer = ""
        if answer.endswith("\n"):
            self.answers += 1
            return json.loads(answer)
        code = self._ended()
        self.deaths += 1
        reason = f"the worker process ended with {_how(code)}{self._last_words()}"
        if not self.answers and self.deaths >= DEATHS_AT_THE_START and not self.closed:
            raise GridsimError(f"no worker can be started: {reason}")
        return {"scenario": job.scenario, "status": "error", "reason": reason, "figures": {}, "sizes": {}, "start": "", "seconds": None}

    def _ended(self) -> int:
        """Wait for the end of the process, and let go of it."""
        code = self.process.wait()
        with suppress(OSError):  # what was still to be written to it
            self.process.stdin.close()
        self.process.stdout.close()
        return code

    def _last_words(self) -> str:
        if self.closed:
            return ""
        self.complaints.seek(0)
        lines = self.complaints.read().strip().splitlines()
        return f" ({lines[-1][:300]})" if lines else ""

    def close(self) -> None:
        """End the process."""
        self.closed = True
        self.process.kill()
        self._ended()
        self.complaints.close()


def _how(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {-code}" + (", often because memory ran out" if code == -9 else "")


def needed_mb(park: Park, *, sizing: bool) -> float:
    """Estimate the memory of one worker. [MB]"""
    return PROCESS_MB + STEP_MB * park.time.steps * len(park.technologies) * (SIZING_FACTOR if sizing else 1.0)


def free_mb() -> float:
    """Return the memory that can still be taken, or infinity where the system does not tell. [MB]"""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(float(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        return float("inf")


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_count(park: Park, scenarios: int, wanted: int | None, *, sizing: bool) -> int:
    """Return how many workers to start: no more than wanted (or processors), scenarios, and what memory can hold."""
    fitting = free_mb() / needed_mb(park, sizing=sizing)
    return max(1, min(wanted or processors(), scenarios, int(min(fitting, 1e6))))
