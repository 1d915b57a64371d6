from __future__ import annotations

from comfy_gen.batch.backlog import FAR, Backlog
from comfy_gen.batch.job import Job


def job(name, priority=0):
    return Job(name, b"", priority=priority)


def filled(*jobs):
    backlog = Backlog()
    for one in jobs:
        backlog.add(one)
    return backlog


def take(backlog, now=0.0, accepts=lambda _: True):
    taken = backlog.take(now, accepts)
    return taken and taken.job_id


def test_highest_priority_comes_first_and_equals_in_their_order():
    backlog = filled(job("a"), job("b", 1), job("c"), job("d", 1))
    assert [take(backlog) for _ in range(5)] == ["b", "d", "a", "c", None]


def test_job_that_comes_back_gets_its_old_place():
    first, *others = job("a"), job("b"), job("c")
    backlog = filled(first, *others)
    take(backlog)
    backlog.add(first)
    assert take(backlog) == "a"


def test_job_waits_for_its_time():
    backlog = filled(job("a"))
    backlog.add(job("later"), not_before=5.0)
    assert (take(backlog, 4.9), take(backlog, 4.9)) == ("a", None)
    assert (backlog.next_moment(), len(backlog)) == (5.0, 1)
    assert (take(backlog, 5.0), backlog.next_moment()) == ("later", None)


def test_removed_job_does_not_come():
    gone = job("a")
    backlog = filled(gone, job("b"))
    assert (backlog.remove(gone), backlog.remove(gone), len(backlog)) == (True, False, 1)
    assert (take(backlog), take(backlog)) == ("b", None)


def test_removed_job_is_not_waited_for():
    backlog, gone = Backlog(), job("a")
    backlog.add(gone, not_before=5.0)
    backlog.remove(gone)
    assert take(backlog, 1.0) is None
    assert backlog.next_moment() is None


def test_job_that_came_back_is_there_once():
    one = job("a")
    backlog = filled(one)
    backlog.remove(one)
    backlog.add(one)
    assert [take(backlog), take(backlog)] == ["a", None]


def test_job_that_is_not_accepted_keeps_its_place():
    backlog = filled(job("a"), job("b"))
    assert take(backlog, accepts=lambda one: one.job_id == "b") == "b"
    assert take(backlog) == "a"


def test_search_ends_somewhere():
    backlog = filled(*(job(str(number)) for number in range(FAR + 1)))
    assert take(backlog, accepts=lambda one: one.job_id == str(FAR)) is None
    assert len(backlog) == FAR + 1


def test_drained_backlog_is_empty_and_can_be_filled_again():
    backlog = filled(job("a"), job("b"))
    assert [one.job_id for one in backlog.drain()] == ["a", "b"]
    assert (len(backlog), take(backlog)) == (0, None)
    backlog.add(job("c"))
    assert take(backlog) == "c"


def test_place_of_an_ended_job_is_forgotten():
    old = job("a")
    backlog = filled(old, job("b"))
    take(backlog)
    backlog.forget(old)
    backlog.add(job("a"))
    assert [take(backlog), take(backlog)] == ["b", "a"]
