"""The page of the errors: every code, where one meets it, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen import errors
from comfy_gen.api.problems import status_of
from comfy_gen.cli.failures import exit_code
from comfy_gen.comfyui.failures import Failure
from scripts.reference.page import code, page, paragraphs, sentence, table, told
from tests.error_examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from comfy_gen.errors import ComfyGenError

HEAD = """\
An error has a stable code, a message with its facts, and a hint that says what to do. The HTTP service answers with
them as `{"error": {"code", "message", "hint", "details"}}`, the command line prints `error[CODE]: message. Hint.`,
agents get the same words, and in Python each is a class of `comfy_gen.errors`. Where no HTTP status is named, the code
is met on the command line, in Python, or as the `error` of a job that failed."""

_MODULES: Sequence[ModuleType] = (
    errors.request,
    errors.workflow,
    errors.composition,
    errors.quality,
    errors.asset,
    errors.job,
    errors.engine,
    errors.generation,
    errors.service,
    errors.agent,
    errors.model,
    errors.operation,
)

FAILURES = {
    Failure.OUT_OF_MEMORY: "The engine had too little memory. It is tried again once the engine has freed some.",
    Failure.GPU_ERROR: "The GPU, or its driver, failed. It is tried again, elsewhere if there is another engine.",
    Failure.TIMEOUT: "The time that somebody gave was over.",
    Failure.ENGINE_LOST: "The engine ended, or forgot the prompt. It is tried again.",
    Failure.STORAGE_FAILED: "A file could not be written or read: by the engine, or by the service.",
    Failure.MISSING_MODEL: "A model's file is not there, is damaged, or is of another kind than its loader reads.",
    Failure.MISSING_NODE: "The engine lacks a class of nodes.",
    Failure.INVALID_INPUT: "An input does not fit its node.",
    Failure.INTERRUPTED: "Somebody stopped the prompt at the engine.",
    Failure.CANCELLED: "The job was cancelled.",
    Failure.BLOCKED_BY_POLICY: "The workflow has nodes that this service does not run.",
    Failure.ASSET_FETCH_FAILED: "What a URL points to could not be had.",
    Failure.INTERNAL: "None of these; the engine's log, or the service's, tells more.",
}
"""What the failures of a job mean."""

PLAIN = {
    "malformed_json": (400, "The body is not JSON."),
    "malformed_request": (400, "The request is not what HTTP allows, or ended too early."),
    "not_found": (404, "There is no such route; `/docs` lists them."),
    "method_not_allowed": (405, "The route has other methods, which `Allow` lists."),
    "range_not_satisfiable": (416, "The file has no such part."),
    "internal": (500, "A bug in ComfyGen; its log tells more."),
}
"""Codes of the HTTP service that are no class: what it says of requests that never came to one."""


def render() -> str:
    """Return the page."""
    return page(
        "Errors",
        HEAD,
        "## Why jobs fail",
        "A job that failed says why in its `error`: with one of these, or with a code below.",
        table(["code", "meaning"], [(code(one), told(one, FAILURES[one])) for one in Failure]),
        "## Requests that are none",
        table(["code", "HTTP", "meaning"], [(code(name), str(status), said) for name, (status, said) in PLAIN.items()]),
        *(part for module in _MODULES for part in _group(module)),
    )


def _group(module: ModuleType) -> Iterator[str]:
    yield f"## {module.__name__.rpartition('.')[2].capitalize()}"
    yield (module.__doc__ or "").strip()
    for name, example in EXAMPLES.items():
        if type(example).__module__ == module.__name__ and not isinstance(example, errors.ExecutionFailedError):
            yield from _error(name, example)


def _error(name: str, example: ComfyGenError) -> Iterator[str]:
    yield f"### {example.code}"
    yield paragraphs(told(name, type(example).__doc__))
    yield " · ".join([code(name), *_status(example), f"exit code {exit_code(example)}"])
    yield _quoted(example.message, example.hint)


def _status(example: ComfyGenError) -> Iterator[str]:
    status = status_of(example)
    if status < 500 or status in (502, 503):
        yield f"HTTP {status}"


def _quoted(message: str, hint: str) -> str:
    closing = "" if message.endswith((".", ")")) else "."
    lines = [*f"{message}{closing}".splitlines(), *([""] if hint else []), *sentence(hint).splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)
