import uuid

import pytest
from PIL import Image

from comfy_gen.errors import PictureWithheldError
from comfy_gen.pipeline.artifact import Artifact
from comfy_gen.pipeline.inspection import Inspection
from comfy_gen.validation.safety import SafetyCheck

GOOD, BAD = Image.new("L", (1, 1), 0), Image.new("L", (1, 1), 255)


def artifact(name="a.png", kind="image"):
    return Artifact(str(uuid.uuid4()), "j", "1", kind, name, "image/png", 0, "", None, None, "k", None)


@pytest.fixture
def inspection():
    return Inspection(SafetyCheck(0.8, scorer=lambda: is_white))


def is_white(picture):
    return float(picture.histogram()[255] > 0)


async def test_what_passes_leaves_a_verdict_and_no_note(inspection):
    one = artifact()
    assert await inspection.passes(one, GOOD)
    inspection.check_any_left()
    assert inspection.verdicts == [
        {"check": "safety", "passed": True, "score": 0.0, "reason": "", "artifact_id": one.artifact_id}
    ]
    assert (inspection.withheld, inspection.notes) == ([], [])


async def test_some_that_are_withheld_are_counted_and_explained(inspection):
    for image in (GOOD, BAD, BAD):
        await inspection.passes(artifact(), image)
    inspection.check_any_left()
    assert inspection.notes == ["2 of 3 pictures were withheld: a score of 1.00 for content that is not safe"]
    assert [verdict["passed"] for verdict in inspection.verdicts] == [True, False, False]


async def test_a_picture_that_does_not_open_is_withheld(inspection):
    await inspection.passes(artifact(), GOOD)
    assert not await inspection.passes(artifact("a.exr"), None)
    assert inspection.notes == ["1 of 2 pictures was withheld: it could not be opened"]


async def test_nothing_left_is_an_error(inspection):
    await inspection.passes(artifact(), BAD)
    with pytest.raises(PictureWithheldError) as caught:
        inspection.check_any_left()
    assert (caught.value.withheld, caught.value.score) == (1, 1.0)


def test_nothing_to_look_at_is_none(inspection):
    inspection.check_any_left()
    assert inspection.notes == []


def test_what_nobody_looks_at_is_said_once(inspection):
    for name in ("a.mp4", "b.mp4"):
        inspection.overlook(artifact(name, "video"))
    assert inspection.notes == ["files of the kind video are not looked at"]
