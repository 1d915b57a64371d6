from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.errors import MissingExtraError, TrackingUnavailableError
from comfy_gen.library.mlflow import load
from comfy_gen.library.run import GENERATION, RECORDED, Run
from comfy_gen.library.tracking import MlflowTracking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.mlflow import MlflowServer

RUN = Run(
    generation_id="6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10",
    recorded="1000.25",
    name="For the cover",
    params={"prompt": "a red fox — 狐", "steps": "20"},
    metrics={"seconds.generate": 1.5},
    tags={"comfygen.engine": "gpu-1"},
    texts={"recipe.json": '{"input": "狐"}'},
    started=998_000,
    ended=1_000_250,
)
FAVORITE = {"favorite": "true", "favorite.rating": "5", "favorite.feedback": "yes"}

_LISTENING = """
import asyncio, sys
peers = set()
def listen(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        peers.add(f"{args[1][0]}:{args[1][1]}")
    elif event == "socket.getaddrinfo" and args[0] != "127.0.0.1":
        peers.add(args[0])
sys.addaudithook(listen)
from comfy_gen.library.run import Run
from comfy_gen.library.tracking import MlflowTracking
async def files():
    return {"a.txt": b"a"}
asyncio.run(MlflowTracking(*sys.argv[1:]).tell(Run("id", "1", "a"), {}, files))
from mlflow.telemetry import get_telemetry_client
assert get_telemetry_client() is None
print(*peers)
"""
_OUTSIDE = {name: value for name, value in os.environ.items() if name not in {"CI", "PYTEST_CURRENT_TEST"}}
"""The environment of a program that is no test, in which MLflow would tell its makers of what it is used for."""


class Files:
    """Gives the files of a generation, and counts how often."""

    def __init__(self) -> None:
        self.asked = 0

    async def __call__(self) -> Mapping[str, bytes]:
        self.asked += 1
        return {"image-1.png": b"\x89PNG"}


class Seen:
    """What the server knows."""

    def __init__(self, url: str, experiment: str) -> None:
        self.client: Any = load().MlflowClient(url)
        self._experiment = experiment

    def runs(self) -> list[Any]:
        """All runs, those that were deleted too."""
        experiment = self.client.get_experiment_by_name(self._experiment)
        return list(self.client.search_runs([experiment.experiment_id], run_view_type=3))

    def file(self, run_id: str, name: str, folder: Path) -> bytes:
        return Path(self.client.download_artifacts(run_id, name, str(folder))).read_bytes()


@pytest.fixture
def experiment(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name}-{request.node.nodeid}"


@pytest.fixture
def tracking(mlflow_server: MlflowServer, experiment: str) -> MlflowTracking:
    return MlflowTracking(mlflow_server.url, experiment)


@pytest.fixture
def seen(mlflow_server: MlflowServer, experiment: str) -> Seen:
    return Seen(mlflow_server.url, experiment)


async def test_a_generation_is_a_run_with_parameters_metrics_tags_and_files(
    tracking: MlflowTracking, seen: Seen, tmp_path: Path
):
    run_id = await tracking.tell(RUN, {}, Files())
    (run,) = seen.runs()
    assert run.info.run_id == run_id
    assert (run.info.run_name, run.info.status) == ("For the cover", "FINISHED")
    assert (run.info.start_time, run.info.end_time) == (998_000, 1_000_250)
    assert run.data.params == RUN.params
    assert run.data.metrics == RUN.metrics
    assert run.data.tags["comfygen.engine"] == "gpu-1"
    assert run.data.tags[GENERATION] == RUN.generation_id
    assert seen.file(run_id, "image-1.png", tmp_path) == b"\x89PNG"
    assert json.loads(seen.file(run_id, "recipe.json", tmp_path)) == {"input": "狐"}


async def test_to_be_told_again_is_the_same_run_and_sends_no_files(tracking: MlflowTracking, seen: Seen):
    files = Files()
    told = [await tracking.tell(RUN, {}, files), await tracking.tell(RUN, {}, files)]
    told.append(await tracking.tell(RUN, {}, files, run_id=told[0]))
    assert told == [run.info.run_id for run in seen.runs()] * 3
    assert files.asked == 1


async def test_a_run_that_was_begun_by_a_process_that_died_is_completed(tracking: MlflowTracking, seen: Seen):
    experiment_id = seen.client.create_experiment(tracking._experiment)
    tags = {GENERATION: RUN.generation_id, RECORDED: RUN.recorded}
    begun = seen.client.create_run(experiment_id, RUN.started, tags, RUN.name).info.run_id
    seen.client.log_param(begun, "steps", "20.0")  # by an older version, which wrote numbers otherwise
    assert await tracking.tell(RUN, {}, Files()) == begun
    (run,) = seen.runs()
    assert run.info.status == "FINISHED"
    assert run.data.params == {**RUN.params, "steps": "20.0"}


