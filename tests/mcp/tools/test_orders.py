"""Requests as the API takes them."""

from __future__ import annotations

import pytest

from comfy_gen.errors import ServiceProblemError
from comfy_gen.mcp.tools.orders import given, is_ours, listed, named
from comfy_gen.mcp.tools.parameters import LoraChoice


class Workflows:
    """A service that knows one workflow by one name."""

    def __init__(self, status=404):
        self.status = status
        self.asked = []

    async def get(self, path):
        self.asked.append(path)
        if path == "/workflows/flux":
            return {"name": "flux-dev"}
        raise ServiceProblemError(self.status, "workflow_not_found", "there is none")


def test_what_is_empty_is_left_out_and_a_nought_is_not():
    assert given(a="", b=None, c=[], d=False, e=0, f=0.0, g="x", h=True) == {"e": 0, "f": 0.0, "g": "x", "h": True}


def test_loras_are_told_as_the_api_takes_them():
    assert listed([LoraChoice(name="ink", strength=0.5)]) == [{"name": "ink", "strength": 0.5}]
    assert listed(None) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("comfygen://artifacts/1", True),
        ("comfygen://jobs/1", True),
        ("comfygen://uploads/1", False),
        ("x", False),
        (1, False),
    ],
)
def test_pictures_of_the_service_are_known_by_their_addresses(value, expected):
    assert is_ours(value) is expected


async def test_model_that_is_called_by_a_workflows_name_is_that_workflow():
    service = Workflows()

    assert await named(service, {"prompt": "x", "model": "flux"}) == {"prompt": "x", "workflow": "flux-dev"}
    assert await named(service, {"prompt": "x", "model": "dream"}) == {"prompt": "x", "model": "dream"}


@pytest.mark.parametrize("body", [{}, {"model": "flux", "workflow": "sdxl"}, {"model": "dream.safetensors"}])
async def test_model_that_can_only_be_a_file_is_not_looked_for(body):
    service = Workflows()

    assert await named(service, body) == body
    assert service.asked == []


@pytest.mark.parametrize("status", [429, 503])
async def test_service_that_cannot_say_is_no_reason_to_take_a_name_for_a_file(status):
    with pytest.raises(ServiceProblemError):
        await named(Workflows(status), {"model": "dream"})
