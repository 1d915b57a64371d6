"""Says what kind of failure an execution error is, so that somebody can decide whether to try again. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from comfy_gen.errors import ExecutionFailedError

if TYPE_CHECKING:
    from comfy_gen.comfyui.messages import ExecutionError


class Failure(StrEnum):
    """Why a job failed. The first five can be the engine's fault; the others are the request's or ours."""

    OUT_OF_MEMORY = "out_of_memory"
    GPU_ERROR = "gpu_error"
    TIMEOUT = "timeout"
    ENGINE_LOST = "engine_lost"
    STORAGE_FAILED = "storage_failed"
    MISSING_MODEL = "missing_model"
    MISSING_NODE = "missing_node"
    INVALID_INPUT = "invalid_input"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    BLOCKED_BY_POLICY = "blocked_by_policy"
    ASSET_FETCH_FAILED = "asset_fetch_failed"
    INTERNAL = "internal"


_RULES: tuple[tuple[Failure, re.Pattern[str]], ...] = (
    (
        Failure.OUT_OF_MEMORY,
        re.compile(r"OutOfMemory|out of memory|MemoryError|Allocation on device|not enough memory", re.IGNORECASE),
    ),
    (
        Failure.GPU_ERROR,
        re.compile(r"CUDA|cuDNN|cuBLAS|NVML|HIP error|device-side assert|MPS backend|DirectML|XPU error"),
    ),
    (Failure.STORAGE_FAILED, re.compile(r"No space left|Read-only file system|Disk quota")),
    (
        Failure.MISSING_MODEL,
        re.compile(
            r"SafetensorError|Could not detect model type|UnpicklingError|PytorchStreamReader|EOFError"
            r"|FileNotFoundError.*(models|\.safetensors|\.ckpt|\.pth?|\.gguf)|is invalid and does not contain"
        ),
    ),
    (
        Failure.INVALID_INPUT,
        re.compile(
            r"outside the output folder|UnidentifiedImageError"
            r"|cannot identify image|shapes? (cannot|mismatch)|size of tensor|expected input"
            r"|channels|ValueError|TypeError|KeyError|IndexError|FileNotFoundError|DecompressionBomb"
        ),
    ),
)

_ADVICE: dict[Failure, str] = {
    Failure.OUT_OF_MEMORY: "make the picture smaller or fewer at once, free the memory (POST /free), or use an engine "
    "with more.",
    Failure.GPU_ERROR: "restart that ComfyUI; if it returns, see its log and the GPU's driver.",
    Failure.STORAGE_FAILED: "make room or set permissions in ComfyUI's output folder.",
    Failure.MISSING_MODEL: "the model file is missing, damaged or of another kind than this loader reads: "
    "download it again.",
    Failure.INVALID_INPUT: "an input does not fit this node: check models against each other, sizes and pictures.",
    Failure.INTERNAL: "see the log of that ComfyUI for the whole traceback.",
}


def classify(exception_type: str, exception_message: str) -> Failure:
    """Return the failure class for an exception that a node raised.

    The order of the rules matters: "CUDA out of memory" is a matter of memory, not of the GPU.
    """
    text = f"{exception_type}: {exception_message}"
    return next((failure for failure, pattern in _RULES if pattern.search(text)), Failure.INTERNAL)


def execution_failed(error: ExecutionError) -> ExecutionFailedError:
    """Turn the engine's message into our error, with its class and what to do."""
    failure = classify(error.exception_type, error.exception_message)
    return ExecutionFailedError(
        prompt_id=error.prompt_id,
        failure=failure,
        node_id=error.node_id,
        node_type=error.node_type,
        reason=f"{error.exception_type}: {error.exception_message.strip()}",
        traceback=error.traceback,
        advice=_ADVICE.get(failure, ""),
    )
