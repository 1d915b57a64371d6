from __future__ import annotations

from comfy_gen.mcp.options import LONGEST, McpOptions


def test_a_call_is_over_before_clients_give_up_and_nothing_is_open_unless_it_is_said() -> None:
    options = McpOptions()
    assert options.patience < LONGEST < 60
    assert options.folders == ()
    assert not options.has_workflow_tools
