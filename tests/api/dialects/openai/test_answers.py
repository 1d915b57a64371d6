"""How pictures are wanted, and told of."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.openai.answers import Manner, encoded, failure_told, manner_of
from comfy_gen.api.dialects.openai.bodies import EditBody, GenerationBody, VariationBody
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.failure import JobFailure
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.job import Job, JobState
from tests.api.dialects.openai.sketches import opened, picture


def body(**said):
    return GenerationBody(**{"prompt": "a fox", **said})


@pytest.mark.parametrize(
    ("said", "is_url"),
    [
        (body(), True),
        (body(model="dall-e-3"), True),
        (body(model="sdxl"), True),
        (body(model="gpt-image-1"), False),
        (body(output_format="webp"), False),
        (body(response_format="b64_json"), False),
        (body(model="gpt-image-1", response_format="url"), True),
        (body(response_format="url", stream=True), False),
        (EditBody(prompt="a", background="auto"), False),
        (VariationBody(), True),
        (VariationBody(response_format="b64_json"), False),
    ],
)
def test_pictures_come_as_the_model_that_is_named_would_give_them(said, is_url):
    assert manner_of(said).as_url is is_url


def test_addresses_are_of_files_as_they_were_made():
    with pytest.raises(InvalidParameterError, match="as they were made"):
        manner_of(body(response_format="url", output_format="jpeg"))


def test_events_tell_what_was_asked_for():
    manner = manner_of(body(quality="hd", size="auto", background="transparent"))
    assert (manner.asked_quality, manner.asked_size, manner.background) == ("high", "auto", "transparent")


def test_picture_is_recoded_only_where_it_has_to_be():
    content = picture()
    assert opened(encoded(content, "image/png", Manner())).format == "PNG"
    loud = encoded(picture(size=(64, 64)), "image/png", Manner(format="jpeg", compression=100))
    quiet = encoded(picture(size=(64, 64)), "image/png", Manner(format="jpeg", compression=0))
    assert opened(loud).format == "JPEG"
    assert len(quiet) <= len(loud)


@pytest.mark.parametrize(("code", "status"), [("invalid_input", 400), ("out_of_memory", 500)])
def test_failure_is_whose_fault_it_is(code, status):
    told = failure_told(Job(JobId("j"), JobState.FAILED, failure=JobFailure(code, "no")))
    assert (told.status, told.code, told.headers) == (status, code, {"x-should-retry": "false"})


def test_workflow_without_pictures_has_failed():
    assert failure_told(Job(JobId("j"), JobState.COMPLETED)).code == "no_output"
