"""Which dialects a service speaks."""

from __future__ import annotations

import pytest
from starlette.routing import Match

from comfy_gen.api.app import create_app
from comfy_gen.api.dialects.dialect import dialect_at
from comfy_gen.api.dialects.spoken import DIALECTS, Speech, dialects_of
from comfy_gen.config import DialectOptions, Settings
from comfy_gen.config.faces import DIALECTS as NAMES
from comfy_gen.errors import InvalidParameterError
from tests.api.dialects.comfyui.prompting import endless


def names(**options):
    return [one.name for one in dialects_of(DialectOptions(**options))]


def test_all_are_spoken_unless_something_else_is_set():
    assert tuple(names()) == NAMES == tuple(DIALECTS)
    assert names(enabled=("openai",)) == ["openai"]
    assert names(enabled=()) == []


def test_no_two_have_the_same_paths():
    prefixes = [prefix for one in dialects_of(DialectOptions()) for prefix in one.prefixes]
    assert len(prefixes) == len(set(prefixes))


def test_path_that_the_service_has_itself_is_no_dialect_s():
    with pytest.raises(InvalidParameterError, match="has not itself"):
        create_app(Settings(dialects=DialectOptions(comfyui_path="/jobs")))


@pytest.mark.parametrize("path", ["/api/v2/health", "/comfyui/prompt", "/v1/models", "/status/x"])
def test_dialect_that_is_switched_off_is_not_there(path):
    app = create_app(Settings(dialects=DialectOptions(enabled=())))
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    assert dialect_at(app, path) is None
    assert all(route.matches(scope)[0] is Match.NONE for route in app.routes)


@pytest.mark.parametrize(
    ("method", "path", "fit"),
    [
        ("GET", "/api/v2/health", Match.FULL),
        ("GET", "/proxied/api/v2/health", Match.FULL),
        ("PATCH", "/api/v2/health", Match.PARTIAL),
        ("GET", "/api/v2/nothing", Match.NONE),
        ("GET", "/jobs", Match.NONE),
    ],
)
def test_dialects_hear_of_a_request_first_and_each_of_its_own_paths_alone(method, path, fit):
    app = create_app(Settings())
    root = "/proxied" if path.startswith("/proxied") else ""
    scope = {"type": "http", "method": method, "path": path, "root_path": root, "headers": []}
    first = app.routes[: len(DIALECTS)]
    assert all(isinstance(route, Speech) for route in first)
    fits = [route.matches(scope)[0] for route in first]
    assert max(fits, key=lambda one: one.value) is fit
    assert fits.count(Match.NONE) >= len(DIALECTS) - 1


async def test_routes_of_a_dialect_are_counted_as_what_they_are(served):
    for path in ("/models", "/comfyui/models", "/comfyui/api/models"):
        assert (await served.client.get(path)).status_code == 200
    counted = (await served.client.get("/metrics")).text
    assert 'route="/models"' in counted
    assert 'route="/comfyui/models"' in counted


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/comfyui/prompt", lambda graph: {"prompt": graph}),
        ("/api/v2/jobs", lambda graph: {"workflow": graph}),
        ("/run", lambda graph: {"input": {"workflow": graph}}),
        ("/generate", lambda graph: {"input": {"workflow_json": graph}}),
    ],
)
async def test_workflow_of_whoever_brings_one_is_called_by_its_prompt(serve, path, body):
    served = await serve(with_worker=False)
    answer = await served.client.post(path, json=body(endless()))
    assert answer.status_code < 300, answer.text
    (job,) = (await served.client.get("/jobs")).json()["jobs"]
    assert job["title"] == "a lighthouse"
