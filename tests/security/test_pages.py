"""Web pages of others get nothing done here, by whatever means a browser gives them."""

from __future__ import annotations

import pytest

from tests.security.operations import ALL, SAFE, Operation

CHANGING = [operation for operation in ALL if operation.method not in SAFE]
IDS = {"job_id", "artifact_id", "webhook_id", "generation_id", "other_id", "favorite_id", "recipe_id", "category_id"}
VALUES = {**dict.fromkeys(IDS, "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"), "name": "one", "key_id": "k3vw8q2n"}
SIMPLE = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
"""What a page may send anywhere without asking first."""


async def sent(served, operation: Operation, headers: dict[str, str]) -> int:
    asked = operation.content
    asked["headers"] = {**asked.get("headers", {}), **headers}
    return (await served.client.request(operation.method, operation.at(**VALUES), **asked)).status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "https://127.0.0.1:8000.evil.example"},
        {"Origin": "http://localhost"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:8000"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": ""},
    ],
    ids=str,
)
async def test_page_of_another_site_changes_nothing(served, headers):
    wrong = {str(one): status for one in CHANGING if (status := await sent(served, one, headers)) != 403}
    assert wrong == {}
    assert (await served.client.get("/jobs")).json()["jobs"] == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example."])
async def test_page_whose_name_leads_here_reads_nothing(served, host):
    wrong = {str(one): status for one in ALL if (status := await sent(served, one, {"Host": host})) != 403}
    assert wrong == {}


@pytest.mark.parametrize("kind", SIMPLE)
async def test_body_that_no_page_has_to_ask_for_is_not_read(served, kind):
    taking = [one for one in CHANGING if one.body is not None and one.path != "/uploads"]
    wrong = {str(one): status for one in taking if (status := await sent(served, one, {"Content-Type": kind})) != 415}
    assert wrong == {}


async def test_answers_tell_no_page_of_another_site_that_it_may_read_them(served):
    for operation in ALL:
        answer = await served.client.request(
            "OPTIONS", operation.at(**VALUES), headers={"Origin": "https://evil.example"}
        )
        assert not [name for name in answer.headers if name.startswith("access-control-")], operation


async def test_only_sites_that_were_named_may_read_answers(serve):
    served = await serve(cors_origins=("https://studio.example",))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    origins = {"https://studio.example": True, "https://studio.example.evil.example": False, "null": False}
    for origin, may in origins.items():
        answer = await served.client.options("/generate", headers={"Origin": origin, **asked})
        assert (answer.headers.get("access-control-allow-origin") == origin) is may, origin
        assert answer.headers.get("access-control-allow-credentials") is None


async def test_pages_of_sites_that_were_named_may_say_and_read_what_clients_of_other_services_do(serve):
    """OpenAI's JavaScript client says what machine it is on, with every request."""
    served = await serve(cors_origins=("https://studio.example",))
    said = "authorization, content-type, x-stainless-arch, x-stainless-retry-count, openai-beta, mcp-protocol-version"
    origin = {"Origin": "https://studio.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": said}
    answer = await served.client.options("/v1/images/generations", headers={**origin, **asked})
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (200, said)
    answer = await served.client.get("/v1/models", headers=origin)
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"ETag", "Idempotent-Replayed", "Location", "Retry-After", "X-ComfyGen-Job-Id"} <= exposed
