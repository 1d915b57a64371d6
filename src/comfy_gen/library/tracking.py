"""Writes generations into an MLflow server, with ``mlflow-skinny`` (extra ``mlflow``, loaded on first use)."""

from __future__ import annotations

import asyncio
import importlib.util
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.errors import MissingExtraError, TrackingUnavailableError
from comfy_gen.library.mlflow import load, reason_of
from comfy_gen.library.probe import Probe, check_address
from comfy_gen.library.run import FAVORITE_TAGS, GENERATION, RECORDED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from comfy_gen.library.run import Run

_FINISHED = "FINISHED"
_ACTIVE = "active"

T = TypeVar("T")


class MlflowTracking:
    """One experiment of an MLflow server. Its client blocks, and takes seconds to load: threads have it."""

    def __init__(self, url: str, experiment: str) -> None:
        """Nothing is loaded or sent yet.

        Raises:
            InvalidParameterError: it is not the address of a server.
            MissingExtraError: MLflow's client is not installed.
        """
        check_address(url)
        if importlib.util.find_spec("mlflow") is None:
            raise MissingExtraError("MLflow", "mlflow")
        self._url = url
        self._experiment = experiment
        self._probe = Probe(url)
        self._loading = threading.Lock()
        self._client: Any = None
        self._experiment_id = ""

    @property
    def address(self) -> str:
        """Where the server is, without its login."""
        return self._probe.address

    async def is_available(self) -> bool:
        """Tell whether the server answers, or did a moment ago."""
        return await self._probe.is_well()

    async def tell(
        self,
        run: Run,
        favorite: Mapping[str, str],
        files: Callable[[], Awaitable[Mapping[str, bytes]]],
        *,
        run_id: str | None = None,
    ) -> str:
        """Write a run unless it is there, have it carry the tags of a favorite and no other such, and return its id.

        ``run_id`` is what it was when it was told before; ``files`` are asked for only if they are needed.

        Raises:
            TrackingUnavailableError: the server does not take it.
        """
        known = await self._in_thread(lambda: self._begin(run, run_id))
        if known.info.status != _FINISHED:
            content = await files()
            await self._in_thread(lambda: self._complete(known, run, content))
        await self._in_thread(lambda: self._mark(known, favorite))
        return str(known.info.run_id)

    async def forget(self, run_id: str) -> None:
        """Delete a run.

        Raises:
            TrackingUnavailableError: the server does not do it.
        """
        await self._in_thread(lambda: self._connect().delete_run(run_id))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except Exception as error:  # MLflow lets through what any library below it raises, of any kind
            self._experiment_id = ""  # it may be another by the time that the server is back
            raise TrackingUnavailableError(self.address, reason_of(error, self._url, self.address)) from error

    # --- in a thread

    def _begin(self, run: Run, run_id: str | None) -> Any:
        """Return MLflow's run: finished, if all that there is to tell is in it."""
        client = self._connect()
        found = self._known(client, run_id) or self._found(client, run)
        if found is None:
            tags = {**run.tags, GENERATION: run.generation_id, RECORDED: run.recorded}
            found = client.create_run(self._experiment_of(client), run.started, tags, run.name)
        return found

    def _known(self, client: Any, run_id: str | None) -> Any:
        """Return the run of this id; None if somebody deleted it."""
        if run_id is None:
            return None
        found = _or_none(lambda: client.get_run(run_id))
        return found if found is not None and found.info.lifecycle_stage == _ACTIVE else None

    def _found(self, client: Any, run: Run) -> Any:
        """Return the run that was begun before, by a process that did not live to write its id down."""
        wanted = f"tags.`{GENERATION}` = '{run.generation_id}' and tags.`{RECORDED}` = '{run.recorded}'"
        runs = client.search_runs([self._experiment_of(client)], wanted, max_results=1)
        return runs[0] if runs else None

    def _complete(self, known: Any, run: Run, content: Mapping[str, bytes]) -> None:
        from mlflow.entities import Metric, Param  # noqa: PLC0415  # an extra, and slow to load

        client, run_id = self._connect(), known.info.run_id
        metrics = [Metric(name, value, run.ended, 0) for name, value in run.metrics.items()]
        # Those that it has cannot be changed, and an older version of ours may have written them otherwise.
        params = [Param(name, value) for name, value in run.params.items() if name not in known.data.params]
        client.log_batch(run_id, metrics, params)
        with tempfile.TemporaryDirectory(prefix="comfygen-") as folder:
            for name, some in {**{name: text.encode() for name, text in run.texts.items()}, **content}.items():
                Path(folder, name).write_bytes(some)
            client.log_artifacts(run_id, folder)
        client.set_terminated(run_id, _FINISHED, run.ended)

    def _mark(self, known: Any, favorite: Mapping[str, str]) -> None:
        """Set the tags of a favorite, and take away those that it has no more."""
        client, run_id, present = self._connect(), known.info.run_id, known.data.tags
        for name in FAVORITE_TAGS:
            if name in favorite and favorite[name] != present.get(name):
                client.set_tag(run_id, name, favorite[name])
            elif name not in favorite and name in present:
                client.delete_tag(run_id, name)

    def _experiment_of(self, client: Any) -> str:
        """Return the id of the experiment, which is made if it is missing."""
        if not self._experiment_id:
            found = client.get_experiment_by_name(self._experiment)
            self._experiment_id = client.create_experiment(self._experiment) if found is None else found.experiment_id
        return self._experiment_id

    def _connect(self) -> Any:
        with self._loading:
            if self._client is None:
                self._client = load().MlflowClient(self._url)
            return self._client


def _or_none(ask: Callable[[], T]) -> T | None:
    """Return what MLflow answers; None if there is no such thing."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  # an extra, and slow to load

    try:
        return ask()
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
