"""Pictures by OpenAI's SDK, which is asynchronous here: test_sdk.py has the other."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

import openai
import pytest

from tests.api.conftest import events_in
from tests.api.dialects.desk import newcomer
from tests.api.dialects.openai.sketches import mask, opened, own_in, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAST = {"steps": 1}
SMALL = {"size": "256x256", "extra_body": FAST}


def ids_in(headers):
    return headers["x-comfygen-job-id"].split(",")


async def test_picture_of_a_text_is_at_an_address_that_anybody_can_fetch(desk, ann, sdk):
    made = await sdk.images.generate(prompt="a lighthouse", model="dall-e-3", **SMALL)
    assert (made.size, made.output_format, made.background, made.quality) == ("256x256", "png", "opaque", "medium")
    assert made.usage.total_tokens == 0
    place = urlsplit(made.data[0].url)
    fetched = await ann.get(f"{place.path}?{place.query}")
    assert opened(fetched.content).size == (256, 256)


async def test_models_that_answer_with_pictures_do_so_in_the_format_that_is_wanted(sdk):
    jpeg = await sdk.images.generate(
        prompt="a pier", model="gpt-image-1", output_format="jpeg", output_compression=40, quality="low", **SMALL
    )
    assert opened(jpeg.data[0].b64_json).format == "JPEG"
    assert (jpeg.data[0].url, jpeg.quality) == (None, "low")
    webp = await sdk.images.generate(prompt="a pier", output_format="webp", **SMALL)
    assert opened(webp.data[0].b64_json).format == "WEBP"


async def test_several_pictures_are_as_many_jobs_with_seeds_that_follow(desk, ann, sdk):
    body = {"steps": 1, "seed": 40}
    raw = await sdk.images.with_raw_response.generate(
        prompt="a pier", n=3, size="256x256", response_format="b64_json", extra_body=body
    )
    assert len({one.b64_json for one in raw.parse().data}) == 3
    store = desk.service.queue.store
    ids = ids_in(raw.headers)
    graphs = [(await store.request(one)).workflow for one in ids]
    assert [node["inputs"]["seed"] for graph in graphs for node in graph.values() if "seed" in node["inputs"]] == [
        40,
        41,
        42,
    ]
    facts = [(await store.get(one)).metadata["openai"] for one in ids]
    assert [(one["number"], one["of"], one["route"]) for one in facts] == [
        (n, 3, "image_generation") for n in (1, 2, 3)
    ]


async def test_picture_is_painted_over_where_the_mask_is_transparent(desk, ann, sdk):
    raw = await sdk.images.with_raw_response.edit(
        image=("room.png", picture()), mask=("mask.png", mask()), prompt="a red chair", extra_body=FAST
    )
    assert raw.parse().size == "256x256"
    graph = (await desk.service.queue.store.request(ids_in(raw.headers)[0])).workflow
    assert {"LoadImage", "LoadImageMask"} <= {node["class_type"] for node in graph.values()}


async def test_picture_is_edited_in_the_size_that_is_wanted(sdk):
    made = await sdk.images.edit(image=[picture((300, 200))], prompt="at night", size="256x320", extra_body=FAST)
    assert made.size == "256x320"


async def test_dalle_2_takes_what_is_transparent_in_the_picture_for_the_mask(desk, ann, sdk):
    raw = await sdk.images.with_raw_response.edit(image=mask(), prompt="a moon", model="dall-e-2", extra_body=FAST)
    graph = (await desk.service.queue.store.request(ids_in(raw.headers)[0])).workflow
    assert "LoadImageMask" in {node["class_type"] for node in graph.values()}


async def test_variations_are_of_the_picture_alone(sdk):
    with pytest.deprecated_call():
        made = await sdk.images.create_variation(image=picture(), n=2, size="256x256", extra_body=FAST)
    assert [one.url is not None for one in made.data] == [True, True]


async def test_picture_to_edit_may_be_json(ann):
    url = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    hole = f"data:image/png;base64,{base64.b64encode(mask()).decode()}"
    body = {"prompt": "a red chair", "images": [{"image_url": url}], "mask": {"image_url": hole}, "steps": 1}
    answer = await ann.post("/v1/images/edits", json={**body, "model": "gpt-image-1"})
    assert opened(answer.json()["data"][0]["b64_json"]).size == (256, 256)


async def test_stream_ends_with_the_picture(ann):
    body = {"prompt": "a pier", "size": "256x256", "stream": True, "steps": 1, "n": 2}
    answer = await ann.post("/v1/images/generations", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_in(answer.text)
    assert [one["event"] for one in events] == ["image_generation.completed"] * 2
    shown = events[0]["data"]
    assert opened(shown.pop("b64_json")).size == (256, 256)
    assert shown.pop("created_at") > 0
    assert shown.pop("usage")["total_tokens"] == 0
    assert shown == {
        "type": "image_generation.completed",
        "background": "opaque",
        "output_format": "png",
        "quality": "medium",
        "size": "256x256",
    }
    assert len(ids_in(answer.headers)) == 2


REFUSED = (
    ({"size": "250x256"}, "size", "invalid_value"),
    ({"size": "wide"}, "size", "invalid_value"),
    ({"n": 11}, "n", "invalid_value"),
    ({"quality": "ultra"}, "quality", "invalid_value"),
    ({"background": "transparent"}, "background", "invalid_value"),
    ({"output_format": "jpeg", "response_format": "url"}, "output_format", "invalid_value"),
    ({"extra_body": {"frames": 3}}, "frames", "unknown_parameter"),
    ({"extra_body": {"inputs": {"wings": 2}}}, "wings", "invalid_value"),
    ({"model": "sd15-img2img"}, "model", "invalid_value"),
    ({"model": "nothing-like-it"}, "model", "model_not_found"),
)


async def test_what_cannot_be_is_refused_with_its_parameter(sdk):
    for said, param, code in REFUSED:
        kind = openai.NotFoundError if code == "model_not_found" else openai.BadRequestError
        with pytest.raises(kind) as caught:
            await sdk.images.generate(prompt="a pier", **said)
        assert (caught.value.param, caught.value.code, caught.value.type) == (param, code, "invalid_request_error"), (
            said
        )
        assert own_in(caught.value)["code"]
    with pytest.raises(openai.BadRequestError) as caught:
        await sdk.post("/images/generations", body={"size": "auto"}, cast_to=object)
    assert (caught.value.param, caught.value.code) == ("prompt", "missing_required_parameter")


async def test_mask_that_does_not_fit_is_refused(sdk):
    with pytest.raises(openai.BadRequestError, match="256x256") as caught:
        await sdk.images.edit(image=picture(), mask=mask((64, 64)), prompt="a chair")
    assert caught.value.param == "mask"


async def test_who_may_not_ask_is_told_so(desk, asking):
    reader = await newcomer(desk, "read")
    async with asking(desk, desk.client) as stranger, asking(desk, reader) as known:
        with pytest.raises(openai.AuthenticationError) as caught:
            await stranger.images.generate(prompt="a pier")
        assert caught.value.code == "invalid_api_key"
        with pytest.raises(openai.PermissionDeniedError):
            await known.images.generate(prompt="a pier")
        assert (await known.models.list()).data


async def test_what_a_tier_does_not_allow_is_refused_in_the_words_of_the_model(sdk):
    for model, code in (("gpt-image-1", "moderation_blocked"), ("dall-e-3", "content_policy_violation")):
        with pytest.raises(openai.BadRequestError) as caught:
            await sdk.images.generate(prompt="a nude on a sofa", model=model)
        assert caught.value.code == code
        assert own_in(caught.value)["code"] == "policy_tier"


async def test_same_key_means_the_same_pictures(sdk):
    keyed = sdk.with_options(default_headers={"Idempotency-Key": "one-and-only"}).images.with_raw_response

    async def asked(prompt):
        return await keyed.generate(prompt=prompt, n=2, response_format="b64_json", **SMALL)

    first, second = await asked("a pier"), await asked("a pier")
    assert first.parse().data == second.parse().data
    assert ids_in(first.headers) == ids_in(second.headers)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    with pytest.raises(openai.ConflictError) as caught:
        await asked("a tower")
    assert caught.value.response.headers["x-should-retry"] == "false"


async def test_jobs_are_their_owner_s(desk, ann, sdk):
    raw = await sdk.images.with_raw_response.generate(prompt="a pier", **SMALL)
    (job_id,) = ids_in(raw.headers)
    assert (await ann.get(f"/jobs/{job_id}")).json()["status"] == "completed"
    assert (await (await newcomer(desk)).get(f"/jobs/{job_id}")).status_code == 404
