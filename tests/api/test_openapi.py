"""The OpenAPI document: it says everything that a program needs to know of every route."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings

DOCUMENT = create_app(Settings()).openapi()
ROUTES = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
OPEN = {"/health", "/ready"}
"""Need no key, and have nothing to refuse."""


def test_operations_have_names_of_their_own():
    names = [DOCUMENT["paths"][path][method]["operationId"] for method, path in ROUTES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_route_is_described(method, path):
    operation = DOCUMENT["paths"][path][method]
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    for parameter in operation.get("parameters", []):
        assert parameter["schema"], parameter


@pytest.mark.parametrize(("method", "path"), [one for one in ROUTES if one[1] not in OPEN])
def test_route_says_how_it_refuses(method, path):
    responses = DOCUMENT["paths"][path][method]["responses"]
    refusals = {status for status in responses if status.startswith("4")}
    assert refusals >= {"400", "401", "403", "422", "429"}
    if "{" in path and method != "put":  # which makes what is not there
        assert "404" in refusals
    for status in refusals:
        schema = responses[status]["content"]["application/json"]["schema"]
        assert schema["$ref"].endswith("/Problem"), status


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_route_says_what_it_answers(method, path):
    responses = DOCUMENT["paths"][path][method]["responses"]
    good = {status: body for status, body in responses.items() if status.startswith("2")}
    assert good
    for status, body in good.items():
        assert status == "204" or body.get("content"), status


def schema_at(reference):
    return DOCUMENT["components"]["schemas"][reference.rsplit("/", 1)[-1]]


def examples_of(media):
    """Return the examples of a body, wherever they stand."""
    schema = media.get("schema", {})
    if "example" in media:
        return [media["example"]]
    if "examples" in media:
        return [one["value"] for one in media["examples"].values()]
    if "$ref" in schema:
        schema = schema_at(schema["$ref"])
    if "oneOf" in schema:
        return [one for part in schema["oneOf"] for one in examples_of({"schema": part})]
    return [*schema.get("examples", ()), *([schema["example"]] if "example" in schema else ())]


JSON_BODIES = [
    (f"{method} {path} {place}", media)
    for method, path in ROUTES
    for place, holder in (
        ("request", DOCUMENT["paths"][path][method].get("requestBody", {})),
        *DOCUMENT["paths"][path][method]["responses"].items(),
    )
    for kind, media in holder.get("content", {}).items()
    if kind == "application/json"
]


@pytest.mark.parametrize("media", [media for _, media in JSON_BODIES], ids=[name for name, _ in JSON_BODIES])
def test_every_body_has_examples_that_are_right(media):
    examples = examples_of(media)
    assert examples
    resolved = {**media["schema"], "components": DOCUMENT["components"]}
    for example in examples:
        Draft202012Validator(resolved).validate(example)
