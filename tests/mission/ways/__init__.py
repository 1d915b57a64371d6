"""The ways in which examples are run: a function for each, which fails where the example does not do what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mission.ways import agents, exchanges, options, programs, scripts, serving, shells, words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scripts.mission.index import Example
    from tests.mission.stage import Stage

WAYS: Mapping[str, Callable[[Example, str, Stage], str | None]] = {
    "agent": agents.run_program,
    "answer": exchanges.compare_answer,
    "configuration": options.read_configuration,
    "frame": exchanges.compare_frame,
    "judging": programs.run_judging,
    "machine": shells.run_on_machine,
    "modifier": serving.run_modifier,
    "n8n": exchanges.run_n8n,
    "node-script": scripts.run_in_node,
    "page-script": scripts.run_in_page,
    "program": programs.run_program,
    "progress": agents.compare_answer,
    "request": exchanges.send_request,
    "request-line": exchanges.send_line,
    "retries": words.compare_retries,
    "serving": serving.start,
    "shell": shells.run,
    "signature": words.compare_signature,
    "stream": exchanges.compare_update,
    "variables": options.read_variables,
    "words": shells.take_words,
    "workflow": exchanges.run_workflow,
}
"""Each is given the example, its text and the stage, and returns what was printed, where something is."""
