from __future__ import annotations

import pytest

from comfy_gen.pipeline.own_inputs import faults_in, field_of, is_sized_by_picture, said_once, write_inputs
from comfy_gen.pipeline.request import GenerationRequest, fill
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.deriving import derive_template
from comfy_gen.workflows.naming import Naming, name_inputs
from comfy_gen.workflows.slots import Slot

SD15, INPAINT = load_template("sd15"), load_template("sd15-inpaint")
OWN = name_inputs(derive_template("own", SD15.workflow), [Naming(Slot("2", "text"), "subject")])


def wrong(template, **said):
    return [one.message.split(" is ")[0] for one in faults_in(GenerationRequest(**said), template)]


def written(template, inputs, **said):
    workflow = template.instantiate(**said)
    write_inputs(GenerationRequest(inputs=inputs), template, workflow)
    return workflow


def test_what_a_template_takes_may_be_said():
    assert wrong(INPAINT, inputs={"mask": "a.png", "grow_mask": 4, "denoise": None}) == ["inputs.denoise"]
    assert wrong(INPAINT, inputs={"mask": None}) == []


def test_all_that_is_wrong_is_told():
    assert wrong(SD15, inputs={"stepps": 4, "cfg": "high"}) == ["inputs.stepps", "inputs.cfg"]


@pytest.mark.parametrize(
    ("template", "said", "name"),
    [
        (SD15, {"steps": 4}, "steps"),
        (INPAINT, {"input_image": "a.png"}, "image"),
        (OWN, {"prompt": "a fox"}, "subject"),
    ],
)
def test_what_is_said_already_is_not_said_again(template, said, name):
    value = template.parameter(name).default
    assert wrong(template, **said, inputs={name: value or "x"}) == [f"inputs.{name}"]
    assert wrong(template, inputs={name: value or "x"}) == []


def test_fields_are_known_by_role_or_by_name():
    assert [field_of(OWN, "subject"), field_of(INPAINT, "image"), field_of(SD15, "cfg")] == [
        "prompt",
        "input_image",
        "cfg",
    ]
    assert [field_of(INPAINT, "grow_mask"), field_of(SD15, "nothing"), field_of(SD15, "batch")] == [None] * 3
    assert field_of(load_template("upscale"), "model") == "model"


def test_input_goes_before_what_was_not_said_outright():
    request = GenerationRequest(steps=4, cfg=5.0, inputs={"steps": 9})
    assert (said_once(request, SD15).steps, said_once(request, SD15).cfg) == (None, 5.0)
    assert fill(GenerationRequest(inputs={"steps": 9}), {"steps": 3, "cfg": 2.0}) == GenerationRequest(
        cfg=2.0, inputs={"steps": 9}
    )


def test_inputs_are_written_where_they_belong():
    workflow = written(INPAINT, {"mask": "m.png", "grow_mask": 3, "steps": None}, image="p.png")
    assert workflow["5"]["inputs"]["grow_mask_by"] == 3
    assert [node["inputs"]["image"] for node in workflow.values() if node["class_type"] == "LoadImageMask"] == ["m.png"]
    assert workflow["6"]["inputs"]["steps"] == INPAINT.workflow["6"]["inputs"]["steps"]


def test_side_that_is_not_said_stays_as_it_was_set():
    assert written(SD15, {"width": 640}, width=256, height=320)["4"]["inputs"] == {
        "width": 640,
        "height": 320,
        "batch_size": 1,
    }
    assert written(SD15, {"width": 640, "height": 128})["4"]["inputs"]["height"] == 128


def test_template_that_works_on_a_picture_has_its_size():
    assert [is_sized_by_picture(one) for one in (SD15, INPAINT, load_template("wan2.2-i2v"))] == [False, True, False]
