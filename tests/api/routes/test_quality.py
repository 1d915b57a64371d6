"""Quality over HTTP: what can be asked of a job's pictures, and what is told of its takes."""

from __future__ import annotations

import json

import pytest

from comfy_gen.api.orders import _digest_of
from comfy_gen.api.wire.compose import ComposeBody
from comfy_gen.api.wire.requests import GenerationInput, PromptBody
from comfy_gen.api.wire.workflows import RunBody
from comfy_gen.jobs.job import JobState
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.faults import Fault, Kind
from comfy_gen.validation.quality import Quality
from tests.api.conftest import SMALL, events_in, picture_graph
from tests.api.taking import done, end, judged, reject, take

ASKED = {
    "validate": True,
    "auto_retry": True,
    "retry_limit": 4,
    "retry_strategy": "seed_search",
    "positive_threshold": 0.3,
    "delta_threshold": 0.05,
    "best_of": 2,
}
MEANT = Quality(
    auto_retry=True,
    retry_limit=4,
    retry_strategy="seed_search",
    positive_threshold=0.3,
    delta_threshold=0.05,
    best_of=2,
)
WAYS = [
    ("/generate", {"prompt": "a fox", **SMALL}, ()),
    ("/generate", {"input": {"workflow_json": picture_graph()}}, ("input",)),
    ("/generate", {"input": {"modifier": "Text2Image", "modifications": {"prompt": "a fox"}}}, ("input",)),
    ("/compose", {"input": "@portrait a keeper", **SMALL}, ()),
    ("/workflows/sd15/run", {"inputs": {"prompt": "a fox"}}, ()),
]


def saying(body, place, **said):
    """Return a body that says more, at its place."""
    if not place:
        return {**body, **said}
    return {**body, place[0]: {**body[place[0]], **said}}


@pytest.fixture
async def idle(serve):
    """A service that does no work: the tests do."""
    return await serve(with_worker=False)


async def asked_of(served, job_id):
    return (await served.service.queue.store.request(job_id)).quality


async def judged_job(served, client=None):
    """Have a job of three takes, of which none passes and the second is the result; return its id."""
    body = {"input": {"workflow_json": picture_graph(), "validate": True, "auto_retry": True}}
    job_id = (await (client or served.client).post("/generate", json=body)).json()["id"]
    await judged(served.service.queue.store, job_id)
    return job_id


# --- asking


@pytest.mark.parametrize(("path", "body", "place"), WAYS)
async def test_every_way_to_have_a_job_takes_what_is_asked_of_its_pictures(idle, path, body, place):
    answer = await idle.client.post(path, json=saying(body, place, **ASKED))
    assert answer.status_code == 202, answer.text
    assert await asked_of(idle, answer.json()["generation_id"]) == MEANT


@pytest.mark.parametrize(("path", "body", "place"), WAYS)
async def test_who_asks_for_nothing_has_nobody_look(idle, path, body, place):
    answer = await idle.client.post(path, json=saying(body, place, validate=None, best_of=1))
    assert answer.status_code == 202, answer.text
    assert await asked_of(idle, answer.json()["generation_id"]) is None


@pytest.mark.parametrize(
    ("said", "code", "named"),
    [
        ({"validate": False, "best_of": 3}, "invalid_parameter", "validate is 'false'"),
        ({"auto_retry": False, "retry_limit": 3}, "invalid_parameter", "auto_retry is 'false'"),
        ({"retry_limit": 11}, "invalid_request", "body.retry_limit"),
        ({"retry_limit": True}, "invalid_request", "body.retry_limit"),
        ({"retry_strategy": "harder"}, "invalid_request", "body.retry_strategy"),
        ({"positive_threshold": 1.1}, "invalid_request", "body.positive_threshold"),
        ({"delta_threshold": -1.1}, "invalid_request", "body.delta_threshold"),
        ({"best_of": 17}, "invalid_request", "body.best_of"),
        ({"validate": "yes"}, "invalid_request", "body.validate"),
        ({"wants_verdict": True}, "invalid_request", "body.wants_verdict"),
    ],
)
@pytest.mark.parametrize("path", ["/generate", "/compose"])
async def test_what_cannot_be_asked_of_pictures_is_refused_by_name(idle, path, said, code, named):
    body = {"/generate": {"prompt": "a fox"}, "/compose": {"input": "@cat", "dry_run": True}}[path]
    answer = await idle.client.post(path, json={**body, **said})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, code)
    assert named in error["message"]


