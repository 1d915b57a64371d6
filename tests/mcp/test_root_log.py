"""The log of a process in which an MCP server is made."""

from __future__ import annotations

import logging

from comfy_gen.mcp.options import McpOptions
from comfy_gen.mcp.root_log import keeping_root_log
from comfy_gen.mcp.server import build_server


def test_setting_up_the_root_log_does_nothing():
    before = list(logging.getLogger().handlers)
    with keeping_root_log():
        logging.basicConfig(level="DEBUG")
    assert logging.getLogger().handlers == before


def test_making_a_server_leaves_it_alone():
    root = logging.getLogger()
    for handler in (handlers := list(root.handlers)):
        root.removeHandler(handler)
    try:
        build_server(lambda _: (_ for _ in ()).throw(AssertionError), McpOptions())
        assert root.handlers == []
    finally:
        for handler in handlers:
            root.addHandler(handler)
