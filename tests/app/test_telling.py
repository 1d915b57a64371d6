from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.app.telling import LEASE, LONGEST, LONGEST_PAUSE, SHORTEST, Telling, backoff, open_telling
from comfy_gen.config.settings import TrackingOptions
from comfy_gen.errors import MissingExtraError, TrackingUnavailableError
from comfy_gen.jobs.records import Selection
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library
from comfy_gen.library.mlflow import load
from comfy_gen.library.tracking import MlflowTracking
from comfy_gen.storage.local import LocalStore
from tests.contracts.job_stores import artifact, open_desk
from tests.library.shelf import end, graph, shelve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from comfy_gen.jobs.ids import JobId
    from comfy_gen.library.generation import Generation
    from tests.contracts.job_stores import Desk
    from tests.mlflow import MlflowServer

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(f"sqlite:///{tmp_path}/jobs.db") as opened:
        yield opened


@pytest.fixture
async def artifacts(tmp_path: Path) -> LocalStore:
    return await LocalStore.open(tmp_path / "artifacts")


class Office:
    """Tells a server of the generations on a desk."""

    def __init__(self, desk: Desk, artifacts: LocalStore, url: str, experiment: str) -> None:
        self.desk = desk
        self.experiment = experiment
        self.artifacts = artifacts
        self.telling = self.at(url)

    def at(self, url: str) -> Telling:
        tracking = MlflowTracking(url, self.experiment)
        return Telling(tracking, self.desk.store.transactions, self.artifacts, clock=lambda: self.desk.now)

    async def known(self, job_id: JobId) -> Generation:
        return await Library(self.desk.store.transactions).get(job_id)


@pytest.fixture
def office(desk: Desk, artifacts: LocalStore, mlflow_server: MlflowServer, request: pytest.FixtureRequest) -> Office:
    return Office(desk, artifacts, mlflow_server.url, request.node.nodeid)


@pytest.fixture
def closed(desk: Desk, artifacts: LocalStore) -> Office:
    """An office whose server is not there."""
    return Office(desk, artifacts, NOWHERE, "comfygen")


async def put(store: LocalStore, key: str, content: bytes) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    await store.put(key, chunks())


async def test_a_generation_that_ended_is_told_with_its_files(office: Office, mlflow_server: MlflowServer):
    job_id = (await office.desk.accept(workflow=graph("a red fox"))).job_id
    made = artifact(job_id, size=7, thumbnail_key=f"{job_id}/small.webp")
    await put(office.artifacts, made.key, b"picture")
    await put(office.artifacts, made.thumbnail_key, b"small")
    await end(office.desk, job_id, artifacts=[made], is_tracked=True)
    assert await office.telling.tell_next()
    found = await office.known(job_id)
    client: Any = load().MlflowClient(mlflow_server.url)
    run = client.get_run(found.run_id)
    assert run.data.params["prompt"] == "a red fox"
    sizes = {one.path: one.file_size for one in client.list_artifacts(found.run_id)}
    assert sizes.keys() == {"recipe.json", "generation.json", "thumbnail.webp", "image-1.png"}
    assert sizes["image-1.png"] == 7
    assert found.tell_at is None
    assert not await office.telling.tell_next()


async def test_what_could_not_be_told_is_told_once_the_server_is_there(office: Office):
    job_id = await shelve(office.desk, is_tracked=True)
    closed = office.at(NOWHERE)
    with pytest.raises(TrackingUnavailableError):
        await closed.tell_next()
    found = await office.known(job_id)
    assert (found.run_id, found.tries, found.tell_at) == (None, 1, office.desk.now + SHORTEST)
    assert found.trouble == f"MLflow at {NOWHERE} does not answer: Connection refused"
    office.desk.now += SHORTEST
    assert await office.telling.tell_next()
    found = await office.known(job_id)
    assert found.run_id is not None
    assert (found.trouble, found.tell_at) == ("", None)


async def test_a_favorite_is_told_at_once(office: Office, mlflow_server: MlflowServer):
    job_id = await shelve(office.desk, is_tracked=True)
    favorites = Favorites(office.desk.store.transactions, is_tracked=True)
    favorite = await favorites.add("", job_id, 4, "good light", now=office.desk.now)
    await office.telling.flush(job_id)
    client: Any = load().MlflowClient(mlflow_server.url)
    run_id = (await office.known(job_id)).run_id
    assert client.get_run(run_id).data.tags["favorite.rating"] == "4"
    await favorites.remove(favorite.favorite_id, now=office.desk.now)
    assert await office.telling.tell_next()
    assert "favorite" not in client.get_run(run_id).data.tags


async def test_a_favorite_that_cannot_be_told_is_kept_and_the_error_says_so(closed: Office):
    job_id = await shelve(closed.desk, is_tracked=True)
    with pytest.raises(TrackingUnavailableError, match="the favorite is kept here"):
        await closed.telling.flush(job_id, kept="the favorite")
    found = await closed.known(job_id)
    assert (found.tries, found.tell_at) == (1, closed.desk.now + SHORTEST)


