"""What a model's name means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.api.dialects.openai.models import aliases_of, answers_with_pictures, is_theirs, listed, meaning_of
from comfy_gen.config import DialectOptions
from comfy_gen.errors import WorkflowNotFoundError


@pytest.mark.parametrize(
    ("name", "theirs", "pictures"),
    [
        ("dall-e-3", True, False),
        ("gpt-image-1", True, True),
        ("gpt-image-2.5-flare-2026-09-08", True, True),
        ("chatgpt-image-latest", True, True),
        ("gpt-4o", False, False),
        ("sdxl", False, False),
        ("dall-e", False, False),
    ],
)
def test_openai_s_models_are_known_by_their_names(name, theirs, pictures):
    assert (is_theirs(name), answers_with_pictures(name)) == (theirs, pictures)


def test_settings_give_names_to_workflows():
    assert aliases_of(["dall-e-3=sdxl", " house = style ", "nothing=", "=nobody", "odd"]) == {
        "dall-e-3": "sdxl",
        "house": "style",
    }


async def test_name_means_what_the_settings_say_then_a_workflow_then_a_checkpoint(served):
    service = served.service
    options = DialectOptions(openai_models=("dall-e-3=sdxl", "mine=sd_xl_base_1.0"))
    service.settings = replace(service.settings, dialects=options)
    assert (await meaning_of(service, "dall-e-3")).template.name == "sdxl"
    assert (await meaning_of(service, "mine")).checkpoint == "sd_xl_base_1.0.safetensors"
    assert (await meaning_of(service, "schnell")).template.name == "flux-schnell"
    for name in (None, "gpt-image-1"):
        meaning = await meaning_of(service, name)
        assert meaning.template is meaning.checkpoint is None
    with pytest.raises(WorkflowNotFoundError):
        await meaning_of(service, "flux1-dev-fp8")  # a checkpoint that a plain workflow does not run
    ids = [one["id"] for one in await listed(service)]
    assert ids[:2] == ["dall-e-3", "mine"]
    assert len(ids) == len(set(ids))
