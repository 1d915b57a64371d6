from __future__ import annotations

from comfy_gen.batch.backlog import Backlog
from comfy_gen.batch.job import Job
from comfy_gen.batch.schedule import Seat, gives_up_at, place
from comfy_gen.engines.health import Health

RESTING = Health(failures=1, is_doubted=True)
TRYING = Health(failures=1)


def backlog(*jobs):
    made = Backlog()
    for one in jobs:
        made.add(one)
    return made


def job(name, *avoided):
    return Job(name, b"", avoided=frozenset(avoided))


def seat(url, running=0, health=None):
    return Seat(url, health or Health(), running, 2)


def placed(jobs, *seats):
    found = place(jobs, seats, now=0.0)
    return found and (found.job.job_id, found.url)


def test_least_busy_engine_is_served_first():
    assert placed(backlog(job("a")), seat("x", 1), seat("y", 0)) == ("a", "y")


def test_healthy_engine_goes_before_one_that_is_tried():
    assert placed(backlog(job("a")), seat("x", health=TRYING), seat("y")) == ("a", "y")


def test_nothing_is_placed_where_there_is_no_room():
    jobs = backlog(job("a"))
    assert placed(jobs, seat("x", 2), seat("y", health=RESTING), seat("z", 1, TRYING)) is None
    assert len(jobs) == 1


def test_nothing_is_placed_where_nothing_waits():
    assert placed(backlog(), seat("x")) is None


def test_job_keeps_away_from_the_engine_that_failed_it():
    assert placed(backlog(job("a", "x")), seat("x"), seat("y", 1)) == ("a", "y")


def test_job_waits_for_a_busy_engine_rather_than_the_one_that_failed_it():
    jobs = backlog(job("a", "x"), job("b"))
    assert placed(jobs, seat("x"), seat("y", 2)) == ("b", "x")
    assert placed(jobs, seat("x", 1), seat("y", 2)) is None


def test_job_returns_to_the_engine_that_failed_it_where_no_other_is_up():
    assert placed(backlog(job("a", "x")), seat("x"), seat("y", health=RESTING)) == ("a", "x")
    assert placed(backlog(job("a", "x", "y")), seat("x"), seat("y", 1)) == ("a", "x")


def test_waiting_for_engines_ends_only_where_all_are_gone():
    def gone(since):
        return seat("x", health=Health(1, 0.0, is_doubted=True, gone_since=since))

    assert gives_up_at([gone(5.0), seat("y")], patience=60) is None
    assert gives_up_at([gone(5.0), gone(20.0)], patience=60) == 80.0
    assert gives_up_at([], patience=60) is None
