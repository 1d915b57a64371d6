"""Errors over HTTP: one shape, and the status that fits."""

import inspect

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from starlette.requests import ClientDisconnect

from comfy_gen import errors
from comfy_gen.api import problems
from comfy_gen.errors import ComfyGenError
from tests.error_examples import EXAMPLES

NOT_TOLD = {"ClientClosedError", "DuplicateJobError"}
"""Errors of the library that no route can meet; what they would be told as does not matter."""
SHAPE = {"code", "message", "hint", "details"}


@pytest.fixture
async def client():
    app = FastAPI()
    problems.install(app)

    @app.get("/error/{name}")
    async def fail(name: str):
        raise EXAMPLES[name]

    @app.get("/teapot")
    async def teapot():
        raise HTTPException(418)

    @app.get("/gone")
    async def gone():
        raise ClientDisconnect

    @app.get("/bug")
    async def bug():
        raise KeyError("secret")

    @app.get("/thing")
    @app.put("/thing")
    async def thing():
        return None

    @app.post("/number")
    async def number(body: dict[str, int]):
        return body

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - NOT_TOLD))
async def test_every_error_of_ours_is_told_in_the_same_shape(client, name):
    answer = await client.get(f"/error/{name}")
    told = answer.json()["error"]
    assert told.keys() == SHAPE
    assert told["code"] == EXAMPLES[name].code
    assert told["details"]["status"] == answer.status_code


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("JobNotFoundError", 404),
        ("ArtifactGoneError", 410),
        ("JobStateError", 409),
        ("InvalidParameterError", 422),
        ("WorkflowSyntaxError", 400),
        ("UnauthorizedError", 401),
        ("ForbiddenError", 403),
        ("BodyTooLargeError", 413),
        ("QueueFullError", 503),
        ("RateLimitError", 429),
        ("DatabaseUnavailableError", 503),
    ],
)
async def test_status_fits(client, name, status):
    assert (await client.get(f"/error/{name}")).status_code == status


def test_what_a_caller_did_is_never_told_as_a_bug_of_ours():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ComfyGenError)]
    wrong = [kind for kind in kinds if issubclass(kind, errors.ConfigurationError | errors.AccessError)]
    shown = {kind.__name__: problems.status_of(EXAMPLES[kind.__name__]) for kind in wrong if kind.__name__ in EXAMPLES}
    assert {name for name, status in shown.items() if status >= 500} == set()


@pytest.mark.parametrize(("name", "seconds"), [("RateLimitError", "13"), ("QueueFullError", "5")])
async def test_who_is_to_come_back_is_told_when(client, name, seconds):
    assert (await client.get(f"/error/{name}")).headers["retry-after"] == seconds


async def test_who_needs_a_key_is_told_how_to_send_it(client):
    assert (await client.get("/error/UnauthorizedError")).headers["www-authenticate"] == "Bearer"


async def test_several_errors_are_listed(client):
    told = (await client.get("/error/InvalidRequestError")).json()["error"]
    assert [one["code"] for one in told["details"]["problems"]] == ["role_not_found"]


async def test_other_errors_have_the_shape_too(client):
    assert (await client.get("/nowhere")).json()["error"]["message"] == "there is no GET /nowhere"
    assert (await client.put("/bug")).json()["error"]["code"] == "method_not_allowed"
    assert (await client.get("/teapot")).json()["error"]["code"] == "http"


async def test_all_methods_of_a_path_are_told(client):
    assert (await client.delete("/thing")).headers["allow"] == "GET, HEAD, PUT"


async def test_who_goes_before_all_is_sent_has_met_no_bug(client, caplog):
    with caplog.at_level("ERROR"):
        answer = await client.get("/gone")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_request")
    assert caplog.records == []


async def test_bug_is_told_without_what_is_inside(client):
    answer = await client.get("/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["error"]["code"] == "internal"


async def test_what_is_no_json_is_told_apart_from_what_is_wrong_json(client):
    broken = await client.post("/number", content="{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "malformed_json")
    wrong = await client.post("/number", json={"a": "b", "c": "d"})
    assert wrong.status_code == 422
    assert len(wrong.json()["error"]["details"]["problems"]) == 2


async def test_of_many_problems_some_are_told_and_the_others_counted(client):
    answer = await client.post("/number", json={f"field-{number}{'x' * 1_000}": "b" for number in range(6_000)})
    told = answer.json()["error"]
    assert (answer.status_code, told["code"]) == (422, "invalid_request")
    assert (len(told["details"]["problems"]), told["details"]["problems_left_out"]) == (100, 5_900)
    assert told["message"].endswith("; and 5995 more")
    assert len(answer.content) < 40_000


def test_of_many_errors_some_are_told_and_the_others_counted():
    told = problems.told_of(errors.InvalidRequestError([errors.RoleNotFoundError("seed")] * 5_000))
    assert (len(told.details["problems"]), told.details["problems_left_out"]) == (100, 4_900)
