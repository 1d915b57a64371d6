"""What this ComfyUI says it can do: over its sockets, and at ``/features``. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.bounds import UPLOAD_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAGS: Mapping[str, Any] = {"supports_preview_metadata": True, "max_upload_size": UPLOAD_LIMIT}
