"""Files that come with a workflow."""

from __future__ import annotations

import base64

import pytest

from comfy_gen.api.dialects.runpod.bodies import Picture
from comfy_gen.api.dialects.runpod.images import decoded, kept, with_files
from comfy_gen.errors import GraphTooLargeError, InvalidParameterError

WORKFLOW = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "2": {"class_type": "LoadImageMask", "inputs": {"image": "a.png [input]", "channel": "red"}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "a.png", "clip": ["4", 1]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.png"}},
}


def test_names_are_replaced_where_files_are_loaded_and_nowhere_else():
    found = with_files(WORKFLOW, {"a.png": "comfygen://uploads/x.png"})
    assert found["1"]["inputs"]["image"] == found["2"]["inputs"]["image"] == "comfygen://uploads/x.png"
    assert (found["3"], found["4"]) == (WORKFLOW["3"], WORKFLOW["4"])
    assert WORKFLOW["1"]["inputs"]["image"] == "a.png", "the workflow that was sent stays as it is"
    assert with_files(WORKFLOW, {}) is WORKFLOW
    assert with_files(WORKFLOW, {"other.png": "x"}) == WORKFLOW


@pytest.mark.parametrize("begin", ["", "data:image/png;base64,", "data:image/png;name=a;base64,"])
def test_content_is_base64_with_or_without_what_begins_a_data_url(begin):
    text = base64.b64encode(b"content").decode()
    assert decoded(Picture(name="a", image=f"{begin}{text[:4]}\n{text[4:]}")) == b"content"


@pytest.mark.parametrize("image", ["***", "data:image/png;base64,*", "\u00e9"])
def test_other_content_is_refused(image):
    with pytest.raises(InvalidParameterError, match=r"room\.png"):
        decoded(Picture(name="room.png", image=image))


async def test_more_files_than_a_workflow_works_on_are_refused():
    with pytest.raises(GraphTooLargeError):
        await kept(None, None, [Picture(name=str(number), image="") for number in range(101)])  # pyright: ignore[reportArgumentType]  # neither is asked
