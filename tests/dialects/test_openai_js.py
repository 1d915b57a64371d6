"""`openai` (npm): images and models, the resources of it that we have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.dialects.calls import try_client

if TYPE_CHECKING:
    from tests.dialects.calls import Calls
    from tests.dialects.peer import Peer

PNG = (["b64_json"], "png")
MADE = {
    "images.generate": [PNG],
    "images.generate by an older model": [(["url"], "png")],
    "images.generate by an older model, inline": [PNG],
    "images.generate without a model": [PNG],
    "images.generate by a checkpoint": [PNG],
    "images.generate of two": [PNG, PNG],
    "images.generate as WebP": [(["b64_json"], "webp")],
    "images.generate of a quality": [PNG],
    "images.edit": [PNG],
    "images.edit with a mask": [PNG],
    "images.createVariation": [PNG],
}
REFUSED = {
    "models.retrieve of none": ("NotFoundError", 404, "model_not_found"),
    "images.generate without a prompt": ("BadRequestError", 400, "missing_required_parameter"),
    "images.generate of no size": ("BadRequestError", 400, "invalid_value"),
    "images.generate of too many": ("BadRequestError", 400, "invalid_value"),
    "images.generate by no model": ("NotFoundError", 404, "model_not_found"),
    "chat.completions.create": ("NotFoundError", 404, "not_found"),
}


@pytest.fixture(scope="module")
def calls(comfygen: Peer) -> Calls:
    return try_client("openai.mjs", comfygen.url)


def test_pictures_are_made_and_edited(calls: Calls, comfygen: Peer) -> None:
    told = calls.results(MADE)
    assert {call: [(one["by"], one["kind"]) for one in answer["data"]] for call, answer in told.items()} == MADE
    kept = comfygen.kept()
    for call, answer in told.items():
        assert {one["sha256"] for one in answer["data"] if one["kind"] == "png"} <= kept, call
    two = told["images.generate of two"]["data"]
    assert two[0]["sha256"] != two[1]["sha256"]


def test_answer_says_what_was_made(calls: Calls) -> None:
    told = calls.result("images.generate of a quality")
    assert {name: told[name] for name in ("size", "quality", "background", "output_format", "created")} == {
        "size": "256x256",
        "quality": "low",
        "background": "opaque",
        "output_format": "png",
        "created": "number",
    }


@pytest.mark.parametrize(("call", "kind"), [("images.generate", "image_generation"), ("images.edit", "image_edit")])
def test_stream_shows_the_picture_as_it_is_made(calls: Calls, call: str, kind: str) -> None:
    *partial, completed = calls.result(f"{call} as a stream")
    assert partial
    assert [one["index"] for one in partial] == list(range(len(partial)))
    assert {one["type"] for one in partial} == {f"{kind}.partial_image"}
    assert (completed["type"], completed["kind"], completed["usage"]) == (f"{kind}.completed", "png", "object")


def test_models_are_those_of_the_engines(calls: Calls) -> None:
    assert ["tiny_sd15.ckpt", "model"] in calls.result("models.list")
    assert calls.result("models.retrieve")["id"] == "gpt-image-1"


def test_what_cannot_be_is_refused_with_the_clients_own_errors(calls: Calls) -> None:
    told = {call: calls.error(call) for call in REFUSED}
    assert {call: (error["name"], error["status"], error["code"]) for call, error in told.items()} == REFUSED
