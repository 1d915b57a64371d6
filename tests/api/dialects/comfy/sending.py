"""What the tests of assets send."""

from __future__ import annotations

import io
from typing import Any

from blake3 import blake3
from PIL import Image

from comfy_gen.app import assets
from comfy_gen.app.caller import ALL_SCOPES, Caller

V2 = "/api/v2"


def picture(color: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (16, 8), color).save(target, "PNG")
    return target.getvalue()


def hash_of(content: bytes) -> str:
    return f"blake3:{blake3(content).hexdigest()}"


def passed_on(image: object) -> dict[str, Any]:
    """A workflow that saves the picture that it is given."""
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": image}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
    }


def reference(**info: object) -> dict[str, Any]:
    """An asset as workflows name it."""
    return {"__type": "core/ASSET", "info": info}


async def sent(client: Any, content: bytes, name: str = "photo.png", filename: str = "file", **said: Any) -> Any:
    fields = {"content_type": "image/png", "file_path": name, **said}
    return await client.post(f"{V2}/assets", data=fields, files={"file": (filename, content, "image/png")})


async def kept(client: Any, content: bytes, name: str = "photo.png") -> dict[str, Any]:
    answer = await sent(client, content, name)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def found(desk: Any, told: dict[str, Any]) -> assets.Asset:
    """Return an asset as the service keeps it."""
    asset = await assets.find(desk.service.artifacts, Caller("", ALL_SCOPES), told["id"])
    assert asset is not None
    return asset
