"""Ports that nobody named."""

from __future__ import annotations

import pytest

from comfy_gen.cli.service import port as service_port
from comfy_gen.cli.service.port import free_port, published_port
from comfy_gen.cli.service.wish import FIRST_PORT
from comfy_gen.errors import ContainerError, PortInUseError
from comfy_gen.supervisor.docker import parse_container


def container(*ports):
    bindings = {f"{port}/tcp": [{"HostPort": str(port)}] for port in ports}
    state = {"Status": "running", "Running": True}
    return parse_container({"Id": "1", "Name": "/box", "State": state, "NetworkSettings": {"Ports": bindings}})


def test_next_free_port_is_that_of_no_other_instance_and_that_nobody_listens_on(monkeypatch):
    busy = {FIRST_PORT + 1}
    monkeypatch.setattr(service_port, "is_free", lambda _, port: port not in busy)
    assert free_port("127.0.0.1", ()) == FIRST_PORT
    assert free_port("127.0.0.1", {FIRST_PORT}) == FIRST_PORT + 2


def test_none_free_is_told(monkeypatch):
    monkeypatch.setattr(service_port, "is_free", lambda *_: False)
    with pytest.raises(PortInUseError, match="nor on any of the 99 after it"):
        free_port("127.0.0.1", ())


@pytest.mark.parametrize(("ports", "port"), [((9000,), 9000), ((80, 8188), 8188), ((), None)])
def test_container_says_which_port_leads_into_it(monkeypatch, ports, port):
    monkeypatch.setattr(service_port.Docker, "look", lambda *_: container(*ports))
    assert published_port("box") == port


def test_container_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ContainerError, match="there is no docker program here"):
        published_port("box")
