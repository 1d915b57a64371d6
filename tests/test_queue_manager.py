"""The queue of the documentation, from a thread without a loop, against sandboxes."""

from __future__ import annotations

import inspect
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest

from comfy_gen.batch.queue import AsyncQueueManager
from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.errors import (
    DuplicateJobError,
    EngineUnreachableError,
    ExecutionFailedError,
    InvalidParameterError,
    PromptRejectedError,
)
from comfy_gen.queue_manager import JobStatus, QueueManager, QueueOptions
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.faults import Fault
from comfy_gen.workflow_manager import WorkflowManager
from tests.background import BackgroundSandbox

QUICK = QueueOptions(retry_delay=0.01, rest=0.01, patience=0.3, look_every=0.05, grace=0.1)


def graph(color=1) -> Any:
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": color}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


@pytest.fixture
def running():
    """Set once the first engine works on something."""
    return threading.Event()


@pytest.fixture
def bench(running):
    """Start as many engines as there are lists of faults, and return them with a queue over all."""
    with ExitStack() as stack:

        def start(*faults, **given):
            sandboxes = [stack.enter_context(BackgroundSandbox(SandboxOptions(faults=tuple(some)))) for some in faults]
            clients = [stack.enter_context(ComfyUIClient(url=one.url)) for one in sandboxes]
            clients[0].on("executing", lambda _: running.set())
            queue = QueueManager(clients, **{"options": QUICK, **given})
            stack.callback(queue.stop, wait=False)
            return queue, [one.sandbox for one in sandboxes]

        yield start


def finish(queue):
    queue.start()
    assert queue.wait_for_completion(20)
    queue.stop()


# --- as documented


def test_documented_example_runs(background_sandbox, capsys):
    """Mission document 2, "Batch Processing"."""
    with ComfyUIClient(url=background_sandbox.url) as client:
        workflow_mgr = WorkflowManager()
        queue_mgr = QueueManager(client, max_concurrent=3, retry_on_failure=True, max_retries=3)
        queue_mgr.on("job_completed", lambda job: print(f"✓ {job.job_id}"))  # noqa: T201
        queue_mgr.on("job_failed", lambda job: print(f"✗ {job.job_id}: {job.error}"))  # noqa: T201
        workflow = graph()
        for i in range(10):
            modified = workflow.copy()
            workflow_mgr.update_node_input(modified, "1", "color", 12345 + i)
            queue_mgr.add_job(f"job_{i}", modified)
        queue_mgr.start()
        queue_mgr.wait_for_completion()
        queue_mgr.stop()
        stats = queue_mgr.get_statistics()
        assert (stats["completed"], stats["failed"]) == (10, 0)
        assert sorted(capsys.readouterr().out.split()) == sorted(["✓"] * 10 + [f"job_{i}" for i in range(10)])
        colors = [job.workflow["1"]["inputs"]["color"] for job in queue_mgr.get_all_jobs()]
        assert colors == [12345 + i for i in range(10)]


def test_methods_are_those_of_the_asynchronous_queue():
    def methods(kind):
        return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}

    assert methods(AsyncQueueManager) - methods(QueueManager) == {"add"}  # takes a job that is packed already
    for name in methods(QueueManager):
        one, other = getattr(QueueManager, name), getattr(AsyncQueueManager, name)
        if inspect.isfunction(one):
            assert list(inspect.signature(one).parameters) == list(inspect.signature(other).parameters), name


def test_job_tells_what_became_of_it(bench):
    queue, (engine,) = bench([])
    job = queue.add_job("a", graph(), {"for": "me"})
    assert (job.status, job.result, job.started) == ("queued", None, None)
    finish(queue)
    assert queue.get_job("a") is job
    assert queue.get_job_status("a") is JobStatus.COMPLETED
    assert (job.metadata, job.attempts, job.error, job.engine) == ({"for": "me"}, 1, None, engine.url)
    assert job.history["outputs"]["2"]["images"][0]["filename"].startswith("x")
    assert job.result["status"]["completed"] is True
    assert job.started <= job.ended


def test_job_that_is_not_there_is_none(bench):
    queue, _ = bench([])
    assert (queue.get_job("x"), queue.get_job_status("x"), queue.cancel_job("x")) == (None, None, False)


def test_list_is_numbered_past_the_names_in_use(bench):
    queue, _ = bench([])
    queue.add_job("job_1", graph())
    assert [job.job_id for job in queue.add_jobs_from_list([graph(), graph()])] == ["job_0", "job_2"]
    assert len(queue.get_jobs_by_status("queued")) == 3