async def test_all_contradictions_are_told_at_once(idle):
    said = {"validate": False, "auto_retry": False, "retry_limit": 3}
    error = (await idle.client.post("/generate", json={"prompt": "a fox", **said})).json()["error"]
    assert [one["message"].split()[0] for one in error["details"]["problems"]] == ["validate", "auto_retry"]


async def test_what_this_process_cannot_judge_is_refused_at_once(served):
    answer = await served.client.post("/generate", json={"prompt": "a fox", "best_of": 2})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in {"invalid_parameter", "missing_extra"}  # as the extra is there, or not
    assert (await served.client.get("/jobs")).json()["jobs"] == []


@pytest.mark.parametrize(
    ("body", "others", "digest"),
    [
        (
            PromptBody.model_validate({"prompt": "a kite", "seed": 7}),
            ["bob"],
            "47100009a1b97cef95befe650f825762f2ed7ac51890dbc3035ec1f8a03bf913",
        ),
        (
            GenerationInput.model_validate(
                {
                    "modifier": "Text2Image",
                    "modifications": {"prompt": "x"},
                    "webhook": {"url": "https://h.example/x"},
                    "policy_tier": "general",
                }
            ),
            ["bob"],
            "da8a844bac5c342245248e33c4622245d28e01c63a08545f97e2cbed7281b745",
        ),
        (
            ComposeBody.model_validate({"input": "@portrait a keeper"}),
            ["bob"],
            "1c30547619d708aeb058bce63ef4ebb88cdf94de150501b475e0272d404301b3",
        ),
        (
            RunBody.model_validate({"inputs": {"prompt": "a"}}),
            ["sd15", "bob"],
            "2845e661f5280af73153f67b6ae2d8862bd31f94980b275aea5fd0824b1927d0",
        ),
    ],
)
def test_key_of_a_body_that_says_nothing_of_quality_outlives_an_upgrade(body, others, digest):
    """As versions computed it that knew nothing of quality."""
    assert _digest_of(body, *others) == digest
    assert _digest_of(body.model_copy(update={"best_of": 2}), *others) != digest


async def test_same_key_with_another_wish_is_another_request(idle):
    body, key = {"prompt": "a fox", **SMALL, "validate": True}, {"Idempotency-Key": "k"}
    first = (await idle.client.post("/generate", json=body, headers=key)).json()["id"]
    assert (await idle.client.post("/generate", json=body, headers=key)).json()["id"] == first
    assert (await idle.client.post("/generate", json={**body, "best_of": 2}, headers=key)).status_code == 409


async def test_request_tells_what_was_asked_of_the_pictures(idle):
    job_id = (await idle.client.post("/generate", json={"prompt": "a fox", **SMALL, **ASKED})).json()["id"]
    assert (await idle.client.get(f"/jobs/{job_id}/request")).json()["quality"] == MEANT.as_json()
    plain = await idle.job()
    assert (await idle.client.get(f"/jobs/{plain}/request")).json()["quality"] is None


# --- being told


