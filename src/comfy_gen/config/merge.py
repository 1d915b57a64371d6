"""Puts layers of values one over the other, and makes settings of what is on top. Pure."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from comfy_gen.config.keys import KEYS, attribute_of
from comfy_gen.config.settings import Settings
from comfy_gen.config.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from comfy_gen.config.layers import Layer

URL = "comfyui.url"
PARTS_OF_URL = ("comfyui.protocol", "comfyui.host", "comfyui.port")


def merge(layers: Iterable[Layer]) -> dict[str, Value]:
    """Return the value of every key: that of the last layer that sets it.

    A URL is one way to say what protocol, host and port say: where a greater source sets one of these, the URL of a
    smaller one counts no more.
    """
    merged: dict[str, Value] = {}
    for layer in layers:
        merged |= layer.values
    if any(merged[part].origin.source > merged[URL].origin.source for part in PARTS_OF_URL):
        merged[URL] = Value(KEYS[URL], KEYS[URL].default)
    return {path: merged[path] for path in KEYS}


def compose(values: Mapping[str, Value]) -> Settings:
    """Return the settings that the values of all keys make."""
    given: dict[str, dict[str, Any]] = {}
    for value in values.values():
        key = value.key
        given.setdefault(attribute_of(key.section), {})[key.attribute or key.name] = value.value
    usual = Settings()
    return Settings(**{field.name: type(getattr(usual, field.name))(**given[field.name]) for field in fields(Settings)})
