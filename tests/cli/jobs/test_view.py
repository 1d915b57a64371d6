from __future__ import annotations

from comfy_gen.cli.jobs.view import PATIENCE, JobView, advice
from comfy_gen.engines.durations import Estimate
from comfy_gen.jobs.job import Event, Job, JobFailure, JobId, JobState
from comfy_gen.validation.takes import summary

ID = JobId("3f2a91c0-0000-4000-8000-000000000000")


def a_view(**facts):
    return JobView(Job(**{"job_id": ID, "state": JobState.QUEUED, "title": "a fox", **facts}))


def state(name, at=1.0, **data):
    return Event(ID, 1, at, "state", {"state": name, "attempt": 1, **data})


def progress(**data):
    return Event(ID, 2, 1.0, "progress", {"attempt": 1, **data})


def test_bar_follows_the_engine_and_is_full_once_it_is_done():
    view = a_view()
    shares = []
    for event in (
        state("preprocessing"),
        state("generating", engine="gpu-1"),
        progress(progress=0.25, class_type="KSampler", step=5, steps=20),
        state("postprocessing"),
        state("completed"),
    ):
        view.feed(event)
        shares.append(view.share)
    assert shares == [0.0, 0.0, 0.25, 1.0, 1.0]


def test_what_the_engine_does_is_told():
    view = a_view(state=JobState.GENERATING)
    view.feed(progress(progress=0.5, node_id="5", class_type="KSampler", step=5, steps=20))
    assert view.detail == "KSampler 5/20"
    view.feed(progress(node_id="7"))
    assert view.detail == "7"
    view.feed(progress(ahead=2))
    assert view.detail == "2 ahead on the engine"
    assert view.fraction == 0.5


def test_states_and_notes_are_news_and_progress_is_not():
    view = a_view()
    assert view.feed(state("generating", engine="gpu-1"))
    assert view.line() == "generating on gpu-1"
    assert not view.feed(progress(progress=0.5))
    assert view.feed(Event(ID, 3, 1.0, "note", {"text": "it is to be cancelled"}))
    assert view.line() == "generating on gpu-1: it is to be cancelled"


def test_job_that_waits_again_begins_anew_and_says_why():
    view = a_view(state=JobState.GENERATING, engine="gpu-1", progress=0.7)
    view.eta = Estimate(1.0, 2.0, 3)
    view.feed(state("queued", at=9.0, failure={"message": "gpu-1 lost it"}))
    assert (view.share, view.engine, view.queued, view.eta) == (0.0, "", 9.0, None)
    assert view.line() == "queued again: gpu-1 lost it"


def test_held_is_known_from_the_events():
    view = a_view()
    view.feed(Event(ID, 1, 1.0, "note", {"text": "held"}))
    assert view.is_held
    view.feed(Event(ID, 2, 1.0, "note", {"text": "released"}))
    assert not view.is_held


def test_failure_of_a_job_that_had_failed_before_is_told():
    assert a_view(state=JobState.FAILED, failure=JobFailure("x", "no room")).line() == "failed: no room"
    assert a_view(failure=JobFailure("x", "tried again")).line() == "queued"


def test_nothing_is_advised_while_jobs_move():
    waiting = a_view(queued=0.0)
    waiting.position = 1
    late = PATIENCE + 1
    assert advice([waiting], is_idle=False, is_paused=False, now=late) == ""
    assert advice([waiting], is_idle=True, is_paused=False, now=PATIENCE - 1) == ""
    assert advice([a_view(state=JobState.COMPLETED)], is_idle=True, is_paused=True, now=late) == ""
    assert advice([a_view(is_held=True)], is_idle=True, is_paused=True, now=late) == ""


def test_missing_worker_and_paused_queue_are_noticed():
    waiting = a_view(queued=0.0)
    waiting.position = 1
    assert "comfygen worker" in advice([waiting], is_idle=True, is_paused=False, now=PATIENCE + 1)
    assert "jobs resume --queue" in advice([waiting], is_idle=True, is_paused=True, now=0.0)


TAKE = {"number": 1, "passed": False, "score": 0.21, "reason": "too dark"}
QUALITY = {"passed": False, "score": 0.21, "reason": "too dark", "take": 1, "takes": 2}


def test_take_that_did_not_pass_is_no_failure_and_says_why_another_follows():
    view = a_view(state=JobState.GENERATING)
    view.feed(state("queued", take=TAKE))
    assert view.line() == "queued for another take: take 1: too dark"
    view.feed(state("generating", engine="gpu-1", attempt=2))
    assert (view.line(), view.found) == ("generating on gpu-1", "take 1: too dark")
    assert view.failure == ""


def test_candidate_that_passed_is_followed_by_the_next():
    view = a_view(state=JobState.GENERATING)
    view.feed(state("queued", take={**TAKE, "passed": True, "reason": ""}))
    assert view.line() == "queued for another take: take 1: passed, with a similarity to the prompt of 0.210"


def test_job_that_has_yet_to_be_made_has_no_take():
    assert a_view(quality=summary([])).line() == "queued"


def test_engine_that_fails_after_a_take_is_what_is_told():
    view = a_view(quality=QUALITY, attempt=2)
    assert view.found == "take 1: too dark"
    view.feed(state("queued", failure={"message": "gpu-1 lost it"}))
    assert view.line() == "queued again: gpu-1 lost it"


def test_job_is_done_though_its_pictures_did_not_pass():
    view = a_view(state=JobState.POSTPROCESSING)
    view.feed(state("completed", take=TAKE, quality=QUALITY))
    assert (view.state, view.found) == (JobState.COMPLETED, "")
    assert view.line() == "completed: the pictures did not pass, take 1 is the best of 2: too dark"


def test_pictures_that_passed_are_nothing_to_talk_of():
    view = a_view()
    view.feed(state("completed", take={**TAKE, "passed": True}, quality={**QUALITY, "passed": True, "reason": ""}))
    assert (view.shortfall, view.line()) == ("", "completed")


def test_pictures_that_nobody_could_judge_are_told_of():
    found = {"passed": None, "score": None, "reason": "no weights", "take": 1, "takes": 1}
    assert a_view(state=JobState.COMPLETED, quality=found).shortfall == "the pictures could not be judged: no weights"
    assert a_view(state=JobState.FAILED, quality=found).shortfall == ""
