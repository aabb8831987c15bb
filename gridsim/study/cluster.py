"""Workers of a Dask cluster: the same jobs, the same rows. Its machines see the park under the same path."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gridsim.errors import DefinitionError, GridsimError, Problem
from gridsim.study.worker import folder_seen, row_of

if TYPE_CHECKING:
    from distributed import Client

    from gridsim.study.worker import Job

PATIENCE_S = 20


class ClusterWorker:
    """One worker of a cluster; what it leaves undone when it is lost, another takes."""

    def __init__(self, client: Client, address: str) -> None:
        self.client, self.address = client, address
        self.future: Any = None

    def solve(self, job: Job) -> dict[str, Any]:
        """Return the row of a job; a job that ends one worker after another is a row too."""
        from distributed import KilledWorker

        self.future = self.client.submit(row_of, asdict(job), workers=[self.address], allow_other_workers=True, pure=False)
        try:
            return self.future.result()
        except KilledWorker as error:
            reason = f"the cluster's workers died over it ({error})"
            return {"scenario": job.scenario, "status": "error", "reason": reason, "figures": {}, "sizes": {}, "start": "", "seconds": None}
        except Exception as error:
            raise GridsimError(f"the cluster is lost ({type(error).__name__}: {error}); what was finished is kept") from error

    def close(self) -> None:
        """Ask the cluster to forget what is not done."""
        if self.future is not None and not self.future.done():
            self.future.cancel()


def connected(scheduler: str) -> Client:
    """Return a client of a scheduler that has workers."""
    try:
        from distributed import Client
    except ImportError:
        problem = Problem("", "needs the package distributed", "install gridsim[cluster]", f"--scheduler {scheduler}")
        raise DefinitionError("the cluster", [problem]) from None
    try:
        client = Client(scheduler, timeout=PATIENCE_S)
    except (OSError, ValueError, TimeoutError) as error:
        remedy = "start one with `dask scheduler`, and give its address such as tcp://127.0.0.1:8786"
        raise DefinitionError("the cluster", [Problem("", f"no scheduler answers ({error})", remedy, f"--scheduler {scheduler}")]) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError:
        client.close()
        problem = Problem("", f"has had no worker for {PATIENCE_S} s", "start some with `dask worker ADDRESS --nthreads 1`", f"--scheduler {scheduler}")
        raise DefinitionError("the cluster", [problem]) from None
    return client


def cluster_workers(client: Client, park: str) -> list[ClusterWorker]:
    """Return the workers of a cluster; refuse machines that do not see the park."""
    seen = client.run(folder_seen, park)
    remedy = "the park's folder stands at the same path on every machine"
    blind = [Problem("", f"does not see {park}", remedy, address) for address, sees in seen.items() if not sees]
    if blind:
        raise DefinitionError("the cluster", blind)
    return [ClusterWorker(client, address) for address in sorted(seen)]
