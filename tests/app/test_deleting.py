"""What is deleted with its files, and what is not."""

from __future__ import annotations

import pytest

from comfy_gen.app.deleting import delete_jobs
from comfy_gen.errors import FavoriteKeptError, GenerationNotFoundError, JobNotFoundError
from comfy_gen.jobs.records import Selection
from comfy_gen.library.favorites import Favorites
from comfy_gen.storage.local import LocalStore
from tests.contracts.job_stores import artifact, open_desk
from tests.library.shelf import shelve


@pytest.fixture
async def desk(tmp_path):
    """A store of jobs."""
    async with open_desk(f"sqlite:///{tmp_path}/jobs.db") as opened:
        yield opened


class Files(LocalStore):
    """Does something as soon as a file is deleted."""

    async def delete(self, key):
        await super().delete(key)
        await self.then()


@pytest.fixture
async def files(tmp_path):
    """A store of files; what happens when one is deleted is the test's to say."""
    store = await Files.open(tmp_path / "files")

    async def nothing():
        pass

    store.then = nothing
    return store


async def picture():
    yield b"a picture"


async def made(desk, files):
    job_id = await shelve(desk)
    await files.put(artifact(job_id).key, picture())
    return job_id


async def is_there(files, job_id):
    return await files.exists(artifact(job_id).key)


async def test_jobs_go_with_their_files_and_favorites_stay(desk, files):
    kept, other = await made(desk, files), await made(desk, files)
    await Favorites(desk.store.transactions).add(None, kept, 5, now=1.0)
    gone = await delete_jobs(desk.store, files, Selection(all=True))
    assert [job.job_id for job in gone] == [other]
    assert (await is_there(files, kept), await is_there(files, other)) == (True, False)
    with pytest.raises(JobNotFoundError):
        await desk.store.get(other)


async def test_named_favorite_is_refused_with_its_files(desk, files):
    kept = await made(desk, files)
    await Favorites(desk.store.transactions).add(None, kept, 5, now=1.0)
    with pytest.raises(FavoriteKeptError):
        await delete_jobs(desk.store, files, Selection([kept]))
    assert await is_there(files, kept)


async def test_favorite_that_became_one_meanwhile_keeps_its_files(desk, files):
    first, second = await made(desk, files), await made(desk, files)

    async def like():
        await Favorites(desk.store.transactions).add(None, second, 5, now=1.0)

    files.then = like
    gone = await delete_jobs(desk.store, files, Selection(all=True))
    assert [job.job_id for job in gone] == [first]
    assert await is_there(files, second)


async def test_what_is_about_to_lose_its_files_becomes_no_favorite(desk, files):
    job_id = await made(desk, files)

    async def like():
        with pytest.raises(GenerationNotFoundError):
            await Favorites(desk.store.transactions).add(None, job_id, 5, now=1.0)

    files.then = like
    assert [job.job_id for job in await delete_jobs(desk.store, files, Selection(all=True))] == [job_id]


async def test_the_only_one_that_became_a_favorite_meanwhile_is_refused(desk, files, monkeypatch):
    job_id = await made(desk, files)
    ended = desk.store.ended

    async def ended_before(selection):
        found = await ended(selection)
        await Favorites(desk.store.transactions).add(None, job_id, 5, now=1.0)
        return found

    monkeypatch.setattr(type(desk.store), "ended", lambda _, selection: ended_before(selection))
    with pytest.raises(FavoriteKeptError):
        await delete_jobs(desk.store, files, Selection([job_id]))
    assert await is_there(files, job_id)
