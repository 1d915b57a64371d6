"""What the shell offers when a person presses Tab. Reads nothing but what is shipped: a completion must not wait."""

from __future__ import annotations


def workflows(incomplete: str) -> list[str]:
    """Return the shipped templates that begin so."""
    from comfy_gen.workflows.catalogue import template_names  # noqa: PLC0415  # only when Tab is pressed

    return [name for name in template_names() if name.startswith(incomplete)]


def presets(incomplete: str) -> list[str]:
    """Return the presets that begin so."""
    from comfy_gen.workflows.template import PRESETS  # noqa: PLC0415

    return [name for name in PRESETS if name.startswith(incomplete)]


def crop_modes(incomplete: str) -> list[str]:
    """Return the crop modes that begin so."""
    return [name for name in ("center", "cover", "contain") if name.startswith(incomplete)]
