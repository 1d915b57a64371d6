"""Says what a saved picture carries about how it was made, as ComfyUI writes it. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from comfy_gen.sandbox.queue import Item


def png_metadata(item: Item) -> dict[str, str]:
    """Return the text entries: ``prompt``, and each key of the submitter's ``extra_pnginfo`` (``workflow``)."""
    extra = item.extra_data.get("extra_pnginfo")
    named = cast("dict[str, Any]", extra) if isinstance(extra, dict) else {}
    return {"prompt": json.dumps(item.prompt), **{key: json.dumps(value) for key, value in named.items()}}