async def test_somebody_who_waits_does_not_wait_for_ever(closed: Office, monkeypatch: pytest.MonkeyPatch):
    job_id = await shelve(closed.desk, is_tracked=True)
    monkeypatch.setattr("comfy_gen.app.telling.FLUSH", 0.0)
    with pytest.raises(TrackingUnavailableError, match="longer than 0 s; the favorite is kept here"):
        await closed.telling.flush(job_id, kept="the favorite")
    await closed.telling.close()
    assert not closed.telling._flushing


async def test_nothing_is_told_of_what_is_gone(closed: Office):
    await closed.telling.flush("gone")
    job_id = await shelve(closed.desk, is_tracked=True)
    await closed.desk.store.delete(Selection([job_id]))
    assert not await closed.telling.tell_next()


async def test_files_that_are_gone_or_too_large_are_left_out(closed: Office):
    job_id = await shelve(closed.desk)
    made = artifact(job_id, size=7)
    await put(closed.artifacts, made.key, b"picture")
    large = replace(made, size=2**40)
    gone = replace(made, key="gone/1.png", thumbnail_key="gone/1.webp")
    generation = replace(await closed.known(job_id), artifacts=(large, gone, made))
    assert await closed.telling._content(generation) == {"image-3.png": b"picture"}


async def test_who_stops_while_it_tells_leaves_it_to_the_next(closed: Office, monkeypatch: pytest.MonkeyPatch):
    begun = asyncio.Event()

    async def tell(*given: Any, **more: Any) -> str:
        begun.set()
        return await asyncio.Future()

    monkeypatch.setattr(MlflowTracking, "tell", tell)
    job_id = await shelve(closed.desk, is_tracked=True)
    closed.desk.now += 1
    telling = asyncio.create_task(closed.telling.tell_next())
    await begun.wait()
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    found = await closed.known(job_id)
    assert (found.tell_at, found.tries) == (closed.desk.now, 0)


async def test_the_loop_goes_on_after_a_bug(closed: Office, monkeypatch: pytest.MonkeyPatch):
    went_on = asyncio.Event()
    outcomes = iter([ValueError("a bug"), TrackingUnavailableError(NOWHERE, "no")])

    async def tell_next(telling: Telling) -> bool:
        if (outcome := next(outcomes, None)) is not None:
            raise outcome
        went_on.set()
        return False

    monkeypatch.setattr(Telling, "tell_next", tell_next)
    monkeypatch.setattr("comfy_gen.app.telling.LOOK_EVERY", 0.0)
    monkeypatch.setattr("comfy_gen.app.telling.SHORTEST", 0.0)
    running = asyncio.create_task(closed.telling.run())
    async with asyncio.timeout(5):
        await went_on.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_generations_are_told_while_the_service_runs(
    office: Office, mlflow_server: MlflowServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("comfy_gen.app.telling.LOOK_EVERY", 0.01)
    options = TrackingOptions(mlflow_server.url, office.experiment)
    async with open_telling(options, office.desk.store.transactions, office.artifacts) as telling:
        assert await telling.is_available()
        job_id = await shelve(office.desk, is_tracked=True)
        async with asyncio.timeout(20):
            while (await office.known(job_id)).run_id is None:
                await asyncio.sleep(0.02)


async def test_nothing_is_told_where_no_server_is_set(desk: Desk, artifacts: LocalStore):
    async with open_telling(TrackingOptions(), desk.store.transactions, artifacts) as telling:
        assert telling is None


async def test_a_server_without_the_extra_is_an_error(
    desk: Desk, artifacts: LocalStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingExtraError):
        async with open_telling(TrackingOptions(NOWHERE), desk.store.transactions, artifacts):
            pass


@pytest.mark.parametrize(("failed", "seconds"), [(0, SHORTEST), (1, 2 * SHORTEST), (5, 160.0), (50, LONGEST)])
def test_each_wait_is_twice_as_long_up_to_a_bound(failed: int, seconds: float):
    assert backoff(failed, longest=LONGEST) == seconds


def test_a_server_is_tried_more_often_than_a_single_generation():
    assert SHORTEST < LONGEST_PAUSE < LEASE < LONGEST


async def test_of_two_who_tell_it_at_the_same_moment_one_run_is_left(office: Office, mlflow_server: MlflowServer):
    job_id = await shelve(office.desk, is_tracked=True)
    other = office.at(mlflow_server.url)
    began = office.telling._tracking._begin
    told: list[Any] = []

    def begin(run: Any, run_id: str | None) -> Any:
        begun = began(run, run_id)
        if not told:  # by the other process, which found no run when it looked
            other._tracking._found = lambda *_: None  # pyright: ignore[reportAttributeAccessIssue]
            told.append(asyncio.run_coroutine_threadsafe(other.flush(job_id), loop).result())
        return begun

    loop = asyncio.get_running_loop()
    office.telling._tracking._begin = begin
    await office.telling.tell_next()
    client: Any = load().MlflowClient(mlflow_server.url)
    where = [client.get_experiment_by_name(office.experiment).experiment_id]
    assert [one.info.run_id for one in client.search_runs(where)] == [(await office.known(job_id)).run_id]
