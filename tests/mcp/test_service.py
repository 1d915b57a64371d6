from __future__ import annotations

import asyncio
from typing import Any

import pytest

from comfy_gen.errors import InvalidParameterError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.service import Service, path_to
from comfy_gen.mcp.transports.in_process import InProcess

JOB = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"


def answering(*answers: tuple[int, bytes], headers: tuple[tuple[bytes, bytes], ...] = ()) -> Any:
    """An application that gives these answers, one after the other."""
    left = list(answers)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        status, body = left.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body})

    return app


def test_a_name_that_somebody_else_chose_is_one_part_of_a_path() -> None:
    assert path_to("jobs", JOB, "cancel") == f"/jobs/{JOB}/cancel"
    assert path_to("presets", "b?c#d e%") == "/presets/b%3Fc%23d%20e%25"


@pytest.mark.parametrize("part", ["", ".", "..", "a\0b", f"{JOB}/events", "/"])
def test_what_would_lead_elsewhere_is_no_part_of_one(part: str) -> None:
    with pytest.raises(InvalidParameterError):
        path_to("jobs", part)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"error": "no"}', b'{"error": {"code": "x"}}', b"null", b"\xff"])
async def test_a_refusal_in_another_shape_tells_its_status(body: bytes) -> None:
    with pytest.raises(ServiceProblemError, match="HTTP 503") as caught:
        await Service(InProcess(answering((503, body)))).get("/jobs")
    assert (caught.value.status, caught.value.service_code, caught.value.details) == (503, "not_comfygen", {})


@pytest.mark.parametrize(("said", "seconds"), [(b"7", 7.0), (b"tomorrow", None)])
async def test_a_refusal_tells_when_to_ask_again(said: bytes, seconds: float | None) -> None:
    body = b'{"error": {"code": "rate_limited", "message": "too many", "hint": "wait.", "details": null}}'
    app = answering((429, body), headers=((b"retry-after", said),))
    with pytest.raises(ServiceProblemError, match="too many") as caught:
        await Service(InProcess(app)).get("/jobs")
    assert caught.value.retry_after == seconds
    assert caught.value.hint == "wait."


@pytest.mark.parametrize("body", [b"[1]", b"<html>", b"7"])
async def test_an_answer_that_is_no_object_is_somebody_else(body: bytes) -> None:
    with pytest.raises(ServiceProblemError, match="not a ComfyGen service"):
        await Service(InProcess(answering((200, body)))).get("/jobs")


async def test_an_empty_answer_is_empty() -> None:
    assert await Service(InProcess(answering((204, b"")))).delete("/jobs/1") == {}


async def test_a_stream_is_opened_anew_while_the_service_is_not_well() -> None:
    end = b'id: 1\nevent: end\ndata: {"state": "completed"}\n\n'
    service = Service(InProcess(answering((503, b""), (200, end))))
    assert [event.type async for event in service.events(JOB)] == ["end"]


async def test_a_stream_that_is_refused_for_good_is_not() -> None:
    with pytest.raises(ServiceProblemError):
        await anext(Service(InProcess(answering((403, b"")))).events(JOB))


async def test_a_request_that_is_not_answered_in_time_is_given_up() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive, send
        await asyncio.Event().wait()

    with pytest.raises(ServiceUnreachableError, match=r"no answer within 0\.01 s"):
        await Service(InProcess(app, grace=0.01), patience=0.01).get("/jobs")


async def test_a_file_that_is_too_large_is_refused_before_it_is_held() -> None:
    assert await Service(InProcess(answering((200, b"1234")))).content("/artifacts/1", most=4) == (
        b"1234",
        "application/octet-stream",
    )
    with pytest.raises(ServiceProblemError, match="too much to be passed on") as error:
        await Service(InProcess(answering((200, b"12345")))).content("/artifacts/1", most=4)
    assert error.value.service_code == "too_large"
