from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from comfy_gen.errors import InvalidParameterError
from comfy_gen.library.probe import REMEMBERED, Probe, address_of, check_address

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Tracker:
    """Answers as MLflow does, and counts."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = 0
        self.server: TestServer

    async def health(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, text="OK")

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))


@pytest.fixture
async def tracker() -> AsyncIterator[Tracker]:
    tracker = Tracker()
    app = web.Application()
    app.router.add_get("/health", tracker.health)
    async with TestServer(app) as tracker.server:
        yield tracker


async def test_a_server_that_answers_is_well(tracker: Tracker):
    assert await Probe(tracker.url).is_well()


async def test_a_login_is_not_needed_for_that(tracker: Tracker):
    assert await Probe(tracker.url.replace("http://", "http://ada:secret@")).is_well()


async def test_a_server_that_fails_is_not(tracker: Tracker):
    tracker.status = 500
    assert not await Probe(tracker.url).is_well()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "sqlite:///mlflow.db", "nonsense", ""])
async def test_where_nobody_answers_nothing_is_well(url: str):
    assert not await Probe(url).is_well()


async def test_an_answer_holds_for_a_while(tracker: Tracker):
    now = [0.0]
    probe = Probe(tracker.url, clock=lambda: now[0])
    assert await probe.is_well()
    tracker.status = 500
    now[0] += REMEMBERED - 0.1
    assert await probe.is_well()
    assert tracker.asked == 1
    now[0] += 0.1
    assert not await probe.is_well()
    assert tracker.asked == 2


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000"),
        ("https://ada:s@cret@mlflow.example/prefix", "https://mlflow.example/prefix"),
        ("databricks", "databricks"),
    ],
)
def test_an_address_is_told_without_its_login(url: str, address: str):
    assert address_of(url) == address


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "https://ada:p%2Fss@mlflow.example.com/base/", "http://[::1]:5000"]
)
def test_a_server_has_an_address(url: str):
    check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///mlflow.db",
        "file:///home/ada/mlruns",
        "mlruns",
        "databricks",
        "http://",
        "http://host:99999",
        "http://ada:sec/ret@host",
        "http://ada:sec#ret@host:5000",
        "http://ada:sec ret@host",
        "http://ada:12/sec@host",
    ],
)
def test_what_is_no_address_of_a_server_is_refused_without_its_login(url: str):
    with pytest.raises(InvalidParameterError, match="http://HOST:PORT") as caught:
        check_address(url)
    assert "sec" not in str(caught.value)
