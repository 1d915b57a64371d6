from __future__ import annotations

from comfy_gen.api.dialects.comfyui.entries import entry_of, item_of, messages_of
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import JobState
from tests.api.dialects.comfyui.dossiers import GRAPH, JOB, artifact, dossier, file, history

NAMED = {"comfyui": {"client_id": "mine", "names": {"1": {"image": "cat.png"}}}}
STARTED = ("execution_start", {"timestamp": 1})


def names(found):
    return [name for name, _ in messages_of(found)]


def test_item_has_what_was_sent_without_secrets():
    extra = {"extra_pnginfo": {}, "sealed": "x", "api_key_comfy_org": "x"}
    item = item_of(dossier(JobState.QUEUED, metadata=NAMED, extra_data=extra, targets=("2",)), 4)
    sent = {**GRAPH, "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}}}
    assert item == (4, JOB, sent, {"extra_pnginfo": {}, "client_id": "mine", "create_time": 1000}, ["2"])


def test_job_of_another_face_has_the_outputs_that_gave_something():
    assert item_of(dossier(artifacts=[artifact(), artifact("b.png")]), 4)[4] == ["2"]


def test_entry_of_a_job_that_went_well():
    said = history({"2": {"images": [file()]}})
    entry = entry_of(dossier(said=said, artifacts=[artifact()], targets=("2",)), 7)
    assert entry["prompt"][:2] == (7, JOB)
    assert list(entry["outputs"]) == ["2"]
    assert entry["meta"] == {"2": {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}}
    assert entry["status"] == {
        "status_str": "success",
        "completed": True,
        "messages": [
            ["execution_start", {"timestamp": 1, "prompt_id": JOB}],
            ["execution_success", {"timestamp": 2, "prompt_id": JOB}],
        ],
    }


def test_last_word_is_made_up_where_none_was_heard():
    assert names(dossier()) == ["execution_start", "execution_success"]
    assert names(dossier(JobState.CANCELLED, said=history(None, STARTED))) == [
        "execution_start",
        "execution_interrupted",
    ]
    failure = JobFailure("engine_lost", "it is gone", "start it", {"node_id": "3"})
    (_, (name, error)) = messages_of(dossier(JobState.FAILED, failure=failure))
    assert (name, error["exception_type"], error["node_id"]) == ("execution_error", "engine_lost", "3")
    assert (error["timestamp"], error["prompt_id"]) == (3000, JOB)


def test_word_that_is_not_true_of_the_job_is_not_told():
    """An engine may have made pictures that were withheld, or could not be kept."""
    found = dossier(JobState.FAILED, said=history(), failure=JobFailure("picture_withheld", "no"))
    assert names(found) == ["execution_start", "execution_error"]
    assert entry_of(found, 1)["status"]["completed"] is False


def test_job_that_no_engine_got_never_started():
    assert names(dossier(JobState.FAILED, started=None)) == ["execution_error"]