async def test_a_run_that_is_forgotten_is_told_no_more(tracking: MlflowTracking, seen: Seen):
    run_id = await tracking.tell(RUN, {}, Files())
    await tracking.forget(run_id)
    (run,) = seen.runs()
    assert (run.info.run_id, run.info.lifecycle_stage) == (run_id, "deleted")
    with pytest.raises(TrackingUnavailableError):
        await tracking.forget("0f" * 16)


async def test_id_that_is_none_to_the_server_is_told_and_makes_no_run(tracking: MlflowTracking, seen: Seen):
    with pytest.raises(TrackingUnavailableError, match="Invalid value"):
        await tracking.tell(RUN, {}, Files(), run_id="../0f")
    assert seen.client.get_experiment_by_name(tracking._experiment) is None


async def test_a_job_that_made_other_pictures_is_another_run(tracking: MlflowTracking, seen: Seen):
    first = await tracking.tell(RUN, {}, Files())
    second = await tracking.tell(replace(RUN, recorded="2000.5", params={"steps": "30"}), {}, Files())
    assert {first, second} == {run.info.run_id for run in seen.runs()}
    assert first != second


async def test_a_run_that_somebody_deleted_is_written_anew(tracking: MlflowTracking, seen: Seen):
    files = Files()
    first = await tracking.tell(RUN, {}, files)
    seen.client.delete_run(first)
    second = await tracking.tell(RUN, {}, files, run_id=first)
    assert second != first
    assert files.asked == 2
    assert await tracking.tell(RUN, {}, files, run_id="0f" * 16) == second


async def test_a_favorite_is_tagged_and_loses_its_tags_when_it_is_none(tracking: MlflowTracking, seen: Seen):
    async def tags(favorite: Mapping[str, str]) -> dict[str, str]:
        run_id = await tracking.tell(RUN, favorite, Files())
        found = seen.client.get_run(run_id).data.tags
        return {name: value for name, value in found.items() if name.startswith("favorite")}

    assert await tags(FAVORITE) == FAVORITE
    changed = {"favorite": "true", "favorite.rating": "2", "favorite.tags": "a,b"}
    assert await tags(changed) == changed
    assert await tags({}) == {}


async def test_two_generations_at_a_time_share_a_client(tracking: MlflowTracking, seen: Seen):
    await tracking.tell(RUN, {}, Files())
    others = [replace(RUN, generation_id=f"other-{number}") for number in range(4)]
    told = await asyncio.gather(*(tracking.tell(one, {}, Files()) for one in others))
    assert len({*told}) == 4
    assert len(seen.runs()) == 5


async def test_a_server_that_answers_is_available(tracking: MlflowTracking):
    assert await tracking.is_available()


async def test_a_server_that_is_not_there_says_so_without_its_login(experiment: str):
    tracking = MlflowTracking("http://ada:secret@127.0.0.1:1/", experiment)
    with pytest.raises(TrackingUnavailableError) as caught:
        await tracking.tell(RUN, {}, Files())
    assert caught.value.message == "MLflow at http://127.0.0.1:1 does not answer: Connection refused"
    assert not await tracking.is_available()


async def test_what_is_refused_is_told_in_mlflows_words(tracking: MlflowTracking):
    with pytest.raises(TrackingUnavailableError, match='Invalid value "a\\?b"'):
        await tracking.tell(replace(RUN, params={"a?b": "1"}), {}, Files())


async def test_a_server_that_is_back_is_told(tracking: MlflowTracking, seen: Seen, mlflow_server: MlflowServer):
    tracking._url = "http://127.0.0.1:1"
    with pytest.raises(TrackingUnavailableError):
        await tracking.tell(RUN, {}, Files())
    tracking._url, tracking._client = mlflow_server.url, None
    await tracking.tell(RUN, {}, Files())
    assert len(seen.runs()) == 1


async def test_nobody_else_is_asked_for_anything(mlflow_server: MlflowServer, experiment: str):
    told = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _LISTENING, mlflow_server.url, experiment, env=_OUTSIDE, stdout=PIPE, stderr=PIPE
    )
    out, err = await told.communicate()
    assert (told.returncode, err) == (0, b"")
    assert out.decode().split() == [mlflow_server.url.removeprefix("http://")]


def test_without_the_extra_the_settings_cannot_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError, match="mlflow"):
        MlflowTracking("http://127.0.0.1:1", "comfygen")
