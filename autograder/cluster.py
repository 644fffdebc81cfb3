"""Grading on a Dask cluster: the same engine and the same isolation on every worker machine.

Jobs travel as JSON text, reports come back as JSON text; each worker process keeps one warm grader per thread. A worker
that is lost costs nothing but time: its jobs go to another. See CLUSTER.md.
"""

from __future__ import annotations

import json
import threading
from asyncio import CancelledError
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from autograder.job import Job
from autograder.pool import GraderProcess, failed
from autograder.report import Report
from autograder.worker.isolation import IsolationMissing, Limits

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 2  # jobs per thread that are on their way, so that none waits for the network
CONNECT_SECONDS = 10  # until the scheduler answers
START_SECONDS = 120  # until a first worker is there

_here = threading.local()


class ClusterMissing(RuntimeError):
    """The cluster cannot be used; the text says why and what to do."""


class Cluster(AbstractContextManager["Cluster"]):
    """A scheduler's workers as graders.

    scheduler: its address, or a client that is connected already. Raises ClusterMissing when it cannot be reached or
    has no worker.
    """

    def __init__(self, scheduler: str | Client, assignments: list[str], unsafe: bool = False) -> None:
        settings = {"assignments": assignments, "unsafe": unsafe, "limits": Limits().as_dict()}
        self._settings = json.dumps(settings)
        self._client = _connect(scheduler)

    def grade(self, jobs: Iterable[Job]) -> Iterator[Report]:
        """Reports as they are done. Raises IsolationMissing when no worker machine can isolate."""
        from distributed import as_completed

        source, open_jobs = iter(jobs), dict[Any, Job]()
        running = as_completed([], loop=self._client.loop)

        def submit() -> None:
            job = next(source, None)
            if job is not None:
                future = self._client.submit(work, job.to_json(), self._settings, pure=False, retries=1)
                open_jobs[future.key] = job
                running.add(future)

        for _ in range(max(1, sum(self._client.nthreads().values())) * AHEAD):
            submit()
        for future in running:
            job = open_jobs.pop(future.key)
            yield self._report(future, job)
            submit()

    def _report(self, future: Any, job: Job) -> Report:
        try:  # a result that went with its worker is waited for: the scheduler has it made again
            data = json.loads(future.result())
        except (Exception, CancelledError) as error:
            return failed(job, f"on the cluster: {future.status}: {error}")
        if "isolation_missing" in data:
            raise IsolationMissing(f"On a worker of the cluster: {data['isolation_missing']}")
        return Report.from_dict(data)

    def close(self) -> None:
        """Leave the cluster; jobs that still run there are given up. The graders stay warm for the next class."""
        self._client.close()

    def __exit__(self, *exception: object) -> None:
        self.close()


def work(job: str, settings: str) -> str:
    """One job in a worker's thread, with the grader that this thread keeps warm."""
    graders = _here.__dict__.setdefault("graders", {})
    if settings not in graders:
        for old in graders.values():
            old.close()
        graders.clear()
        wanted = json.loads(settings)
        graders[settings] = GraderProcess(wanted["assignments"], wanted["unsafe"], Limits(**wanted["limits"]))
    try:
        return str(graders[settings].grade(Job.from_json(job)).to_json())
    except IsolationMissing as error:
        return json.dumps({"isolation_missing": str(error)})


def _connect(scheduler: str | Client) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterMissing("Dask is not installed here: pip install 'letters-to-gpt[cluster]'") from None
    try:
        client = (
            Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
            if isinstance(scheduler, str)
            else scheduler
        )
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterMissing(f"the scheduler at {scheduler} cannot be reached ({error}); is it running?") from None
    try:
        client.wait_for_workers(1, timeout=START_SECONDS)
    except TimeoutError:
        client.close()
        raise ClusterMissing("the scheduler has no worker yet; start some, then try again") from None
    return client
