"""The function API: one function for each thing that a script does with a ComfyUI, as documented.

    from comfy_gen.generate import *

    workflow = modify_prompt(load_workflow("workflows/sdxl.json"), "a lighthouse at dusk", "blurry")
    prompt_id = queue_workflow(workflow)
    if prompt_id and download_output(wait_for_completion(prompt_id), "lighthouse.png"):
        print("done")

The functions that talk to an engine return None or False where they fail and log why, so that a script can go on with
the next picture; `comfy_gen.comfyui.ComfyUIClient` raises instead, and can more.
"""

from __future__ import annotations

import functools
import logging
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from comfy_gen.atomic import replacing
from comfy_gen.comfyui.bodies import files_of
from comfy_gen.comfyui.client import Cancellation, ComfyUIClient
from comfy_gen.config import read_settings
from comfy_gen.errors import (
    ComfyGenError,
    EngineResponseError,
    EngineUnreachableError,
    InputImageError,
    NoOutputError,
)
from comfy_gen.pipeline.preprocess import Size, open_picture, prepare, upload_name
from comfy_gen.storage.s3 import Bucket
from comfy_gen.validation.retry import adjust_prompt_for_retry, get_retry_params
from comfy_gen.workflows import edits
from comfy_gen.workflows.catalogue import find_workflow
from comfy_gen.workflows.models import missing_models
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.roles import find_roles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from comfy_gen.comfyui.bodies import FileRef
    from comfy_gen.workflows.graph import Workflow

__all__ = [
    "COMFYUI_HOST",
    "EXIT_CONFIG_ERROR",
    "EXIT_FAILURE",
    "EXIT_INTERRUPTED",
    "EXIT_SUCCESS",
    "MAX_RETRIES",
    "RETRY_BACKOFF",
    "RETRY_DELAY",
    "adjust_prompt_for_retry",
    "cancel_prompt",
    "check_server_availability",
    "download_output",
    "find_model_fallbacks",
    "get_available_models",
    "get_retry_params",
    "load_workflow",
    "modify_denoise",
    "modify_input_image",
    "modify_prompt",
    "modify_sampler_params",
    "preprocess_image",
    "queue_workflow",
    "upload_image_to_comfyui",
    "upload_to_minio",
    "validate_workflow_models",
    "wait_for_completion",
]

log = logging.getLogger("comfy_gen")

COMFYUI_HOST = read_settings().engine_url
"""The engine's address, from ``COMFYUI_API_BASE``."""

EXIT_SUCCESS = 0
EXIT_FAILURE = 1
"""The generation failed."""
EXIT_CONFIG_ERROR = 2
"""What was asked for, or the server, cannot work."""
EXIT_INTERRUPTED = 130

MAX_RETRIES = 3
RETRY_DELAY = 2
"""Seconds before the first retry."""
RETRY_BACKOFF = 2
"""Each delay is this many times the one before."""


P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F")


def _or_else(fallback: F) -> Callable[[Callable[P, T]], Callable[P, T | F]]:
    """Make a function log its errors and return the fallback, as the documented functions do."""

    def decorate(function: Callable[P, T]) -> Callable[P, T | F]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T | F:
            try:
                return function(*args, **kwargs)
            except ComfyGenError as error:
                log.error("%s%s", error, f" ({error.hint})" if error.hint else "")  # noqa: TRY400  # expected: no traceback
                return fallback

        return call

    return decorate


# --- the engine


@_or_else(fallback=False)
def check_server_availability() -> bool:
    """Tell whether a ComfyUI answers at `COMFYUI_HOST`."""
    return _client().is_available()


@_or_else(None)
def get_available_models() -> dict[str, list[str]] | None:
    """Return the engine's model files by folder: ``checkpoints``, ``loras``, ``vae`` and others; None on failure."""
    client = _client()
    return {folder: client.get_models(folder) for folder in client.get_models()}


