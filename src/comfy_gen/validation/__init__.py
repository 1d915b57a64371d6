"""Whether a picture is good enough, and what is done if it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comfy_gen.validation.clip import ImageValidator, validate_image

__all__ = ["ImageValidator", "validate_image"]


def __getattr__(name: str) -> Any:
    """Return what the package is documented for, loaded when it is asked for: every command imports the package."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from comfy_gen.validation import clip  # noqa: PLC0415

    return getattr(clip, name)
