"""What routes answer besides what was hoped for, for the OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from comfy_gen.api.wire.events import StreamEnd, StreamUpdate, WebhookMessage
from comfy_gen.api.wire.examples import EXAMPLES
from comfy_gen.api.wire.live import LiveGone, LiveJob, LivePreview, LiveQueue, LiveSnapshot
from comfy_gen.api.wire.problem import Problem

if TYPE_CHECKING:
    from fastapi import FastAPI

MEANINGS = {
    400: "The request is no JSON, or not what HTTP allows.",
    401: "A key is needed, or this one is not known.",
    403: "This caller, or this workflow, may not do that.",
    404: "There is none of this id or name, or it is somebody else's.",
    409: "It does not fit what is there already, or the state that it is in.",
    410: "It was there once, and its file is gone.",
    413: "The body is too large, or there is no room for one more upload.",
    415: "The body is not of a type that is read here.",
    416: "The file has no such part.",
    422: "What was asked for cannot work; all problems are told at once.",
    429: "Too many requests, or too many jobs waiting; `Retry-After` says when to ask again.",
    503: "Something that is needed is away, or the queue is full; `Retry-After` says when to ask again.",
}
_NAMED = (
    LiveSnapshot,
    LiveJob,
    LiveGone,
    LiveQueue,
    LivePreview,
    StreamUpdate,
    StreamEnd,
    WebhookMessage,
    Problem,
)
"""What comes as events, what webhooks tell, and problems: FastAPI documents only what comes as an answer of its own."""
EVERYWHERE = (400, 401, 403, 413, 422, 429, 503)
"""What each route that asks for a key may answer."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return these answers, and those that every route has, as FastAPI takes them."""
    return {status: _problem(MEANINGS[status]) for status in sorted({*EVERYWHERE, *statuses})}


def _problem(meaning: str) -> dict[str, Any]:
    """Return an answer that is a problem: not as a model, of which FastAPI would make a validator for each route."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


def document(app: FastAPI) -> None:
    """Have an app's OpenAPI document say what FastAPI does not.

    Each operation is summed up by the first sentence about it rather than by its function's name, and examples are
    shown as they are, with what is null.
    """
    make = app.openapi

    @cache
    def made() -> dict[str, Any]:
        found = make()
        found["components"]["schemas"] = _named_schemas() | found["components"]["schemas"]
        for name, example in EXAMPLES.items():
            found["components"]["schemas"][name]["example"] = example
        for operations in found["paths"].values():
            for operation in operations.values():
                _say_what_is_streamed(operation["responses"])
                operation["summary"] = operation["description"].partition("\n")[0].partition(". ")[0].removesuffix(".")
        return found

    app.openapi = made


def _say_what_is_streamed(responses: dict[str, Any]) -> None:
    """Have a type be that of the events, where there are events: FastAPI takes it for a JSON document's."""
    for response in responses.values():
        content = response.get("content", {})
        if "text/event-stream" in content and "application/json" in content:
            content["text/event-stream"] = content.pop("application/json")


def _named_schemas() -> dict[str, Any]:
    _, found = models_json_schema(
        [(model, "serialization") for model in _NAMED], ref_template="#/components/schemas/{model}"
    )
    return found["$defs"]
