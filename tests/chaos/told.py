"""What an MLflow server was told of a storm, asked of it by its own REST API."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import aiohttp

from comfy_gen.jobs.job import JobState
from comfy_gen.library.run import GENERATION
from tests.chaos.checker import Violation
from tests.chaos.surroundings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.app import JobQueue
    from tests.chaos.evidence import Evidence

NAME = "chaos"
_MOST = 1000
_GENERATIONS = frozenset({JobState.COMPLETED, JobState.PARTIAL})


def has_mlflow() -> bool:
    """Tell whether MLflow's server can be run."""
    return bool(find_spec("mlflow") and find_spec("flask"))


class Experiment:
    """One experiment of a server, as it knows it."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def look(self, evidence: Evidence) -> Finding:
        """Compare the server's runs with the generations: each must be there, once."""
        runs = await self._runs()
        expected = {record.job.job_id for record in evidence.records.values() if record.job.state in _GENERATIONS}
        return Finding({"told to MLflow": f"{len(runs)} of {len(expected)} generations"}, list(_check(runs, expected)))

    async def _runs(self) -> Mapping[str, str]:
        """Return the status of each run, by the generation that it is of, with what is there twice numbered."""
        async with aiohttp.ClientSession(self._url) as session:
            found = await self._post(session, "experiments/search", {"max_results": _MOST})
            ids = [one["experiment_id"] for one in found.get("experiments", ()) if one["name"] == NAME]
            answer = await self._post(session, "runs/search", {"experiment_ids": ids, "max_results": _MOST})
        tags = [{tag["key"]: tag["value"] for tag in run["data"]["tags"]} for run in answer.get("runs", ())]
        counts: Counter[str] = Counter()
        runs: dict[str, str] = {}
        for run, its in zip(answer.get("runs", ()), tags, strict=True):
            counts[its[GENERATION]] += 1
            again = f" ({counts[its[GENERATION]]})" if counts[its[GENERATION]] > 1 else ""
            runs[its[GENERATION] + again] = run["info"]["status"]
        return runs

    async def _post(self, session: aiohttp.ClientSession, path: str, body: object) -> Any:
        async with session.post(f"/api/2.0/mlflow/{path}", json=body) as answer:
            return await answer.json()


def _check(runs: Mapping[str, str], expected: set[str]) -> Iterator[Violation]:
    for job_id in sorted(expected - runs.keys()):
        yield Violation("MLflow", job_id, "was never told of")
    for name, status in runs.items():
        if name not in expected:
            yield Violation("MLflow", name, "has a run, and should have none, or one")
        if status != "FINISHED":
            yield Violation("MLflow", name, f"its run is {status}")


async def is_all_told(queue: JobQueue) -> bool:
    """Tell whether no generation waits to be told."""
    from sqlalchemy import func, select

    from comfy_gen.jobs.tables import generations

    waiting = select(func.count()).select_from(generations).where(generations.c.tell_at.is_not(None))
    return not await queue.database.read(lambda connection: connection.execute(waiting).scalar())
