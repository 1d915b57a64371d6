"""What engines say of running jobs reaches who listens, in its order; of each job is kept where it is."""

from __future__ import annotations

import pytest

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Job, JobState
from comfy_gen.jobs.records import Finish
from comfy_gen.jobs.relay import Accepted, Begun, Left, Over, Relay, Said

JOB = Job(JobId("a"), JobState.PREPROCESSING)
DONE = Finish(JobState.COMPLETED)
START = {"type": "execution_start", "data": {}}
NODE = {"type": "executing", "data": {"node": "3"}}


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def heard(relay):
    """All that is heard."""
    heard = []
    relay.listen(heard.append)
    return heard


def test_way_of_a_job_is_passed_on_as_it_goes(relay, heard):
    relay.accept([JOB])
    with relay.following(JOB, {}):
        relay.say(JOB.job_id, START)
        relay.end(JOB.job_id, DONE)
    assert [type(one) for one in heard] == [Accepted, Begun, Said, Over]
    assert heard[2].frame is START
    assert heard[3].finish is DONE


def test_attempt_that_ends_while_its_job_does_not_is_left(relay, heard):
    with relay.following(JOB, {}):
        pass
    assert [type(one) for one in heard] == [Begun, Left]
    assert relay.running == {}


def test_attempt_that_breaks_off_is_left_too(relay, heard):
    with pytest.raises(KeyError), relay.following(JOB, {}):
        raise KeyError
    assert isinstance(heard[-1], Left)


def test_newer_attempt_is_not_taken_for_the_one_that_ends(relay):
    with relay.following(JOB, {}):
        with relay.following(JOB, {}):
            newer = relay.running[JOB.job_id]
        assert relay.running == {}
    with relay.following(JOB, {}):
        assert relay.running[JOB.job_id] is not newer


def test_where_a_job_is_is_known_though_nobody_listens(relay):
    with relay.following(JOB, {}):
        for frame in (START, b"picture", {"type": "executing", "data": None}, NODE):
            relay.say(JOB.job_id, frame)
        assert (relay.running[JOB.job_id].has_started, relay.running[JOB.job_id].node) == (True, "3")


def test_who_listens_finds_the_job_as_it_was_before(relay):
    nodes = []
    relay.listen(lambda passed: nodes.append(passed.running.node) if isinstance(passed, Said) else None)
    with relay.following(JOB, {}):
        relay.say(JOB.job_id, NODE)
        relay.say(JOB.job_id, NODE)
    assert nodes == [None, "3"]


def test_what_comes_after_the_end_is_not_passed_on(relay, heard):
    relay.say(JOB.job_id, START)
    relay.end(JOB.job_id, DONE)
    assert heard == []


def test_who_says_twice_that_they_listen_hears_once(relay, heard):
    relay.listen(heard.append)
    relay.accept([JOB])
    assert len(heard) == 1


def test_who_listens_no_more_hears_nothing(relay, heard):
    relay.ignore(heard.append)
    relay.ignore(heard.append)
    relay.accept([JOB])
    assert heard == []
