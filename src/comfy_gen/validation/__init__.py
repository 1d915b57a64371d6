"""Whether a picture is good enough, and what is done if it is not."""

from __future__ import annotations

from comfy_gen.validation.clip import ImageValidator, validate_image

__all__ = ["ImageValidator", "validate_image"]
