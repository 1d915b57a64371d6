"""Errors as agents are told them: one sentence with a code that stays the same and what to do next, never a traceback.

``error[missing_model]: the engine has no 'dreem.safetensors'.``, and below it ``Hint: Nearest: dream.safetensors.``
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from pydantic import ValidationError

from comfy_gen.errors import ComfyGenError, InvalidParameterError, JobNotFoundError, ServiceProblemError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from mcp_types import Prompt, Tool

log = logging.getLogger(__name__)

MOST = 200
"""Letters that are repeated of what somebody called a thing that there is none of."""
_BUG = "something went wrong here that should not have"
_ITS_LOG = "the log of the MCP server tells more; this is a bug in ComfyGen"


_CALLS = {
    "job_not_found": "Call list_jobs for those that there are.",
    "workflow_not_found": "Call list_workflows for those that there are.",
    "generation_not_found": "Call search_library for those that there are.",
    "unknown_tag": "Call list_categories for those that there are.",
    "no_category": "Call list_categories for those that there are.",
    "missing_model": "Call list_models for those that there are.",
    "no_capable_engine": "Call list_models for what the engines have.",
    "no_engine": "Call service_status to see how the engines are.",
    "service_unreachable": "Call service_status to see whether it is back.",
}
"""The tools that help with an error: the service's own hints are for people at a command line."""


class ToldError(ToolError):
    """A failure in the words that an agent is told."""


def text(code: str, message: str, hint: str = "", *, job: str = "") -> str:
    """Return what an agent reads of an error, a line for each part."""
    hints = " ".join(filter(None, [_sentence(hint), _CALLS.get(code, "")]))
    return "\n".join(filter(None, [f"error[{code}]: {message.rstrip('.')}.", hints and f"Hint: {hints}", job]))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.?!' else '.'}" if text else ""


def unknown_tool(name: str, names: Iterable[str]) -> ToldError:
    """Return the error of a tool that there is none of."""
    nearest = get_close_matches(name, list(names), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else "list the tools"
    return ToldError(text("unknown_tool", f"there is no tool {name[:MOST]!r}", hint))


def check_names(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Do nothing, if a tool knows all these arguments: what it does not know would be ignored, and nobody told.

    Raises:
        ToldError: it does not.
    """
    known: list[str] = list(tool.input_schema.get("properties", {}))
    if strange := [name for name in arguments if name not in known]:
        meant = [near for name in strange for near in get_close_matches(name, known, n=1)]
        hint = f"did you mean {' and '.join(meant)}?" if meant else f"it takes {', '.join(known) or 'nothing'}."
        raise ToldError(text("invalid_parameter", f"{tool.name} knows no {' and no '.join(strange)[:MOST]}", hint))


def check_prompt(name: str, arguments: Mapping[str, Any], prompts: Iterable[Prompt]) -> None:
    """Do nothing, if there is such a prompt, and nothing that it needs is left out.

    Raises:
        MCPError: there is none, or something is.
    """
    found = {prompt.name: prompt for prompt in prompts}
    if name not in found:
        hint = f"there are {', '.join(found)}."
        raise MCPError(INVALID_PARAMS, text("unknown_prompt", f"there is no prompt {name[:MOST]!r}", hint))
    needed = [one.name for one in found[name].arguments or () if one.required]
    if lacking := [one for one in needed if one not in arguments]:
        raise MCPError(INVALID_PARAMS, text("invalid_parameter", f"{name} lacks {' and '.join(lacking)}"))


def told(error: BaseException, *, job_id: str = "") -> str:
    """Return what an agent is told of an error; of one that nobody expected the log has the rest."""
    job = _standing(error, job_id) if job_id else ""
    match error:
        case ToldError():
            return str(error)
        case ServiceProblemError():
            return text(error.service_code, error.message, error.hint, job=job)
        case ComfyGenError():
            return text(error.code, error.message, error.hint, job=job)
        case TimeoutError():
            return text("timeout", "the service took too long to answer", "ask again", job=job)
        case ValidationError():
            return text("invalid_parameter", _wrong_in(error), "the tool's schema says what it takes")
        case _:
            log.error("a tool met a bug", exc_info=error)
            return text("internal", _BUG, _ITS_LOG, job=job)


def _standing(error: BaseException, job_id: str) -> str:
    """Return what is known of a job after an error: a refusal is one, and of the rest nobody knows."""
    is_refused = isinstance(error, ServiceProblemError) and error.status < 500
    if is_refused or isinstance(error, InvalidParameterError | JobNotFoundError):
        return f"Job: {job_id}."
    return f"Job: {job_id}; get_progress tells whether it was accepted, and how it goes."


@contextmanager
def naming(job_id: str) -> Generator[None]:
    """Have every error that leaves this block name a job: whatever happens to the connection, its id is known.

    Raises:
        ToldError: in place of what was raised.
    """
    try:
        yield
    except ToldError:
        raise
    except Exception as error:
        raise ToldError(told(error, job_id=job_id)) from error


def _wrong_in(error: ValidationError) -> str:
    """Return what is wrong with a tool's arguments, without what was sent: that may be a whole picture."""
    return "; ".join(f"{_place(one)}: {one['msg']}" for one in error.errors(include_input=False)[:5])


def _place(problem: Any) -> str:
    return ".".join(map(str, problem["loc"])) or "the arguments"
