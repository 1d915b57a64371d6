"""An agent keeps what is good, judges, and brings pictures along."""

from __future__ import annotations

import base64

import pytest
import pytest_asyncio

from comfy_gen.app.scoring import Scoring
from comfy_gen.validation.gate import Gate
from comfy_gen.validation.scoring.similarity import Score
from comfy_gen.validation.thresholds import Thresholds
from tests.mcp.serving import picture

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Scorer:
    """Finds every picture just like enough."""

    model = "made-up"

    def prepare(self):
        pass

    async def scores(self, pictures, prompt, negative_prompt):
        return [Score(0.3, None, None)] * len(pictures)


@pytest_asyncio.fixture(loop_scope="module")
async def judging(agents):
    """A service that compares pictures with prompts, for one test."""
    service = agents.app.state.service
    before, gate = service.scoring, Gate(Thresholds(None), Scorer())
    service.scoring = Scoring(service.settings, lambda: gate)
    yield agents
    service.scoring = before


async def test_favorite_is_kept_and_found_and_rated_anew(agents):
    made = await agents.made()
    arguments = {"generation_id": made["job_id"], "rating": 4, "feedback": "good light", "tags": ["sea"]}

    first = (await agents.call("favorite", arguments)).facts
    again = (await agents.call("favorite", {**arguments, "rating": 5})).facts

    assert (first["rating"], again["rating"], again["id"]) == (4, 5, first["id"])
    found = (await agents.call("search_library", {"tag": "sea", "favorites": True, "min_rating": 5})).facts
    assert [(one["generation_id"], one["is_favorite"]) for one in found["generations"]] == [(made["job_id"], True)]


async def test_favorite_of_what_there_is_not_is_refused(agents):
    assert (await agents.call("favorite", {"generation_id": "nope"})).error.startswith("error[generation_not_found]: ")


async def test_picture_is_judged_whether_made_or_brought(judging):
    made = await judging.made()
    (judging.folder / "judged.png").write_bytes(picture())

    for image in (made["job_id"], made["outputs"][0]["resource"], "judged.png"):
        facts = (await judging.call("score_image", {"image": image, "prompt": "a lighthouse"})).facts
        assert facts["score"] == pytest.approx(0.3) or facts["reason"]
        assert facts["details"]["check"] == "quality"
    facts = (
        await judging.call("score_image", {"image": made["job_id"], "prompt": "x", "positive_threshold": 0.5})
    ).facts
    assert facts["passed"] is False


async def test_service_that_cannot_judge_says_what_is_needed(agents):
    made = await agents.made()

    error = (await agents.call("score_image", {"image": made["job_id"], "prompt": "a lighthouse"})).error

    assert error.startswith("error[")
    assert "Hint: " in error


async def test_address_is_no_picture_that_can_be_judged(agents):
    error = (await agents.call("score_image", {"image": "https://example.com/x.png", "prompt": "x"})).error

    assert error.endswith("Hint: Call upload_image.")


@pytest.mark.parametrize("by", ["path", "data", "data url"])
async def test_picture_is_uploaded_in_each_way(agents, by):
    (agents.folder / "mine.png").write_bytes(picture("blue"))
    data = base64.b64encode(picture("blue")).decode()
    arguments = {
        "path": {"path": "mine.png"},
        "data": {"data": data},
        "data url": {"data": f"data:image/png;base64,{data}"},
    }

    facts = (await agents.call("upload_image", arguments[by])).facts

    assert facts["image"].startswith("comfygen://uploads/")
    assert (facts["media_type"], facts["size"]) == ("image/png", len(picture("blue")))
    assert facts["next"]["arguments"] == {"image": facts["image"]}


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        ({}, "path is ''"),
        ({"path": "a.png", "data": "eA=="}, "path is 'a.png'"),
        ({"data": "not base64!"}, "data is 'not base64!"),
        ({"path": "/etc/passwd"}, "path is '/etc/passwd'"),
        ({"path": "absent.png"}, "path is 'absent.png'"),
    ],
)
async def test_what_is_no_picture_to_upload_is_refused(agents, arguments, wrong):
    assert (await agents.call("upload_image", arguments)).error.startswith(f"error[invalid_parameter]: {wrong}")


async def test_file_that_is_no_picture_is_refused_by_the_service(agents):
    data = base64.b64encode(b"#!/bin/sh").decode()

    assert (await agents.call("upload_image", {"data": data})).error.startswith("error[")