@_or_else(fallback=False)
def cancel_prompt(prompt_id: str) -> bool:
    """Take a prompt out of the queue, or interrupt it if it runs; nobody else's prompt is touched.

    Returns whether there was something to cancel.
    """
    return _client().cancel(prompt_id) in {Cancellation.REMOVED, Cancellation.INTERRUPTED}


# --- the workflow


def load_workflow(workflow_path: str) -> Workflow:
    """Return the workflow of a file, or of a shipped template where there is no such file.

    Raises:
        WorkflowNotFoundError: neither exists; it is a FileNotFoundError.
        WorkflowSyntaxError: the file is not JSON; it is a json.JSONDecodeError.
        WorkflowError: it is JSON of another kind.
    """
    return find_workflow(workflow_path)


def find_model_fallbacks(
    requested_model: str, available_models: Mapping[str, Sequence[str]], model_type: str = "checkpoints"
) -> list[str]:
    """Return up to five models of the same folder that may do instead, the most similar name first."""
    return list(nearest_names(requested_model, available_models.get(model_type, ()), limit=5))


def validate_workflow_models(
    workflow: Workflow, available_models: Mapping[str, Sequence[str]]
) -> tuple[bool, list[tuple[str, str]], dict[str, list[str]]]:
    """Return whether the engine has all models, those that it has not as (folder, name), and what may do for each."""
    missing = list(dict.fromkeys((use.folder, use.name) for use in missing_models(workflow, available_models)))
    fallbacks = {name: find_model_fallbacks(name, available_models, folder) for folder, name in missing}
    return not missing, missing, {name: names for name, names in fallbacks.items() if names}


def modify_prompt(workflow: Workflow, positive_prompt: str, negative_prompt: str = "") -> Workflow:
    """Set both prompts in place, wherever the samplers get them from.

    A model such as Flux takes no negative prompt: it is left out there, and the log says so.

    Raises:
        RoleNotFoundError: no sampler has a prompt.
    """
    takes_negative = bool(find_roles(workflow).negative)
    if negative_prompt and not takes_negative:
        log.warning("the negative prompt is left out: this workflow's model takes none")
    return edits.set_prompt(workflow, positive_prompt, negative_prompt if takes_negative else None)


def modify_input_image(workflow: Workflow, uploaded_filename: str) -> Workflow:
    """Set the input picture in place, by the name that `upload_image_to_comfyui` returned.

    Raises:
        RoleNotFoundError: the workflow loads no picture.
    """
    return edits.set_input_image(workflow, uploaded_filename)


def modify_denoise(workflow: Workflow, denoise_value: float) -> Workflow:
    """Set in place how much of the picture is painted anew: from 0.0, nothing, to 1.0, everything.

    Raises:
        RoleNotFoundError: the workflow has no sampler with such an input.
    """
    return edits.set_denoise(workflow, denoise_value)


def modify_sampler_params(
    workflow: Workflow,
    steps: int | None = None,
    cfg: float | None = None,
    seed: int | None = None,
    sampler_name: str | None = None,
    scheduler: str | None = None,
) -> Workflow:
    """Set in place what is given, in every sampler; a seed of -1 is random.

    Raises:
        RoleNotFoundError: the workflow has no such input.
    """
    wanted: dict[Any, Any] = {
        edits.set_steps: steps,
        edits.set_cfg: cfg,
        edits.set_seed: seed,
        edits.set_sampler: sampler_name,
        edits.set_scheduler: scheduler,
    }
    for edit, value in wanted.items():
        if value is not None:
            edit(workflow, value)
    return workflow


# --- one prompt


