"""What is done with a picture that is not good enough. Strangers to the engines: words and numbers only."""

from __future__ import annotations

from comfy_gen.validation.clip import ImageValidator, validate_image

__all__ = ["ImageValidator", "validate_image"]