def test_bad_list_adds_nothing(bench):
    queue, _ = bench([])
    with pytest.raises(InvalidParameterError):
        queue.add_jobs_from_list([graph(), {"1": {"inputs": {"x": object()}}}])
    assert queue.get_all_jobs() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda queue: queue.add_job("a", graph()), "there is a job 'a' already"),
        (lambda queue: queue.add_job("b", []), "the workflow of job b"),
        (lambda queue: queue.get_jobs_by_status("compleat"), "compleat"),
        (lambda queue: queue.on("job_complete", print), "job_complete"),
        (lambda queue: queue.start(0), "num_workers"),
    ],
)
def test_wrong_arguments_are_refused(bench, wrong, said):
    queue, _ = bench([])
    queue.add_job("a", graph())
    with pytest.raises((DuplicateJobError, InvalidParameterError), match=said):
        wrong(queue)


@pytest.mark.parametrize("given", [{"max_concurrent": 0}, {"max_retries": -1}])
def test_numbers_that_cannot_work_are_refused(bench, given):
    with pytest.raises(InvalidParameterError):
        bench([], **given)


def test_queue_without_a_client_is_refused():
    with pytest.raises(InvalidParameterError):
        QueueManager([])


# --- order


def test_highest_priority_goes_first_and_equals_in_their_order(bench):
    queue, _ = bench([], max_concurrent=1)
    started = []
    queue.on("job_started", lambda job: started.append(job.job_id))
    for name, priority in (("a", 0), ("b", 0), ("c", 5), ("d", -1)):
        queue.add_job(name, graph(), priority=priority)
    finish(queue)
    assert started == ["c", "a", "b", "d"]


def test_no_engine_has_more_at_a_time_than_allowed(bench):
    queue, _ = bench([], [], max_concurrent=9)
    seen = []
    queue.on("job_started", lambda _: seen.append(queue.get_statistics()))
    queue.add_jobs_from_list([graph(i) for i in range(20)])
    queue.start(num_workers=2)
    assert queue.wait_for_completion(20)
    assert max(engine["running"] for statistics in seen for engine in statistics["engines"].values()) <= 2
    assert all(engine["completed"] for engine in queue.get_statistics()["engines"].values())


# --- trouble


def test_engines_fault_is_tried_again(bench):
    queue, _ = bench([Fault("gpu_error", times=2)])
    retried = []
    queue.on("job_retried", lambda job: retried.append(job.attempts))
    job = queue.add_job("a", graph())
    finish(queue)
    assert (job.status, job.attempts, retried) == ("completed", 3, [2, 3])
    assert queue.get_statistics()["retries"] == 2


def test_retries_come_to_an_end(bench):
    queue, _ = bench([Fault("out_of_memory", times=None)], max_retries=2)
    job = queue.add_job("a", graph())
    finish(queue)
    assert (job.status, job.attempts) == ("failed", 3)
    assert isinstance(job.error, ExecutionFailedError)
    assert job.error.code == "out_of_memory"


def test_nothing_is_tried_again_without_leave(bench):
    queue, _ = bench([Fault("gpu_error")], retry_on_failure=False)
    job = queue.add_job("a", graph())
    finish(queue)
    assert (job.status, job.attempts) == ("failed", 1)


def test_refused_workflow_fails_at_once_with_all_problems_and_stalls_nobody(bench):
    queue, _ = bench([])
    bad = graph()
    bad["1"]["inputs"] |= {"width": "wide", "height": 10**6}
    failed = queue.add_job("bad", bad)
    others = queue.add_jobs_from_list([graph(i) for i in range(5)])
    finish(queue)
    assert (failed.status, failed.attempts) == ("failed", 1)
    assert isinstance(failed.error, PromptRejectedError)
    assert len(failed.error.problems) == 2
    assert {job.status for job in others} == {JobStatus.COMPLETED}


def test_dead_engine_stalls_nobody_and_its_jobs_go_to_the_others(bench):
    queue, (dying, other) = bench([Fault("die", nth=3)], [])
    ended = []
    queue.on("job_completed", lambda job: ended.append(job.job_id))
    jobs = queue.add_jobs_from_list([graph(i) for i in range(40)])
    finish(queue)
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert sorted(ended) == sorted(job.job_id for job in jobs)
    assert (dying.is_running, other.is_running) == (False, True)
    assert queue.get_statistics()["engines"][dying.url]["state"] == "resting"


def test_engine_that_comes_back_gets_jobs_again(bench):
    queue, (engine,) = bench([Fault("die", nth=2, seconds=0.2)], options=replace(QUICK, patience=20))
    jobs = queue.add_jobs_from_list([graph(i) for i in range(8)])
    finish(queue)
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert queue.get_statistics()["engines"][engine.url]["state"] == "up"


def test_jobs_fail_when_no_engine_is_left_for_long(bench):
    queue, (engine,) = bench([Fault("die")])
    jobs = queue.add_jobs_from_list([graph(i) for i in range(5)])
    finish(queue)
    assert {job.status for job in jobs} == {JobStatus.FAILED}
    assert isinstance(jobs[-1].error, EngineUnreachableError)
    assert engine.url in str(jobs[-1].error)


def test_forgotten_job_is_run_again(bench):
    queue, _ = bench([Fault("forget", nth=2)])
    jobs = queue.add_jobs_from_list([graph(i) for i in range(6)])
    finish(queue)
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}


