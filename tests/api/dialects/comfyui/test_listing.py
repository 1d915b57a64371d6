from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.api.dialects.comfyui.listing import InvalidQueryError, detail_of, item_of, search_of
from comfy_gen.jobs.dossier import MOST, Search
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.job import ACTIVE, JobState
from tests.api.dialects.comfyui.dossiers import JOB, artifact, dossier, file, history


def shown(outputs: dict[str, Any]) -> dict[str, Any]:
    """Return the item of a job that gave this."""
    kept = [
        artifact(one["filename"], node_id)
        for node_id, output in outputs.items()
        for items in output.values()
        if isinstance(items, list)
        for one in items
        if isinstance(one, dict)
    ]
    return item_of(dossier(said=history(outputs), artifacts=kept))


def test_query_says_what_is_looked_for():
    assert search_of({}) == Search()
    query = {"status": "pending, IN_PROGRESS", "workflow_id": "w", "sort_by": "execution_duration", "sort_order": "asc"}
    assert search_of({**query, "limit": "5", "offset": "-3"}) == Search(
        ACTIVE | {JobState.QUEUED}, {"workflow_id": "w"}, "duration", is_ascending=True, offset=0, limit=5
    )
    assert search_of({"limit": "1000000"}).limit == MOST


@pytest.mark.parametrize(
    "query", [{"status": "done"}, {"sort_by": "x"}, {"sort_order": "x"}, {"limit": "0"}, {"limit": "x"}]
)
def test_query_that_cannot_be_is_an_error(query):
    with pytest.raises(InvalidQueryError):
        search_of(query)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (JobState.QUEUED, "pending"),
        (JobState.POSTPROCESSING, "in_progress"),
        (JobState.PARTIAL, "completed"),
        (JobState.FAILED, "failed"),
        (JobState.CANCELLED, "cancelled"),
    ],
)
def test_states_are_told_in_a_comfyuis_words(state, word):
    assert item_of(dossier(state))["status"] == word
    assert item_of(dossier(state), is_waiting=True)["status"] == ("pending" if word == "in_progress" else word)


def test_item_leaves_out_what_is_not_known():
    assert item_of(dossier(JobState.QUEUED)) == {
        "id": JOB,
        "status": "pending",
        "priority": 7,
        "create_time": 1000,
        "outputs_count": 0,
        "previewable_outputs_count": 0,
    }


def test_item_tells_when_it_ran_and_why_it_failed():
    item = item_of(dossier(JobState.FAILED, failure=JobFailure("internal", "no")))
    assert (item["execution_start_time"], item["execution_end_time"]) == (2000, 3000)
    assert item["execution_error"]["exception_message"] == "no"


def test_saved_picture_is_shown_before_one_that_was_only_shown_and_before_texts():
    outputs = {
        "1": {"text": ["a fox"], "images": [file("notes.txt")]},
        "2": {"images": [file("temp.png", type="temp")], "animated": [False]},
        "3": {"images": [file("saved.png")], "latents": [file("a.latent"), None]},
    }
    item = shown(outputs)
    assert (item["outputs_count"], item["previewable_outputs_count"]) == (4, 3)
    preview = item["preview_output"]
    assert (preview["filename"], preview["nodeId"], preview["mediaType"]) == ("saved.png", "3", "images")
    del outputs["3"]
    assert shown(outputs)["preview_output"]["filename"] == "temp.png"
    del outputs["2"]
    assert shown(outputs)["preview_output"]["filename"] == "notes.txt"


def test_kinds_that_are_shown_are_known_by_their_media_type_or_suffix():
    outputs = {"2": {"gifs": [file("a.mp4", format="video/h264-mp4")], "result": [file("a.glb"), file("a.bin")]}}
    item = shown(outputs)
    assert (item["outputs_count"], item["previewable_outputs_count"]) == (3, 2)


def test_text_is_shown_where_there_is_nothing_else_and_cut():
    item = shown({"2": {"text": ["x" * 2000]}})
    assert item["outputs_count"] == 0
    preview = item["preview_output"]
    assert (len(preview["content"]), preview["truncated"], preview["mediaType"]) == (1024, True, "text")
    assert "truncated" not in shown({"2": {"text": ["x"]}})["preview_output"]


def test_detail_of_what_goes_on_has_no_outputs():
    assert "outputs" not in detail_of(dossier(JobState.QUEUED))
    whole = detail_of(dossier(said=history({"2": {"images": [file()]}}), artifacts=[artifact()]))
    assert list(whole["outputs"]) == ["2"]
    assert whole["execution_status"]["completed"] is True
    assert whole["workflow"].keys() == {"prompt", "extra_data"}
