from __future__ import annotations

import json
import logging
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import PlainTextResponse, StreamingResponse

from comfy_gen.api.logs import RequestLog, Seen, configure_server_logging
from comfy_gen.config import ApiOptions, LoggingOptions, Settings

log = logging.getLogger("comfy_gen.somewhere")


@pytest.fixture(autouse=True)
def as_it_was():
    """Leave the loggers of this process as they were."""
    names = ("comfy_gen", "comfy_gen.api", "uvicorn", "uvicorn.error", "uvicorn.access", "opentelemetry")
    before = [(logging.getLogger(name), list(logging.getLogger(name).handlers)) for name in names]
    levels = [(one, one.level, one.propagate) for one, _ in before]
    yield
    for one, handlers in before:
        for made in set(one.handlers) - set(handlers):
            made.close()
        one.handlers = handlers
    for one, level, propagate in levels:
        one.setLevel(level)
        one.propagate = propagate


def application():
    app = FastAPI()
    router = APIRouter(prefix="/jobs")

    @router.get("/{job_id}")
    async def job(job_id: str, request: Request) -> PlainTextResponse:
        request.state.caller = SimpleNamespace(name="alice")
        log.warning("looked at it")
        return PlainTextResponse(request.state.request_id)

    @app.get("/fails")
    async def fails() -> None:
        raise ZeroDivisionError

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {}

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter(["a", "b"]))

    app.include_router(router)
    app.add_middleware(RequestLog)
    return app


@pytest.fixture
async def client():
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        yield client


@pytest.fixture
def lines(tmp_path):
    """Log JSON into a file, and return what reads it."""

    def configure(**api):
        path = tmp_path / "log.jsonl"
        logging_options = LoggingOptions(file=path, console=False, format="json")
        configure_server_logging(Settings(logging=logging_options, api=ApiOptions(**api)))
        return lambda: [json.loads(line) for line in path.read_text().splitlines()]

    return configure


@pytest.mark.parametrize("given", ["abc-1_2.Z", "x" * 128])
async def test_fit_id_of_the_client_is_kept(client, given):
    answer = await client.get("/jobs/1", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == answer.text == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\tb", 'a"b', "é".encode()])
async def test_unfit_id_is_replaced_by_a_new_one(client, given):
    answer = await client.get("/jobs/1", headers={"X-Request-ID": given})
    assert len(answer.headers["X-Request-ID"]) == 36
    assert answer.headers.get_list("X-Request-ID") == [answer.text]


async def test_each_request_is_one_line_without_its_query(client, lines):
    read = lines()
    await client.get("/jobs/17?token=sesame", headers={"X-Request-ID": "r1"})
    own, told = read()
    assert own["event"] == "looked at it"
    assert own["request_id"] == told["request_id"] == "r1"
    assert told | {"timestamp": "", "event": "", "milliseconds": 0} == {
        "timestamp": "",
        "level": "info",
        "event": "",
        "logger": "comfy_gen.api.requests",
        "request_id": "r1",
        "method": "GET",
        "path": "/jobs/{job_id}",
        "status": 200,
        "milliseconds": 0,
        "caller": "alice",
    }
    assert told["event"].startswith("GET /jobs/{job_id}: 200 in ")
    assert told["event"].endswith(" ms for alice")


async def test_requests_do_not_share_their_ids(client, lines):
    read = lines()
    await client.get("/jobs/1", headers={"X-Request-ID": "r1"})
    log.warning("between them")
    await client.get("/health", headers={"X-Request-ID": "r2"})
    assert "request_id" not in read()[2]


async def test_path_that_no_route_fits_cannot_forge_a_line(client, lines):
    read = lines()
    await client.get("/x%0AERROR: all is lost")
    (told,) = read()
    assert told["path"] == "/x%0AERROR%3A%20all%20is%20lost"
    assert told["status"] == 404


async def test_bug_is_told_as_500_and_not_swallowed(client, lines):
    read = lines()
    assert (await client.get("/fails")).status_code == 500
    (told,) = read()
    assert (told["level"], told["status"]) == ("warning", 500)


async def test_probes_are_told_to_who_debugs(client, lines):
    read = lines()
    await client.get("/health")
    assert read() == []
    read = lines(log_level="debug")
    await client.get("/health")
    assert [told["path"] for told in read()] == ["/health"]


async def test_server_log_level_governs_requests(client, lines):
    read = lines(log_level="error")
    await client.get("/stream")
    assert read() == []


async def test_client_that_left_has_no_status(lines):
    read = lines()

    async def nobody(scope, receive, send):
        pass

    await RequestLog(nobody)({"type": "http", "method": "GET", "path": "/", "headers": []}, None, None)
    (told,) = read()
    assert told["event"].startswith("GET /: no answer in ")


async def test_other_protocols_pass():
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope)

    await RequestLog(inner)({"type": "lifespan"}, None, None)
    assert seen == [{"type": "lifespan"}]


async def test_name_of_a_key_cannot_forge_a_line(lines):
    read = lines()

    async def inner(scope, receive, send):
        scope["state"]["caller"] = SimpleNamespace(name="a\nERROR b")

    await RequestLog(inner)({"type": "http", "method": "GET", "path": "/", "headers": []}, None, None)
    assert read()[0]["caller"] == r"'a\nERROR b'"


def test_server_logs_where_we_do_and_its_queries_nowhere(lines):
    read = lines()
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("opentelemetry.sdk").warning("not sent")
    logging.getLogger("uvicorn.access").info("GET /?token=sesame")
    assert [told["event"] for told in read()] == ["started", "not sent"]


def test_text_log_names_the_request(tmp_path):
    path = tmp_path / "log.txt"
    settings = Settings(logging=LoggingOptions(file=path, console=False))
    configure_server_logging(replace(settings, api=ApiOptions(log_level="trace")))
    logging.getLogger("comfy_gen.api.requests").debug("GET /: 200")
    assert path.read_text().endswith("DEBUG    comfy_gen.api.requests: GET /: 200\n")


def test_answer_begins_once():
    now = iter([0.0, 2.0, 9.0, 10.0])
    seen = Seen(lambda: next(now))
    seen.begin(200)
    seen.begin(500)
    assert (seen.status, seen.seconds, seen.taken) == (200, 2.0, 9.0)


@pytest.mark.parametrize(
    ("answer", "status"), [("websocket.accept", 101), ("websocket.http.response.start", 403), (None, 0)]
)
async def test_socket_is_logged_when_it_is_over_without_its_query(lines, answer, status):
    async def application(_scope, _receive, send):
        if answer is not None:
            await send({"type": answer, "status": status})

    async def send(_):
        pass

    read = lines()
    scope = {"type": "websocket", "path": "/comfyui/ws", "query_string": b"clientId=secret", "headers": [], "state": {}}
    await RequestLog(application)(scope, None, send)
    (line,) = read()
    assert (line["method"], line["path"], line["status"]) == ("WEBSOCKET", "/comfyui/ws", status)
    assert "secret" not in json.dumps(line)


def test_what_the_server_says_of_sockets_is_not_logged_for_it_has_their_queries(lines):
    read, server = lines(), logging.getLogger("uvicorn.error")
    server.info('%s - "WebSocket %s" [accepted]', "here", "/ws?key=secret")
    server.info("connection open")
    server.error("ASGI callable returned without completing handshake.")
    server.info("Shutting down")
    assert [line["event"] for line in read()] == ["Shutting down"]
