"""Where the service listens."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from comfy_gen.api.listening import comfyui_address, listening, listening_as_comfyui
from comfy_gen.config import Settings
from comfy_gen.errors import InvalidParameterError, PortInUseError

HOST = "127.0.0.1"


def with_port(port, **dialects):
    usual = Settings()
    return replace(usual, dialects=replace(usual.dialects, comfyui_port=port, **dialects))


@pytest.mark.parametrize("host", [HOST, "::1"])
def test_port_that_another_program_has_is_told_before_anything_starts(host):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
        try:
            other.bind((host, 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError), listening(host, port):
            pass
    with listening(host, port) as listener:
        assert listener.getsockname()[1] == port


@pytest.mark.parametrize("host", ["no such name", "192.0.2.1", "x" * 70])
def test_host_that_is_none_of_this_machine_is_told_as_such(host):
    with pytest.raises(InvalidParameterError, match="host is"), listening(host, 0):
        pass


def test_processes_of_one_service_share_a_port_and_others_do_not():
    with listening(HOST, 0, is_shared=True) as first:
        port = first.getsockname()[1]
        with listening(HOST, port, is_shared=True) as second:
            assert second.getsockname()[1] == port
        with pytest.raises(PortInUseError, match="in use"), listening(HOST, port):
            pass


def test_who_has_no_port_for_a_comfyui_listens_nowhere():
    with listening_as_comfyui(with_port(None)) as listener:
        assert listener is None
    assert comfyui_address(with_port(None)) is None


def test_comfyui_s_port_that_another_program_has_is_told_with_how_to_choose_another():
    with listening(HOST, 0) as other:
        settings = with_port(other.getsockname()[1])
        with pytest.raises(PortInUseError) as caught, listening_as_comfyui(settings):
            pass
    assert "--comfyui-port" in caught.value.hint


def test_port_is_for_one_process_where_a_system_does_not_share_them(monkeypatch):
    monkeypatch.delattr(socket, "SO_REUSEPORT")
    with pytest.raises(InvalidParameterError, match="comfyui_port"), listening_as_comfyui(with_port(1), is_shared=True):
        pass


def test_comfyui_is_reached_where_its_port_is():
    assert comfyui_address(with_port(8188)) == "http://127.0.0.1:8188"


def test_port_of_a_comfyui_that_is_switched_off_is_refused():
    with pytest.raises(InvalidParameterError, match="comfyui_port"):
        comfyui_address(with_port(8188, enabled=("openai",)))