async def test_job_is_told_with_every_take_and_its_pictures(idle):
    job_id = await judged_job(idle)
    told = (await idle.client.get(f"/jobs/{job_id}")).json()
    assert told["quality"] == {"passed": False, "score": 0.24, "reason": "it is black", "take": 2, "takes": 3}
    assert (told["status"], told["message"]) == (
        "completed",
        "Generation completed; the pictures did not pass: it is black",
    )
    assert [(one["number"], one["is_result"], one["score"]) for one in told["takes"]] == [
        (1, False, 0.2),
        (2, True, 0.24),
        (3, False, 0.1),
    ]
    assert [one["ending"] for one in told["attempts"]] == ["rejected"] * 3
    first = told["takes"][0]
    assert first["verdicts"][0]["artifact_id"] == first["output"][0]["id"]
    assert first["verdicts"][0]["findings"][0]["check"] == "black"
    assert "?token=" in first["output"][0]["url"]
    assert [one["filename"] for one in told["output"]] == ["2.png"]
    assert told["takes"][1]["output"][0]["id"] == told["output"][0]["id"]


async def test_takes_are_told_while_the_next_is_made(idle):
    body = {"input": {"workflow_json": picture_graph(), "auto_retry": True}}
    job_id = (await idle.client.post("/generate", json=body)).json()["id"]
    before = (await idle.client.get(f"/jobs/{job_id}")).json()
    assert (before["takes"], before["quality"]["takes"], before["message"]) == ([], 0, "Waiting for an engine")
    await reject(idle.service.queue.store, job_id, take(job_id, 1))
    told = (await idle.client.get(f"/jobs/{job_id}")).json()
    assert (told["state"], told["message"], told["output"]) == ("queued", "Waiting for an engine (take 2)", [])
    assert [one["output"][0]["filename"] for one in told["takes"]] == ["1.png"]


async def test_job_that_nobody_judges_tells_of_no_quality(served):
    result = await served.done()
    assert result["quality"] is None
    assert (await served.client.get(f"/jobs/{result['id']}")).json()["takes"] == []


@pytest.mark.parametrize("path", ["/result/{}", "/generate/{}"])
async def test_every_result_has_what_was_found(idle, path):
    job_id = await judged_job(idle)
    for _ in ("read", "kept"):
        told = (await idle.client.get(path.format(job_id))).json()
        assert (told["quality"]["passed"], told["quality"]["take"]) == (False, 2)


async def test_result_that_was_kept_before_there_was_such_a_thing_is_told(idle):
    job_id = await judged_job(idle)
    await idle.client.get(f"/result/{job_id}")
    cache, key = idle.service.cache, f"result:{job_id}"
    kept = json.loads(await cache.get(key))
    del kept["result"]["quality"]
    await cache.put(key, json.dumps(kept).encode(), 60)
    answer = await idle.client.get(f"/result/{job_id}")
    assert (answer.status_code, answer.json()["quality"]) == (200, None)


async def test_streams_tell_of_takes_and_of_quality_at_the_end(idle):
    job_id = await judged_job(idle)
    events = events_in((await idle.client.get(f"/jobs/{job_id}/events")).text)
    takes = [one["data"]["take"] for one in events if one["event"] == "state" and "take" in one["data"]]
    assert [one["number"] for one in takes] == [1, 2, 3]
    assert takes[0] == {"number": 1, "passed": False, "score": 0.2, "reason": "it is black"}
    assert [one["data"]["quality"]["take"] for one in events if "quality" in one["data"]] == [2, 2]
    assert events[-1]["event"] == "end"
    (final,) = events_in((await idle.client.get(f"/generate/{job_id}/stream")).text)
    assert final["data"]["result"]["quality"]["passed"] is False


async def test_webhook_has_what_was_found(idle):
    told = {"url": "https://hooks.example/x"}
    body = {"input": {"workflow_json": picture_graph(), "validate": True, "auto_retry": True, "webhook": told}}
    job_id = (await idle.client.post("/generate", json=body)).json()["id"]
    job = await judged(idle.service.queue.store, job_id)
    assert job.state is JobState.COMPLETED
    (delivery,) = await idle.service.outbox.deliveries(job_id)
    assert (delivery.body["quality"]["take"], delivery.body["output"][0]["filename"]) == (2, "2.png")


async def test_takes_are_metrics(idle):
    job_id = await judged_job(idle)
    text = (await idle.client.get("/metrics")).text
    assert 'comfygen_quality_jobs_total{result="rejected"} 1.0' in text
    (line,) = [line for line in text.splitlines() if line.startswith("comfygen_quality_takes_total")]
    assert 'result="rejected"' in line
    assert line.endswith(" 3.0")
    assert job_id not in text


