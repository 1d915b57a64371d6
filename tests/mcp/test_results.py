"""Jobs as tools tell them."""

from __future__ import annotations

import pytest

from comfy_gen.errors import ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.following import Followed
from comfy_gen.mcp.results import composed_of, dry_run_of, is_unknown, job_of, next_after, outputs_of

OUTPUT = {"id": "a1", "url": "http://here/a1", "filename": "x.png", "media_type": "image/png", "size": 3}
COMPOSED = {
    "recipe": {"workflow": "sdxl"},
    "recipe_id": "sha256:1",
    "categories_used": ["portrait"],
    "conflicts": [],
    "notes": ["a note"],
    "explanation": {
        "summary": "Selected portrait",
        "steps": [{"detail": "Found @portrait"}],
        "rejected": [{"what": "car", "reason": "it excludes portrait"}],
    },
}


def told(**facts):
    return job_of(Followed({"id": "6f0c", **facts}))


def test_waiting_job_tells_its_place_and_how_to_go_on():
    job = told(state="queued", position=3, eta={"median": 12.5}, progress=0)

    assert (job.status, job.position, job.eta_seconds, job.percent) == ("pending", 3, 12.5, 0)
    assert (job.next.tool, job.next.arguments) == ("wait", {"prompt_id": "6f0c"})


def test_running_job_is_the_current_one():
    assert told(state="generating", position=None).position == "current"


def test_finished_job_tells_its_files_and_no_time_to_go():
    job = told(state="completed", output=[OUTPUT], output_url="http://here/a1", eta={"median": 1})

    assert (job.status, job.url, job.eta_seconds, job.next) == ("completed", "http://here/a1", None, None)
    assert job.outputs == outputs_of([OUTPUT])
    assert job.outputs[0].resource == "comfygen://artifacts/a1"


@pytest.mark.parametrize(
    ("code", "tool"),
    [("missing_model", "list_models"), ("missing_node", "validate_workflow"), ("engine_lost", "service_status")],
)
def test_failed_job_says_why_and_what_to_look_at(code, tool):
    job = told(state="failed", error={"code": code, "message": "it broke", "hint": "mend it"})

    assert (job.error.code, job.error.hint, job.next.tool) == (code, "mend it", tool)


def test_failure_that_nothing_helps_against_leads_nowhere():
    assert next_after({"id": "6f0c", "state": "failed", "error": {"code": "invalid_input", "message": "no"}}) is None


def test_job_whose_service_is_away_is_unknown_and_not_over():
    trouble = ServiceUnreachableError("http://gone", "it is off")

    job = job_of(Followed({"id": "6f0c"}, trouble=trouble))

    assert (job.status, job.next.tool) == ("unknown", "get_progress")
    assert "it is off" in job.notes[0]


def test_updates_and_quality_are_told_where_they_are_wanted():
    updates = [{"type": "connected", "prompt_id": "6f0c", "message": "Connected"}]
    followed = Followed({"id": "6f0c", "state": "completed", "quality": {"passed": True, "score": 0.3}}, updates)

    assert job_of(followed).progress_updates is None
    assert job_of(followed, has_updates=True).progress_updates[0].type == "connected"
    assert job_of(followed).quality.score == 0.3


def test_recipe_comes_with_its_reasons():
    job = told(state="completed")

    composed = composed_of(job, COMPOSED)
    dry = dry_run_of(COMPOSED, {"input": "@portrait"})

    assert (composed.status, composed.recipe_id) == ("completed", "sha256:1")
    assert composed.explanation == "Selected portrait. Found @portrait. not taken: car (it excludes portrait)"
    assert (dry.status, dry.job_id, dry.notes, dry.next.arguments) == (
        "composed",
        "",
        ["a note"],
        {"input": "@portrait"},
    )


def test_job_is_unknown_if_its_id_is_none():
    assert is_unknown(ServiceProblemError(404, "job_not_found", "no"))
    assert is_unknown(ServiceProblemError(422, "invalid_request", "no"))
    assert not is_unknown(ServiceProblemError(409, "job_state", "no"))


def test_job_that_waits_after_a_setback_has_not_failed():
    setback = {"code": "engine_lost", "message": "the engine is gone", "hint": "run the same command again."}
    job = told(state="queued", error=setback)

    assert job.error is None
    assert job.notes == ["an attempt failed, and the job goes on by itself: the engine is gone"]
    assert job.next.tool == "wait"


def test_what_somebody_else_answers_says_nothing_of_a_job():
    assert not is_unknown(ServiceProblemError(404, "not_comfygen", "the service answered with HTTP 404"))
