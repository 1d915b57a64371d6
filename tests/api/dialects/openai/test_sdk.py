"""OpenAI's SDK as programs have it, which waits in a thread; the service is in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import openai
import pytest

from tests.api.dialects.openai.sketches import mask, opened, picture

KEY = {"Idempotency-Key": "a-clerk-s-key"}
KILLED = """
import sys, openai
sdk = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none", default_headers={"Idempotency-Key": sys.argv[2]})
stream = sdk.images.generate(prompt="a pier", size="256x256", stream=True, partial_images=3, extra_body={"seed": 3})
print(stream.response.headers["x-comfygen-job-id"], flush=True)
for event in stream:
    pass
"""


@pytest.fixture
def sdk(process):
    with openai.OpenAI(base_url=f"{process.url}/v1", api_key="none", max_retries=0, timeout=60) as sdk:
        yield sdk


def jobs_of(process):
    return process.ask("/jobs?limit=500")[1]["jobs"]


def test_pictures_are_generated_edited_and_varied(sdk):
    asked = {"size": "256x256", "response_format": "b64_json", "extra_body": {"steps": 1}}
    made = sdk.images.generate(prompt="a pier", n=2, **asked)
    assert [opened(one.b64_json).size for one in made.data] == [(256, 256)] * 2
    edited = sdk.images.edit(image=picture(), mask=mask(), prompt="a boat", **asked)
    assert opened(edited.data[0].b64_json).size == (256, 256)
    with pytest.deprecated_call():
        varied = sdk.images.create_variation(image=picture(), **asked)
    assert opened(varied.data[0].b64_json).size == (256, 256)
    assert "sd15" in [one.id for one in sdk.models.list()]


@pytest.mark.parametrize("kind", ["image_generation", "image_edit"])
def test_pictures_are_streamed_as_they_come_about(sdk, kind):
    asked = {"prompt": "a pier", "stream": True, "partial_images": 2, "size": "256x256", "extra_body": {"steps": 16}}
    stream = sdk.images.generate(**asked) if kind == "image_generation" else sdk.images.edit(image=picture(), **asked)
    events = list(stream)
    assert [one.type for one in events] == [*[f"{kind}.partial_image"] * 2, f"{kind}.completed"]
    assert [one.partial_image_index for one in events[:-1]] == [0, 1]
    assert {opened(one.b64_json).format for one in events} == {"PNG"}
    assert opened(events[-1].b64_json).size == (256, 256)
    assert events[-1].usage.total_tokens == 0


def test_failure_in_a_stream_is_raised(sdk, process):
    stream = sdk.images.generate(prompt="a pier", stream=True, extra_body={"steps": 150})
    job_id = stream.response.headers["x-comfygen-job-id"]
    assert process.ask(f"/jobs/{job_id}/cancel", {})[0] == 200
    with pytest.raises(openai.APIError) as caught:
        list(stream)
    assert caught.value.code == "cancelled"


def test_client_that_was_killed_finds_its_picture_under_its_key(sdk, process):
    command = [sys.executable, "-c", KILLED, process.url, KEY["Idempotency-Key"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        job_id = client.stdout.readline().strip()
        client.kill()
    before = len(jobs_of(process))
    again = sdk.images.with_raw_response.generate(
        prompt="a pier", size="256x256", stream=True, partial_images=3, extra_body={"seed": 3}, extra_headers=KEY
    )
    assert again.headers["x-comfygen-job-id"] == job_id
    assert again.headers["idempotent-replayed"] == "true"
    assert list(again.parse())[-1].type == "image_generation.completed"
    assert len(jobs_of(process)) == before


def test_sdk_whose_time_was_up_waits_on_for_the_same_picture(sdk, process):
    before = len(jobs_of(process))
    impatient = sdk.with_options(timeout=0.5, max_retries=3)
    made = impatient.images.generate(prompt="a tower", model="gpt-image-1", size="256x256", extra_body={"steps": 25})
    assert opened(made.data[0].b64_json).size == (256, 256)
    assert len(jobs_of(process)) == before + 1, "asked again, it is not made again"