async def test_job_whose_pictures_are_black_twice_passes_on_the_third_take_and_shows_all(serve):
    served = await serve(engine=SandboxOptions(faults=[Fault(Kind.BLACK_PICTURES, times=2)]))
    body = {"prompt": "a lighthouse at dusk", "workflow": "sd15", **SMALL, "auto_retry": True, "seed": 1}
    result = (await served.client.post("/generate/sync", json=body)).json()
    assert (result["state"], result["quality"]["passed"], result["quality"]["take"]) == ("completed", True, 3)
    told = (await served.client.get(f"/jobs/{result['id']}")).json()
    assert [(one["number"], one["passed"], one["is_result"]) for one in told["takes"]] == [
        (1, False, False),
        (2, False, False),
        (3, True, True),
    ]
    assert [one["ending"] for one in told["attempts"]] == ["rejected", "rejected", "succeeded"]
    urls = [file["url"] for one in told["takes"] for file in one["output"]]
    pictures = [(await served.client.get(url)).content for url in urls]
    assert len({*pictures}) == len(pictures) == 3
    assert told["takes"][2]["output"][0]["sha256"] == result["output"][0]["sha256"]


# --- in the library


async def test_library_tells_how_good_a_generation_is(idle):
    job_id = await judged_job(idle)
    told = (await idle.client.get(f"/library/{job_id}")).json()
    assert (told["passed"], told["score"], told["take"], told["takes"]) == (False, 0.24, 2, 3)
    assert [one["filename"] for one in told["output"]] == ["2.png"]


async def test_generation_that_nobody_judged_has_no_score(served):
    job_id = (await served.done())["id"]
    told = (await served.client.get(f"/library/{job_id}")).json()
    assert (told["passed"], told["score"], told["take"], told["takes"]) == (None, None, 1, 1)


async def test_generations_are_found_by_how_good_they_are(idle):
    store = idle.service.queue.store
    bad, unjudged = await judged_job(idle), await idle.job(picture_graph(2))
    fine = (await idle.client.post("/generate", json={"input": {"workflow_json": picture_graph(3), **ASKED}})).json()
    await done(store, unjudged)
    await end(store, fine["id"], [take(fine["id"], 1, passed=True, score=0.5)])

    async def found(**asked):
        answer = await idle.client.get("/library", params=asked)
        return {one["generation_id"] for one in answer.json()["generations"]}

    assert await found(passed=True) == {fine["id"]}
    assert await found(passed=False) == {bad}
    assert await found(min_score=0.24) == {bad, fine["id"]}
    assert await found(min_score=0.25) == {fine["id"]}
    assert await found() == {bad, unjudged, fine["id"]}


@pytest.mark.parametrize("asked", [{"min_score": 2}, {"min_score": "nan"}, {"passed": "maybe"}])
async def test_condition_that_means_nothing_is_refused(idle, asked):
    assert (await idle.client.get("/library", params=asked)).status_code == 422


async def test_repetition_is_of_the_take_that_was_chosen_and_nobody_judges_it(idle):
    body = {"prompt": "a fox", "workflow": "sd15", **SMALL, "seed": 1, "auto_retry": True}
    job_id = (await idle.client.post("/generate", json={**body, "retry_strategy": "seed_search"})).json()["id"]
    await judged(idle.service.queue.store, job_id)
    again = await idle.client.post(f"/library/{job_id}/rerun")
    assert again.status_code == 202, again.text
    request = await idle.service.queue.store.request(again.json()["id"])
    assert request.quality is None
    assert request.workflow != (await idle.service.queue.store.request(job_id)).workflow
    await done(idle.service.queue.store, again.json()["id"])
    told = (await idle.client.get(f"/library/{job_id}/diff/{again.json()['id']}")).json()
    assert not [one for one in told["differences"] if one["field"].startswith("nodes")]
