"""The synchronous twin: the same names, the same arguments, no loop of the caller's."""

from __future__ import annotations

import gc
import inspect
import threading

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient, ComfyUIClient, Ending
from comfy_gen.comfyui.tracker import Outcome
from comfy_gen.errors import PromptRejectedError

ONLY_ASYNC = {"http"}
ONLY_SYNC = {"aio", "loop"}


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


def test_both_clients_have_the_same_names():
    assert public(AsyncComfyUIClient) - ONLY_ASYNC == public(ComfyUIClient) - ONLY_SYNC


@pytest.mark.parametrize("name", sorted(public(AsyncComfyUIClient) - {"submit", "url", "is_connected"}))
def test_methods_take_the_same_arguments(name):
    theirs, ours = getattr(AsyncComfyUIClient, name), getattr(ComfyUIClient, name)
    assert list(inspect.signature(theirs).parameters) == list(inspect.signature(ours).parameters)
    assert inspect.getdoc(ours)


@pytest.fixture
def client(background_sandbox):
    with ComfyUIClient(url=background_sandbox.url) as client:
        yield client


def test_workflow_runs_and_its_picture_arrives(client, painting, tmp_path):
    outcome = client.run_workflow(painting(), timeout=10)
    path = client.download(outcome.files[0], tmp_path / "a.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert b"".join(client.stream_file(outcome.files[0])) == path.read_bytes()
    assert client.is_connected


def test_events_come_one_by_one(client, painting):
    run = client.submit(painting())
    events = list(run.events())
    assert isinstance(events[-1], Outcome)
    assert run.outcome is events[-1]
    assert run.result(1) is run.outcome


def test_documented_pair_queues_and_waits(client, painting):
    prompt_id = client.queue_prompt(painting())["prompt_id"]
    assert client.wait_for_completion(prompt_id)["status"]["completed"] is True
    assert client.attach(prompt_id).result(10).ending is Ending.SUCCESS


def test_errors_are_raised_in_the_caller(client):
    with pytest.raises(PromptRejectedError):
        client.submit({"1": {"class_type": "SaveImage", "inputs": {}}})


def test_callbacks_may_use_the_client(client, painting):
    seen = threading.Event()
    lengths = []

    def look(_):
        lengths.append(client.get_queue_remaining())
        seen.set()

    client.on("execution_start", look)
    client.run_workflow(painting(), timeout=10)
    assert seen.wait(10)
    assert lengths


def test_failing_callback_is_logged(client, painting, caplog):
    def fail(_):
        raise ZeroDivisionError

    done = threading.Event()
    client.on("execution_start", fail)
    client.on("execution_start", lambda _: done.set())  # they run one after the other: by then the first is told of
    client.run_workflow(painting(), timeout=10)
    assert done.wait(10)
    assert "ZeroDivisionError" in caplog.text


def test_threads_share_one_client(client, painting):
    endings = []

    def work(seed):
        endings.append(client.run_workflow(painting(seed=seed), timeout=10).ending)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert endings == [Ending.SUCCESS] * 8


def test_closing_releases_those_who_wait(background_sandbox, painting):
    background_sandbox.sandbox.add_fault("hang")
    client = ComfyUIClient(url=background_sandbox.url)
    run = client.submit(painting())
    endings = []
    thread = threading.Thread(target=lambda: endings.append(run.result().ending))
    thread.start()
    client.close()
    thread.join(10)
    assert endings in ([Ending.LOST], [])
    assert not thread.is_alive()


def test_run_keeps_its_client_alive(background_sandbox, painting):
    run = ComfyUIClient(url=background_sandbox.url).submit(painting(steps=20))
    gc.collect()
    assert run.result(10).ending is Ending.SUCCESS
    run._client.close()
