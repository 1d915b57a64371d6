"""What goes where room is made, and what never does."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from comfy_gen.app.pruning import Ended, Wish, carry_out, choose, job_in, plan
from comfy_gen.errors import JobNotFoundError
from comfy_gen.jobs.ids import new_job_id
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import Selection
from comfy_gen.library.favorites import Favorites
from comfy_gen.pipeline.artifact import artifact_id
from comfy_gen.pipeline.collect import key_of
from comfy_gen.storage.folder_files import folder_files
from comfy_gen.storage.local import LocalStore
from tests.contracts.job_stores import artifact, open_desk
from tests.library.shelf import end, graph, shelve

SIZE = 100
DAY = 86_400.0


@pytest.fixture
async def desk(tmp_path):
    async with open_desk(f"sqlite:///{tmp_path}/jobs.db") as opened:
        yield opened


@pytest.fixture
def root(tmp_path):
    return tmp_path / "files"


@pytest.fixture
async def files(root):
    return await LocalStore.open(root)


def key(job_id, suffix=".png"):
    return key_of(job_id, artifact_id(job_id, "9", "images", 0), suffix)


async def content():
    yield bytes(SIZE)


async def made(desk, files, *, ended):
    """Have a job with a picture and its small one; return its id."""
    desk.now = ended
    job = await desk.accept(workflow=graph())
    stored = replace(artifact(job.job_id), key=key(job.job_id), thumbnail_key=key(job.job_id, ".small.webp"))
    await files.put(stored.key, content())
    await files.put(stored.thumbnail_key, content())
    return await end(desk, job.job_id, artifacts=[stored])


async def planned(desk, root, **wish):
    return await plan(desk.store, list(folder_files(root)), Wish(**wish))


def ids(pruning):
    return [job.job_id for job in pruning.jobs]


def ended(*sizes, favorites=()):
    return [
        Ended(f"job-{place}", float(place), 1, size, is_favorite=place in favorites) for place, size in enumerate(sizes)
    ]


def test_old_jobs_go():
    doomed, spared = choose(ended(1, 1, 1), 3, Wish(ended_before=2.0))
    assert [(job.job_id, job.reason) for job in doomed] == [("job-0", "age"), ("job-1", "age")]
    assert spared == 0


def test_longest_ended_go_until_there_is_room():
    doomed, _ = choose(ended(10, 20, 30), 60, Wish(max_size=30))
    assert [(job.job_id, job.reason) for job in doomed] == [("job-0", "size"), ("job-1", "size")]


def test_nothing_goes_where_there_is_room():
    assert choose(ended(10, 20), 30, Wish(max_size=30)) == ((), 0)


def test_favorites_stay_and_others_go_in_their_place():
    doomed, spared = choose(ended(10, 20, 30, favorites={0}), 60, Wish(max_size=40))
    assert [job.job_id for job in doomed] == ["job-1"]
    assert spared == 1


def test_age_and_size_are_both_heeded():
    doomed, _ = choose(ended(10, 10, 10), 30, Wish(ended_before=1.0, max_size=15))
    assert [job.reason for job in doomed] == ["age", "size"]


@pytest.mark.parametrize("suffix", ["", ".png", ".small.webp", ".mp4"])
def test_files_are_known_by_their_keys(suffix):
    job_id = new_job_id()
    assert job_in(key(job_id, suffix)) == job_id


@pytest.mark.parametrize("other", ["20260104_120000_output.png", "ab/holiday.png", "models/x.safetensors", "ab/ab-cd"])
def test_files_of_others_are_not_taken_for_a_jobs(other):
    assert job_in(other) is None


def test_job_in_another_jobs_folder_is_none():
    job_id = new_job_id()
    wrong = "00" if not job_id.startswith("00") else "11"
    assert job_in(f"{wrong}{key(job_id)[2:]}") is None


async def test_sizes_are_those_of_the_files(desk, files, root):
    old, new = await made(desk, files, ended=1_000.0), await made(desk, files, ended=2_000.0)
    pruning = await planned(desk, root, ended_before=1_500.0)
    assert ids(pruning) == [old]
    assert (pruning.size, pruning.freed, pruning.left) == (4 * SIZE, 2 * SIZE, 2 * SIZE)
    assert new not in ids(pruning)


async def test_favorite_stays_however_old_it_is(desk, files, root):
    kept = await made(desk, files, ended=1_000.0)
    await Favorites(desk.store.transactions).add(None, kept, 5, now=1.0)
    pruning = await planned(desk, root, ended_before=5_000.0, max_size=0)
    assert (ids(pruning), pruning.spared, pruning.is_enough) == ([], 1, False)


async def test_job_that_runs_keeps_its_files(desk, files, root):
    job = await desk.accept(workflow=graph())
    await desk.claim(job.job_id)
    await files.put(key(job.job_id), content())
    os.utime(files.path(key(job.job_id)), (1.0, 1.0))
    pruning = await planned(desk, root, ended_before=1e12, max_size=0, orphans_before=1e12)
    assert (ids(pruning), pruning.orphans, pruning.is_enough) == ([], (), False)


async def test_job_that_begins_afresh_keeps_its_files(desk, files, root):
    desk.now = 1_000.0
    job_id = await shelve(desk, artifacts=[], state=JobState.FAILED)
    await files.put(key(job_id), content())
    pruning = await planned(desk, root, ended_before=5_000.0)
    assert ids(pruning) == [job_id]
    await desk.store.retry(Selection([job_id]), now=2_000.0)
    pruned = await carry_out(desk.store, files, pruning)
    assert (pruned.jobs, pruned.kept, pruned.freed) == ((), (job_id,), 0)
    assert await files.exists(key(job_id))


async def test_jobs_go_with_their_files(desk, files, root):
    old = await made(desk, files, ended=1_000.0)
    pruned = await carry_out(desk.store, files, await planned(desk, root, ended_before=5_000.0))
    assert (pruned.jobs, pruned.freed) == ((old,), 2 * SIZE)
    assert list(folder_files(root)) == []
    with pytest.raises(JobNotFoundError):
        await desk.store.get(old)


async def test_favorite_of_the_last_moment_stays(desk, files, root):
    job_id = await made(desk, files, ended=1_000.0)
    pruning = await planned(desk, root, ended_before=5_000.0)
    await Favorites(desk.store.transactions).add(None, job_id, 5, now=1.0)
    assert (await carry_out(desk.store, files, pruning)).kept == (job_id,)
    assert await files.exists(key(job_id))


async def test_files_that_no_job_knows_go_when_they_are_old(desk, files, root):
    known = await made(desk, files, ended=1_000.0)
    lost, young = new_job_id(), new_job_id()
    for job_id in (lost, young):
        await files.put(key(job_id), content())
    await files.put("aa/holiday.png", content())
    os.utime(files.path(key(lost)), (10.0, 10.0))
    pruning = await planned(desk, root, orphans_before=DAY)
    assert [file.key for file in pruning.orphans] == [key(lost)]
    pruned = await carry_out(desk.store, files, pruning)
    assert (pruned.orphans, pruned.freed) == ((key(lost),), SIZE)
    left = {file.key for file in folder_files(root)}
    assert left == {key(known), key(known, ".small.webp"), key(young), "aa/holiday.png"}


async def test_files_that_no_job_knows_stay_where_that_is_not_asked(desk, files, root):
    lost = new_job_id()
    await files.put(key(lost), content())
    assert (await planned(desk, root, max_size=0)).orphans == ()


async def test_many_jobs_are_read_page_by_page(desk, files, root, monkeypatch):
    monkeypatch.setattr("comfy_gen.app.pruning.PAGE", 2)
    made_ids = [await made(desk, files, ended=1_000.0 + place // 2) for place in range(5)]
    pruning = await planned(desk, root, ended_before=5_000.0)
    assert sorted(ids(pruning)) == sorted(made_ids)
    assert [job.ended for job in pruning.jobs] == sorted(job.ended for job in pruning.jobs)
