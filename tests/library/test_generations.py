"""The library, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.errors import GenerationNotFoundError, InvalidParameterError
from comfy_gen.jobs.job import JobId, JobState, Webhook
from comfy_gen.jobs.records import Finish, Selection, Taken
from comfy_gen.library.diff import Difference, diff
from comfy_gen.library.favorites import Favorites
from comfy_gen.library.generations import Library, Query, again, workflow_of
from comfy_gen.pipeline.record import ModelFile, record_of
from comfy_gen.pipeline.retake import origin_of, retaken
from comfy_gen.validation.quality import Quality
from comfy_gen.validation.takes import Take, changes, summary
from tests.contracts.job_stores import artifact, open_desk
from tests.library.shelf import end, graph, recipe, shelve


@pytest.fixture
def library(desk):
    """The library of a store."""
    return Library(desk.store.transactions)


async def found(library, **query):
    return [one.generation_id for one in (await library.search(Query(**query))).generations]


# --- what is written


async def test_job_that_ends_well_is_recorded(desk, library):
    facts = {
        "engine": "gpu-1",
        "comfyui_version": "0.3.75",
        "models": (ModelFile("checkpoints", "dream.safetensors", "a" * 64),),
        "verdicts": [{"check": "safety", "passed": True}],
        "notes": ["said"],
    }
    job_id = await shelve(desk, "a red fox", owner="ann", title="Fox", tier="general", **facts)
    one = await library.get(job_id)
    assert (one.generation_id, one.owner, one.title, one.state) == (job_id, "ann", "Fox", JobState.COMPLETED)
    assert (one.created, one.prompt, one.negative_prompt, one.seed) == (desk.now, "a red fox", "ugly", 7)
    assert (one.engine, one.comfyui_version, one.tier, one.notes) == ("gpu-1", "0.3.75", "general", ("said",))
    assert one.models == facts["models"]
    assert one.verdicts == ({"check": "safety", "passed": True},)
    assert one.timings["generate"] == 1.5
    assert one.artifacts == (artifact(job_id),)
    assert one.recipe["steps"] == 20
    assert one.recipe_id.removeprefix("sha256:") != one.workflow_digest
    assert (one.favorite, one.repeats, one.run_id, one.tell_at) == (None, None, None, None)


async def test_recipe_it_was_composed_of_is_kept_as_it_is(desk, library):
    composed = recipe("portrait", "night", steps=3)
    one = await library.get(await shelve(desk, recipe=composed))
    assert (one.recipe, one.workflow, one.categories) == (composed, "sd15", ("portrait", "night"))


async def test_two_generations_share_one_recipe(desk, library):
    composed = recipe("portrait")
    ones = [await library.get(await shelve(desk, recipe=composed, seed=seed)) for seed in (1, 2)]
    assert ones[0].recipe_id == ones[1].recipe_id
    assert ones[0].workflow_digest != ones[1].workflow_digest


async def test_same_recipe_from_two_processes_at_once_is_kept_once(desk, library):
    jobs = [await desk.accept(workflow=graph(), recipe=recipe("portrait")) for _ in range(8)]
    async with open_desk(desk.url) as other:
        desks = [desk, other] * 4
        await asyncio.gather(*(end(one, job.job_id) for one, job in zip(desks, jobs, strict=True)))
    assert await library.count() == 8


async def test_seed_may_be_larger_than_a_column(desk, library):
    one = await library.get(await shelve(desk, seed=2**64 - 1))
    assert one.seed == 2**64 - 1


async def test_text_of_any_kind_is_kept(desk, library):
    one = await library.get(await shelve(desk, "NUL \0, half a pair \ud800, ein Füchslein 🦊"))
    assert "ein Füchslein 🦊" in one.prompt


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_job_that_ends_badly_is_no_generation(desk, library, state):
    job = await desk.bring(state)
    with pytest.raises(GenerationNotFoundError, match="no generation"):
        await library.get(job.job_id)


async def test_job_begun_afresh_is_recorded_anew(desk, library):
    job_id = await shelve(desk, state=JobState.PARTIAL)
    desk.now += 10
    await desk.store.retry(Selection([job_id]), now=desk.now)
    assert (await library.get(job_id)).created == 1000.0
    await end(desk, job_id, engine="gpu-2")
    one = await library.get(job_id)
    assert (one.created, one.engine, await library.count()) == (1010.0, "gpu-2", 1)


async def test_record_goes_where_the_job_fails_after_all(desk, library):
    job_id = await shelve(desk, state=JobState.PARTIAL)
    await desk.store.retry(Selection([job_id]), now=desk.now)
    attempt = await desk.claim(job_id)
    await desk.store.finish(job_id, attempt, Finish(JobState.FAILED), now=desk.now)
    assert await found(library) == await found(library, model="dream") == []


async def test_older_attempt_writes_no_record(desk, library):
    job = await desk.bring(JobState.POSTPROCESSING, workflow=graph())
    assert await desk.store.claim(job.job_id, worker="other", take_over=True, attempt=1, now=desk.now)
    late = Finish(JobState.COMPLETED, record=record_of(graph()))
    assert not await desk.store.finish(job.job_id, 1, late, now=desk.now)
    assert await library.count() == 0


async def test_generation_goes_with_its_job(desk, library):
    job_id = await shelve(desk)
    await desk.store.delete(Selection([job_id]))
    assert await library.count() == 0


@pytest.mark.parametrize(("is_tracked", "at"), [(True, 1000.0), (False, None)])
async def test_mlflow_is_to_be_told_where_there_is_one(desk, library, is_tracked, at):
    one = await library.get(await shelve(desk, is_tracked=is_tracked))
    assert one.tell_at == at


# --- finding


async def test_generation_is_found_by_the_beginning_of_its_id(desk, library):
    job_id = await shelve(desk)
    assert (await library.get(f" {job_id[:8].upper()} ")).generation_id == job_id


@pytest.mark.parametrize("wanted", ["", "nothing", "%", "\0", "\ud800", "a" * 65])
async def test_what_is_no_id_finds_nothing(desk, library, wanted):
    await shelve(desk)
    with pytest.raises(GenerationNotFoundError):
        await library.get(wanted)


async def test_beginning_of_several_ids_is_none(desk, library):
    ids = [JobId(f"aaaaaaaa-0000-4000-8000-00000000000{digit}") for digit in (1, 2)]
    for job_id in ids:
        await desk.accept(workflow=graph(), job_id=job_id)
        await end(desk, job_id)
    with pytest.raises(GenerationNotFoundError, match="2 generations"):
        await library.get("aaaa")
    assert (await library.get(ids[0])).generation_id == ids[0]


async def test_anothers_generation_is_not_found(desk, library):
    job_id = await shelve(desk, owner="ann")
    with pytest.raises(GenerationNotFoundError):
        await library.get(job_id, "bob")
    assert (await library.get(job_id, "ann")).generation_id == job_id


async def test_newest_come_first_page_by_page(desk, library):
    ids = []
    for number in range(5):
        desk.now += number % 2  # some at the same moment
        ids.append(await shelve(desk))
    seen, cursor = [], None
    while True:
        page = await library.search(limit=2, cursor=cursor)
        seen += page.generations
        if (cursor := page.next) is None:
            break
    assert {one.generation_id for one in seen} == set(ids)
    assert [(one.created, one.generation_id) for one in seen] == sorted(
        ((one.created, one.generation_id) for one in seen), reverse=True
    )
    assert len(seen) == 5


@pytest.mark.parametrize("cursor", ["", "x", "1", "nan/a", "inf/a", "1e999/a", "1/", "1/\0"])
async def test_cursor_of_somebody_elses_is_refused(library, cursor):
    with pytest.raises(InvalidParameterError, match="cursor"):
        await library.search(cursor=cursor)


@pytest.mark.parametrize("limit", [0, 501, -1])
async def test_page_has_bounds(library, limit):
    with pytest.raises(InvalidParameterError, match="limit"):
        await library.search(limit=limit)


async def test_each_condition_finds_its_own(desk, library):
    fox = await shelve(desk, "a Red fox", recipe=recipe("portrait"), owner="ann", title="Forest 100%")
    desk.now = 2000.0
    car = await shelve(desk, "a red car", recipe=recipe("car", "night"), owner="bob", model="flux/Schnell.safetensors")
    await Favorites(desk.store.transactions).add(None, car, 4, tags=["best", "x"], now=desk.now)
    assert await found(library) == [car, fox]
    by_fox = [
        {"text": "RED fox"},
        {"text": "forest 100%"},
        {"text": fox[:8]},
        {"category": "portrait"},
        {"until": 2000.0},
        {"owner": "ann"},
        {"recipe": (await library.get(fox)).recipe_id},
    ]
    by_car = [
        {"text": "car red"},
        {"category": "night"},
        {"model": "schnell"},
        {"since": 2000.0},
        {"min_rating": 4},
        {"tag": "best"},
        {"is_favorite": True},
        {"recipe": (await library.get(car)).recipe_id[:20]},
    ]
    assert [await found(library, **query) for query in by_fox] == [[fox]] * len(by_fox)
    assert [await found(library, **query) for query in by_car] == [[car]] * len(by_car)
    for query in [{"min_rating": 5}, {"tag": "bes"}, {"text": "100_"}, {"category": "nigh"}, {"model": "%"}]:
        assert await found(library, **query) == []
        assert await library.count(Query(**query)) == 0
    assert await library.count(Query(text="red")) == 2


@pytest.mark.parametrize("text", ["\0", "\ud800", "%", "_", "\\", "'", '"', "x" * 10_000])
async def test_text_that_is_nowhere_finds_nothing(desk, library, text):
    await shelve(desk)
    for name in ("text", "category", "model", "recipe", "tag", "owner"):
        assert await found(library, **{name: text}) == []


async def test_generation_comes_with_its_favorite(desk, library):
    job_id = await shelve(desk, recipe=recipe("portrait"))
    favorite = await Favorites(desk.store.transactions).add(None, job_id, 5, now=1.0)
    assert (await library.get(job_id)).favorite == favorite


# --- what was found of its pictures


async def judged(desk, *, passed, score, prompt="a red fox", **facts):
    """Have a generation that somebody had judged."""
    found = {"passed": passed, "score": score, "reason": "", "take": 1, "takes": 1}
    verdict = {"check": "quality", "passed": passed, "score": score}
    return await shelve(desk, prompt, quality=found, verdicts=[verdict], **facts)


async def test_generation_tells_what_was_found_of_it(desk, library):
    one = await library.get(await judged(desk, passed=False, score=0.21))
    assert (one.passed, one.score, one.take, one.takes) == (False, 0.21, 1, 1)
    assert one.as_json()["score"] == 0.21


async def test_generation_that_nobody_judged_has_neither_score_nor_verdict(desk, library):
    one = await library.get(await shelve(desk))
    assert (one.passed, one.score, one.take, one.takes) == (None, None, 1, 1)


async def test_generations_are_found_by_what_was_found_of_them(desk, library):
    good = await judged(desk, passed=True, score=0.31)
    bad = await judged(desk, passed=False, score=0.2)
    blank = await judged(desk, passed=False, score=None)
    await shelve(desk)
    assert await found(library, min_score=0.31) == [good]
    assert set(await found(library, min_score=0.1)) == {good, bad}
    assert await found(library, passed=True) == [good]
    assert set(await found(library, passed=False)) == {bad, blank}
    assert await found(library, passed=False, min_score=0.2) == [bad]
    assert await library.count(Query(passed=False)) == 2
    assert await library.count() == 4


# --- once more


QUALITY = Quality(auto_retry=True, retry_limit=3)


async def taken_twice(desk, **facts):
    """Have a generation whose second take was the first to pass; return its id."""
    job = await desk.accept(workflow=graph(), quality=QUALITY, **facts)
    changed = changes(QUALITY, origin_of(graph()), 2)
    takes = [Take(number=1, passed=False, score=0.1), Take(number=2, passed=True, score=0.3, changes=changed)]
    attempt = await desk.claim(job.job_id)
    assert await desk.store.requeue(job.job_id, attempt, None, now=desk.now, taken=Taken(takes[0]))
    request = await desk.store.request(job.job_id)
    ran = retaken(graph(), changed)
    made = [replace(artifact(job.job_id), take=2)]
    record = record_of(ran, recipe=request.recipe, is_changed=True)
    taken = Taken(takes[1], made, record)
    ending = {"record": record, "artifacts": made, "taken": taken, "take": 2, "quality": summary(takes)}
    attempt = await desk.claim(job.job_id)
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        await desk.store.advance(job.job_id, attempt, state, now=desk.now)
    assert await desk.store.finish(job.job_id, attempt, Finish(JobState.COMPLETED, **ending), now=desk.now)
    return job.job_id


@pytest.mark.parametrize("composed", [None, recipe("portrait", seed=7, steps=20)])
async def test_repetition_of_a_take_is_of_that_take_and_judged_by_nobody(desk, library, composed):
    one = await library.get(await taken_twice(desk, recipe=composed))
    assert (one.take, one.takes, one.passed) == (2, 2, True)
    asked = await desk.store.request(one.generation_id)
    request = again(one, asked)
    assert (request.quality, request.repeats) == (None, one.generation_id)
    assert request.workflow == workflow_of(one, asked) != graph()
    assert asked.workflow == graph()
    repeated = await desk.store.accept(request, now=desk.now)
    other = await library.get(await end(desk, repeated.job.job_id))
    assert (other.workflow_digest, other.recipe_id, other.seed) == (one.workflow_digest, one.recipe_id, one.seed)
    graphs = workflow_of(one, asked), request.workflow
    assert diff(one, other, graphs) == [Difference("timings.generate", None, 1.5)]


async def test_repetition_of_the_first_take_is_what_was_asked(desk, library):
    job = await desk.accept(workflow=graph(), quality=QUALITY)
    one = await library.get(await end(desk, job.job_id))
    request = again(one, await desk.store.request(job.job_id))
    assert (request.workflow, request.quality) == (graph(), None)


async def test_repetition_is_the_same_but_for_who_is_told(desk, library):
    hook = Webhook("http://hook/")
    facts = {"owner": "ann", "title": "T", "priority": 3, "tier": "general", "recipe": recipe("portrait")}
    job = await desk.accept(workflow=graph(), webhook=hook, idempotency_key="k", **facts)
    one = await library.get(await end(desk, job.job_id))
    request = again(one, await desk.store.request(job.job_id))
    assert {name: getattr(request, name) for name in facts} == facts
    assert (request.workflow, request.repeats) == (graph(), job.job_id)
    assert (request.webhook, request.idempotency_key, request.job_id) == (None, None, None)
    repeated = await desk.store.accept(request, now=desk.now)
    other = await library.get(await end(desk, repeated.job.job_id))
    assert other.repeats == one.generation_id
    assert (other.workflow_digest, other.recipe_id) == (one.workflow_digest, one.recipe_id)


@pytest.mark.parametrize("text", ["schöne ÄPFEL", "SCHÖNE äpfel", "Äpfel", "ÄpFEL schÖne"])
async def test_letters_of_any_alphabet_are_found_in_either_case(desk, library, text):
    job_id = await shelve(desk, "Schöne ÄPFEL")
    await shelve(desk, "Schone Apfel")
    assert await found(library, text=text) == [job_id]
