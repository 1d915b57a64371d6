"""``comfygen mcp``: what it takes, and how it says that it cannot begin; agents talk to it in ``tests/e2e``."""

from __future__ import annotations

import sys


def test_help_says_what_it_takes(comfygen):
    said = comfygen("mcp", "--help")
    assert said.code == 0
    assert {"--url", "--key", "--folder", "--workflow-tools", "--no-worker"} <= set(said.out.split())


def test_missing_sdk_is_named(comfygen, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp", None)
    said = comfygen("mcp")
    assert (said.code, said.out) == (2, "")
    assert "error[missing_extra]" in said.err
    assert "comfygen-server[mcp]" in said.err


def test_address_that_cannot_be_one_is_refused(comfygen):
    said = comfygen("mcp", "--url", "ftp://pictures.example.com")
    assert (said.code, said.out) == (2, "")
    assert "mcp.url" in said.err
