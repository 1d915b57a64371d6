"""Resources that stay valid."""

from __future__ import annotations

import base64
import json

import pytest
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from comfy_gen.mcp import resources
from tests.mcp.serving import Gone

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def read(agents, uri, transport=None):
    async with Client(agents.server(transport)) as client:
        (found,) = (await client.read_resource(uri)).contents
        return found


async def refused(agents, uri, transport=None):
    async with Client(agents.server(transport)) as client:
        with pytest.raises(MCPError) as error:
            await client.read_resource(uri)
    return str(error.value)


async def test_resources_are_offered_by_their_patterns(agents):
    async with Client(agents.server()) as client:
        found = (await client.list_resource_templates()).resource_templates

    assert [one.uri_template for one in found] == [
        "comfygen://jobs/{id}",
        "comfygen://artifacts/{id}",
        "comfygen://workflows/{name}",
    ]
    assert all(one.description for one in found)


async def test_job_and_workflow_are_read_as_json(agents):
    made = await agents.made()

    job = await read(agents, f"comfygen://jobs/{made['job_id']}")
    workflow = await read(agents, "comfygen://workflows/sd15")

    assert (job.mime_type, json.loads(job.text)["state"]) == ("application/json", "completed")
    assert json.loads(workflow.text)["input_schema"]["properties"]["prompt"]


async def test_file_is_read_whole_with_its_own_media_type(agents):
    made = await agents.made()
    output = made["outputs"][0]

    found = await read(agents, output["resource"])

    assert found.mime_type == "image/png"
    assert len(base64.b64decode(found.blob)) == output["size"]


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("comfygen://jobs/6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10", "job_not_found"),
        ("comfygen://artifacts/6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10", "artifact_not_found"),
        ("comfygen://workflows/nope", "workflow_not_found"),
        ("comfygen://elsewhere/x", "resource_not_found"),
    ],
)
async def test_what_there_is_not_is_told_with_its_code(agents, uri, code):
    assert (await refused(agents, uri)).startswith(f"error[{code}]: ")


@pytest.mark.parametrize("uri", ["comfygen://jobs/x", "comfygen://artifacts/x"])
async def test_service_that_is_away_is_told(agents, uri):
    assert (await refused(agents, uri, Gone())).startswith("error[service_unreachable]: ")


async def test_file_that_is_too_large_for_a_message_is_refused_with_a_way_to_it(agents, monkeypatch):
    job = (await agents.call("generate_image", {"prompt": "a lighthouse", "workflow": "sd15"})).facts
    monkeypatch.setattr(resources, "LARGEST", 10)

    said = await refused(agents, job["outputs"][0]["resource"])

    assert said.startswith("error[too_large]: ")
    assert "url" in said
