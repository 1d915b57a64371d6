"""Who of one owner's clients is told what."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfyui.audience import MOST_OVER, Audience
from comfy_gen.api.dialects.comfyui.story import Ending
from comfy_gen.jobs.history import History
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.live import LiveJob, Standing
from tests.api.dialects.comfyui.telling import JOB, job, preview, running, said, taken

NOW = 1_000
DONE = Ending(JobState.COMPLETED)
EMPTY = Standing(frozenset(), frozenset(), frozenset())


@pytest.fixture
def audience() -> Audience:
    return Audience()


def standing(waiting=(), active=(), ended=()):
    return Standing(frozenset(map(JobId, waiting)), frozenset(map(JobId, active)), frozenset(map(JobId, ended)))


async def told(outgoing):
    """Return what a socket was told, each in short."""
    return [short(one) for one in await taken(outgoing)]


def short(message):
    if isinstance(message, bytes):
        return "picture"
    if message["type"] == "status":
        return message["data"]["status"]["exec_info"]["queue_remaining"]
    return "over" if message["data"].get("node", "") is None else message["type"]


def run(audience, of, *frames):
    """Have a job accepted, and run as far as these frames."""
    audience.accept(of.job_id)
    audience.begin(of.job_id)
    for frame in frames:
        audience.hear(running(of), frame)


async def test_run_is_told_to_its_client_with_the_length_of_the_queue(audience):
    ada = audience.join("ada", [])
    steps = said("execution_start"), said("executing", node="3"), preview(), said("progress", value=1, max=2)
    run(audience, job(), *steps, said("execution_success"))
    audience.end(job(), DONE, now=NOW)
    run_as_told = ["execution_start", "executing", "progress", "picture", "execution_success"]
    assert await told(ada) == [0, 1, 1, *run_as_told, 0, "over"]


async def test_owners_other_clients_hear_of_the_queue_alone(audience):
    bob = audience.join("bob", [])
    run(audience, job(), said("execution_start"), preview())
    audience.end(job(), DONE, now=NOW)
    assert await told(bob) == [0, 1, 1, 0]


async def test_each_socket_of_a_client_is_told(audience):
    """Our choice: with a ComfyUI, the newest socket takes over, and is silent once the older one closes."""
    sockets = [audience.join("ada", []), audience.join("ada", [])]
    run(audience, job(), said("execution_start"))
    assert [await told(one) for one in sockets] == [[0, 1, 1, "execution_start"]] * 2
    audience.leave("ada", sockets[0])
    audience.hear(running(), said("executing", node="3"))
    assert await told(sockets[1]) == ["executing"]


async def test_prompt_that_names_no_client_shows_everybody_how_far_it_is_and_no_more(audience):
    """ComfyUI behaviour."""
    bob, of = audience.join("bob", []), job(None)
    frames = said("execution_start"), said("executing", node="3"), preview(), said("progress", value=1, max=2)
    run(audience, of, *frames, said("executed", node="9", output={}), said("execution_success"))
    audience.end(of, DONE, now=NOW)
    assert await told(bob) == [0, 1, 1, "progress", "picture", 0]


async def test_jobs_of_other_faces_count_and_are_not_told_of(audience):
    ada, of = audience.join("ada", []), job(is_native=False)
    run(audience, of, said("execution_start"), said("progress", value=1, max=2))
    audience.end(of, DONE, now=NOW)
    assert await told(ada) == [0, 1, 1, 0]


async def test_who_comes_in_mid_run_is_told_the_node_and_what_follows(audience):
    run(audience, job(), said("execution_start"))
    ada = audience.join("ada", [running(has_started=True, node="3"), running(job("bob"), node="4")])
    audience.hear(running(has_started=True, node="3"), said("progress", value=1, max=2))
    greeting, node, progress = await taken(ada)
    assert greeting["data"] == {"status": {"exec_info": {"queue_remaining": 1}}, "sid": "ada"}
    assert node == {"type": "executing", "data": {"node": "3"}}
    assert progress["type"] == "progress"


async def test_who_comes_beside_another_in_mid_run_is_told_the_node_too(audience):
    audience.join("ada", [])
    audience.see(LiveJob(job(), 1, progress={"node_id": "3"}), None, now=NOW)
    _, node = await taken(audience.join("ada", []))
    assert node == {"type": "executing", "data": {"node": "3"}}


async def test_who_was_away_for_the_end_of_a_run_is_told_of_it_once_it_has_ended(audience):
    run(audience, job())
    ada = audience.join("ada", [running(has_started=True)])
    history = History([("execution_success", {"timestamp": 5})], {"9": {"text": ["hi"]}})
    audience.end(job(), Ending(JobState.COMPLETED, history=history), now=NOW)
    assert await told(ada) == [1, "executed", "execution_success", 0, "over"]


async def test_job_that_is_cancelled_while_it_waits_shortens_the_queue_and_that_is_all(audience):
    ada, of = audience.join("ada", []), job(attempt=0, state=JobState.CANCELLED)
    audience.accept(of.job_id)
    audience.see(LiveJob(of, 1), None, now=NOW)
    assert await told(ada) == [0, 1, 0]


async def test_attempt_that_is_made_again_begins_once(audience):
    ada = audience.join("ada", [])
    run(audience, job(), said("execution_start"), said("execution_error", exception_type="RuntimeError"))
    audience.again(JOB)
    run(audience, job(attempt=2), said("execution_start"), said("executing", node="3"), said("execution_success"))
    audience.end(job(attempt=2), DONE, now=NOW)
    assert await told(ada) == [0, 1, 1, "execution_start", "executing", "execution_success", 0, "over"]


async def test_same_news_twice_is_news_once(audience):
    ada = audience.join("ada", [])
    for _ in range(2):
        run(audience, job())
    assert await told(ada) == [0, 1, 1]
    for _ in range(2):
        audience.see(LiveJob(job(state=JobState.COMPLETED), 1), None, now=NOW)
    assert (await told(ada))[-2:] == [0, "over"]


async def test_job_may_be_begun_afresh(audience):
    ada = audience.join("ada", [])
    run(audience, job())
    audience.end(job(), Ending(JobState.CANCELLED), now=NOW)
    audience.accept(JOB)
    assert await told(ada) == [0, 1, 1, 0, 1]


async def test_what_others_do_is_told_from_the_state_of_the_job(audience):
    ada = audience.join("ada", [])
    audience.see(LiveJob(job(state=JobState.QUEUED, attempt=0), 1), None, now=NOW)
    audience.see(LiveJob(job(), 1, progress={"node_id": "3"}), None, now=NOW)
    audience.see(LiveJob(job(state=JobState.QUEUED), 1), None, now=NOW)
    audience.see(LiveJob(job(attempt=2), 1, progress={"node_id": "4"}), None, now=NOW)
    audience.see(LiveJob(job(attempt=2, state=JobState.COMPLETED), 1), None, now=NOW)
    begun = ["execution_start", "execution_cached", "progress_state", "executing"]
    ended = ["progress_state", "execution_success", 0, "over"]
    assert await told(ada) == [0, 1, 1, *begun, "progress_state", "executing", *ended]


async def test_job_that_came_and_went_between_two_looks_is_told_whole(audience):
    ada = audience.join("ada", [])
    audience.see(LiveJob(job(state=JobState.COMPLETED), 1), None, now=NOW)
    assert await told(ada) == [0, 1, 1, "execution_start", "execution_cached", "execution_success", 0, "over"]


async def test_first_who_comes_finds_the_queue_as_it_is(audience):
    audience.learn(standing(waiting=["a", "b"], active=["c"], ended=["d"]))
    ada = audience.join("ada", [])
    audience.see(LiveJob(job(job_id="d", state=JobState.COMPLETED), 1), None, now=NOW)
    assert await told(ada) == [3]


async def test_what_happened_while_the_store_was_read_goes_before_what_was_read(audience):
    audience.begin(JobId("a"))
    audience.end(job(job_id="b"), DONE, now=NOW)
    audience.learn(standing(waiting=["a"], active=["b"]))
    assert (audience.length, audience.begun) == (1, {"a"})


@pytest.mark.parametrize(
    "found", [standing(waiting=["b"]), standing(active=["a"]), EMPTY, standing(waiting=["a"], ended=["c"])]
)
def test_jobs_that_are_not_as_they_are_known_to_be_are_looked_at(audience, found):
    audience.accept(JobId("a"))
    assert (
        audience.suspects(found)
        == {
            standing(waiting=["b"]): {"a", "b"},
            standing(active=["a"]): {"a"},
            EMPTY: {"a"},
            standing(waiting=["a"], ended=["c"]): {"c"},
        }[found]
    )


def test_jobs_that_are_as_they_are_known_to_be_are_not(audience):
    audience.accept(JobId("a"))
    audience.begin(JobId("b"))
    audience.end(job(job_id="c"), DONE, now=NOW)
    assert audience.suspects(standing(waiting=["a", "b"], ended=["c"])) == set()


def test_jobs_that_run_are_looked_at_again_and_again(audience):
    audience.begin(JobId("a"))
    assert audience.suspects(standing(active=["a"])) == {"a"}


def test_of_jobs_that_ended_so_many_are_remembered(audience):
    for number in range(MOST_OVER + 1):
        audience.accept(JobId(str(number)))
        audience.forget(JobId(str(number)))
    assert audience.suspects(standing(ended=["0", "1"])) == {"0"}


async def test_deleted_job_shortens_the_queue(audience):
    ada = audience.join("ada", [])
    audience.accept(JOB)
    audience.forget(JOB)
    audience.forget(JOB)
    assert await told(ada) == [0, 1, 0]


async def test_all_sockets_end_when_it_closes(audience):
    sockets = [audience.join("ada", []), audience.join("bob", [])]
    audience.close()
    assert [[one async for one in outgoing] for outgoing in sockets] == [[], []]
