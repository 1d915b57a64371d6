from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import PortInUseError
from comfy_gen.supervisor.instance import Instance
from comfy_gen.supervisor.port import answers, check_port, is_free
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


class Answering(BaseHTTPRequestHandler):
    said = b""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(type(self).said)

    def log_message(self, format, *_):  # noqa: A002  # its name there
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def at(port: int, host: str = "127.0.0.1") -> Instance:
    return Instance("default", Path("/comfy"), host=host, port=port)


def test_free_port_may_be_listened_on():
    check_port(at(free_port()))
    assert is_free("127.0.0.1", free_port())


@pytest.mark.parametrize(
    ("said", "is_comfyui"),
    [
        (b'{"system": {"comfyui_version": "0.3.75"}, "devices": []}', True),
        (b'{"system": "up"}', False),
        (b"[" * 100_000, False),
        (b"[]", False),
        (b"<html>", False),
    ],
)
def test_who_listens_is_told_by_what_it_answers(port: int, said: bytes, is_comfyui: bool, monkeypatch):
    monkeypatch.setattr(Answering, "said", said)

    assert answers(at(port)) is is_comfyui
    with pytest.raises(PortInUseError) as caught:
        check_port(at(port))

    assert ("a ComfyUI that was not started here" in str(caught.value)) is is_comfyui
    assert not is_free("127.0.0.1", port)


def test_proxy_of_the_environment_is_not_asked(port: int, monkeypatch):
    monkeypatch.setattr(Answering, "said", b'{"system": {}, "devices": []}')
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert answers(at(port))


def test_nobody_answers_where_nobody_listens():
    assert not answers(at(free_port()))


def test_who_accepts_and_hangs_up_is_no_comfyui():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            listener.accept()[0].close()

        hanging_up = threading.Thread(target=hang_up)
        hanging_up.start()

        assert not answers(at(listener.getsockname()[1]))
        hanging_up.join()


@pytest.mark.parametrize("host", ["192.0.2.1", "no..host"])
def test_address_of_another_machine_cannot_be_listened_on(host: str):
    with pytest.raises(PortInUseError, match="cannot assign requested address"):
        check_port(at(free_port(), host))
