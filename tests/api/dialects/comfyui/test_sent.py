from __future__ import annotations

import uuid

import pytest

from comfy_gen.api.dialects.comfyui.sent import Sent, file_slots, names_in, read, with_references
from comfy_gen.workflows.checks.answers import Refused

GRAPH = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
    "2": {"class_type": "LoadImage", "inputs": {"image": "dog.png"}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "cat.png"}},
}


def sent(**body):
    found = read({"prompt": GRAPH, **body})
    assert isinstance(found, Sent)
    return found


def test_body_is_read_for_what_is_to_be_kept_with_the_job():
    extra = {"extra_pnginfo": {"workflow": {"id": "flow"}}, "client_id": "theirs"}
    found = sent(extra_data=extra, client_id="mine", front=True, prompt_id=None)
    assert found.kept == {"client_id": "mine", "workflow_id": "flow", "front": True}
    assert found.extra_data == {"extra_pnginfo": {"workflow": {"id": "flow"}}}
    assert found.job_id is None
    assert sent(extra_data=extra).client_id == "theirs"
    assert sent(client_id=7, extra_data={"extra_pnginfo": {"workflow": [1]}}).kept == {}


def test_same_prompt_is_the_same_whoevers_connection_it_came_by():
    digests = {
        sent(client_id="a", front=True).digest("ada"),
        sent(client_id="b", number=4).digest("ada"),
    }
    assert len(digests) == 1
    others = [
        sent().digest("bob"),
        sent(partial_execution_targets=["3"]).digest("ada"),
        sent(extra_data={"a": 1}).digest("ada"),
    ]
    assert len({*digests, *others}) == 4


def test_any_uuid_in_its_usual_form_may_be_an_id():
    for mine in (uuid.uuid1(), uuid.uuid4(), uuid.uuid5(uuid.NAMESPACE_DNS, "x")):
        assert sent(prompt_id=str(mine)).job_id == str(mine)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "no_prompt"),
        ({"number": "x"}, "invalid_number"),
        ({"prompt": {}, "number": [1]}, "invalid_number"),
        ({"prompt": {}, "prompt_id": "x"}, "invalid_prompt_id"),
        ({"prompt": {}, "prompt_id": 7}, "invalid_prompt_id"),
        ({"prompt": {}, "extra_data": [1]}, "invalid_extra_data"),
    ],
)
def test_what_cannot_be_is_refused(body, kind):
    found = read(body)
    assert isinstance(found, Refused)
    assert isinstance(found.body, dict)
    assert (found.status, found.body["error"]["type"]) == (400, kind)


def test_inputs_that_are_given_uploads_are_found_in_graphs_of_any_shape(object_info):
    slots = file_slots(GRAPH, object_info)
    assert [(slot.node_id, slot.input_name, slot.name) for slot in slots] == [
        ("1", "image", "cat.png"),
        ("2", "image", "dog.png"),
    ]
    broken = {"1": 5, "2": {"class_type": 7}, "3": {"class_type": "LoadImage"}, "4": {"class_type": "NoSuch"}}
    broken["5"] = {"class_type": "LoadImage", "inputs": {"image": ["1", 0]}}
    for graph in (broken, None, [1], "x"):
        assert file_slots(graph, object_info) == []


def test_names_are_replaced_and_remembered(object_info):
    slots, references = file_slots(GRAPH, object_info), {"cat.png": "comfygen://uploads/c.png"}
    graph = with_references(GRAPH, slots, references)
    assert graph == {**GRAPH, "1": {"class_type": "LoadImage", "inputs": {"image": "comfygen://uploads/c.png"}}}
    assert GRAPH["1"]["inputs"] == {"image": "cat.png"}
    assert names_in(slots, references) == {"1": {"image": "cat.png"}}