def test_job_that_takes_too_long_goes_to_another_engine(bench):
    queue, (hanging, other) = bench([Fault("hang")], [], timeout=2.0, max_concurrent=1)
    jobs = queue.add_jobs_from_list([graph(i) for i in range(4)])
    finish(queue)
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    assert queue.left_behind[0][0] == hanging.url
    assert other.prompts_executed >= 4  # on a busy machine one of these may be slow too, and is then run again


# --- callbacks


def test_what_a_callback_raises_harms_nobody(bench, caplog):
    queue, _ = bench([])
    told = []
    queue.on("job_completed", lambda _: 1 / 0)
    queue.on("job_completed", lambda job: told.append(job.job_id))
    queue.on("queue_empty", lambda: told.append("empty"))
    queue.on("queue_empty", lambda statistics: told.append(statistics["completed"]))
    queue.add_job("a", graph())
    finish(queue)
    assert told == ["a", "empty", 1]
    assert "a callback for job_completed raised" in caplog.text


def test_callback_may_use_the_queue(bench):
    queue, _ = bench([])

    def add_another(job):
        if job.job_id == "a":
            queue.add_job("b", graph(2))
            queue.wait_for_completion(0)

    queue.on("job_started", add_another)
    queue.add_job("a", graph())
    finish(queue)
    assert queue.wait_for_completion(20)
    assert queue.get_job_status("b") in {"completed", "queued"}  # it may have come after the stop


# --- pause, cancel, stop


def test_paused_queue_begins_nothing_until_it_is_resumed(bench):
    queue, (engine,) = bench([])
    queue.start()
    queue.pause()
    job = queue.add_job("a", graph())
    assert not queue.wait_for_completion(0.1)
    assert (job.status, queue.is_paused, engine.prompts_received) == ("queued", True, 0)
    queue.resume()
    assert queue.wait_for_completion(20)


def test_waiting_job_is_cancelled_and_never_sent(bench):
    queue, (engine,) = bench([])
    told = []
    queue.on("job_cancelled", lambda job: told.append(job.job_id))
    queue.add_jobs_from_list([graph(1), graph(2)])
    assert queue.cancel_job("job_0")
    assert not queue.cancel_job("job_0")
    finish(queue)
    assert (told, engine.prompts_received) == (["job_0"], 1)
    assert queue.get_statistics()["cancelled"] == 1


def test_running_job_is_cancelled_on_its_engine_and_nobody_elses(bench, running):
    queue, (engine,) = bench([Fault("slow", seconds=60)], max_concurrent=1)
    job = queue.add_job("a", graph())
    queue.start()
    assert running.wait(5)
    with ComfyUIClient(url=engine.url) as stranger:
        theirs = stranger.submit(graph(2))
        assert queue.cancel_job("a")
        assert theirs.result(10).error is None
    assert job.status is JobStatus.CANCELLED
    assert queue.left_behind == []


def test_stop_lets_running_jobs_end_and_others_wait(bench, running):
    queue, _ = bench([], max_concurrent=1)
    queue.add_jobs_from_list([graph(i) for i in range(50)])
    queue.start()
    assert running.wait(5)
    queue.stop(wait=True)
    statistics = queue.get_statistics()
    assert statistics["running"] == 0
    assert statistics["completed"] + statistics["queued"] == 50
    assert not queue.is_processing
    finish(queue)
    assert queue.get_statistics()["completed"] == 50


def test_stop_without_waiting_takes_running_jobs_back(bench, running):
    queue, (engine,) = bench([Fault("slow", seconds=60)])
    job = queue.add_job("a", graph())
    queue.start()
    assert running.wait(5)
    queue.stop(wait=False)
    assert (job.status, job.attempts) == ("queued", 0)
    with ComfyUIClient(url=engine.url) as client:
        assert client.get_queue_remaining() == 0
    finish(queue)
    assert job.status is JobStatus.COMPLETED


def test_waiting_for_a_queue_that_is_not_started_does_not_hang(bench):
    queue, _ = bench([])
    assert queue.wait_for_completion()
    queue.add_job("a", graph())
    assert not queue.wait_for_completion()


def test_completed_jobs_are_forgotten_and_their_names_free(bench):
    queue, _ = bench([], max_retries=0)
    bad = graph()
    bad["1"]["inputs"]["width"] = "wide"
    queue.add_job("good", graph())
    queue.add_job("bad", bad)
    finish(queue)
    assert queue.clear_completed() == 1
    assert [job.job_id for job in queue.get_all_jobs()] == ["bad"]
    assert queue.clear_completed(all_ended=True) == 1
    queue.add_job("good", graph())
    assert queue.get_statistics()["total"] == 3


def test_context_manager_stops_it(bench):
    queue, _ = bench([])
    with queue:
        queue.add_job("a", graph())
        queue.start()
        queue.wait_for_completion(20)
    assert not queue.is_processing