@_or_else(None)
def queue_workflow(workflow: Workflow, retry: bool = True) -> str | None:  # noqa: FBT001, FBT002  # the documented signature
    """Send the workflow and return its prompt id; None where the engine does not take it.

    With ``retry``, server errors (5xx), broken connections and timeouts are tried again up to `MAX_RETRIES` times,
    after `RETRY_DELAY` seconds and `RETRY_BACKOFF` times longer each time. What the engine refuses is not. A prompt
    whose answer got lost is looked for before it is sent again, so that it never runs twice.
    """
    prompt_id = str(uuid.uuid4())
    for attempt in range(MAX_RETRIES if retry else 0):
        try:
            return _submit(workflow, prompt_id, is_sent=attempt > 0)
        except (EngineUnreachableError, EngineResponseError) as error:
            if isinstance(error, EngineResponseError) and error.status < 500:
                raise
            delay = RETRY_DELAY * RETRY_BACKOFF**attempt
            log.warning("%s; trying again in %g s", error, delay)
            time.sleep(delay)
    return _submit(workflow, prompt_id, is_sent=retry)


def wait_for_completion(prompt_id: str) -> dict[str, Any]:
    """Wait for the prompt's end and return its history entry: ``outputs``, ``status`` and ``prompt``.

    It listens to the engine's events, so that it returns as soon as the prompt ends. A prompt that failed has
    ``status["status_str"] == "error"``; so has one that the engine has lost, with no outputs. The log says why.
    """
    entry = _await_entry(prompt_id)
    return entry or {"outputs": {}, "status": {"status_str": "error", "completed": False, "messages": []}}


@_or_else(fallback=False)
def download_output(status: Mapping[str, Any], output_path: str) -> bool:
    """Store the first picture of a history entry at a path, whole or not at all; tell whether there was one."""
    _client().download(_first_output(status), output_path)
    return True


# --- pictures


@_or_else(None)
def upload_image_to_comfyui(image_path: str) -> str | None:
    """Upload a picture to the engine's input folder and return the name it has there; None on failure.

    The name is made from the content: two pictures never clash, and one that the engine has is not stored twice.
    """
    content = _read_picture(image_path)
    return str(_client().upload_unique(content, name=upload_name(content))["name"])


def preprocess_image(image_path: str, resize: Size | None = None, crop: str | None = None) -> str:
    """Resize and crop a picture in place and return its path; see `comfy_gen.pipeline.preprocess.CropMode`.

    Raises:
        InputImageError: it is not a picture.
        InvalidParameterError: the size or the crop mode.
        OutputPathError: the file cannot be written.
    """
    content = prepare(_read_picture(image_path), source=image_path, resize=resize, crop=crop)
    with replacing(Path(image_path)) as file:
        file.write(content)
    return image_path


@_or_else(None)
def upload_to_minio(file_path: str, object_name: str) -> str | None:
    """Store a file in the bucket that the environment names and return its public URL; None on failure.

    It needs the extra ``s3`` and logs so where it is absent.
    """
    return Bucket(read_settings().bucket).upload(file_path, object_name)


# --- inside


def _client() -> ComfyUIClient:
    """Return the client of the address that is set now; a script may change it."""
    return _client_of(COMFYUI_HOST)


@functools.cache
def _client_of(url: str) -> ComfyUIClient:
    return ComfyUIClient(url=url)


def _submit(workflow: Workflow, prompt_id: str, *, is_sent: bool) -> str:
    """Send the workflow, unless an earlier attempt arrived after all."""
    if not (is_sent and _client().find_prompt(prompt_id)):
        _client().submit(workflow, prompt_id=prompt_id, attempts=1)
    return prompt_id


@_or_else(None)
def _await_entry(prompt_id: str) -> dict[str, Any] | None:
    outcome = _client().attach(prompt_id).result()
    if outcome.error is not None:
        log.error("%s", outcome.error)
    return _client().get_history(prompt_id).get(prompt_id)


def _first_output(status: Mapping[str, Any]) -> FileRef:
    """Return the file that was meant to be kept; one of a preview node only where there is no other."""
    files = files_of(status.get("outputs", {}))
    if not files:
        raise NoOutputError(str((status.get("prompt") or ["", "of this status"])[1]))
    return min(files, key=lambda file: file.type != "output")


def _read_picture(path: str) -> bytes:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputImageError(path, error.strerror or str(error)) from error
    open_picture(content, source=path)
    return content
