"""Examples of what a gallery is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_TILE = {
    "id": "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10",
    "created": 1_795_000_009.8,
    "title": "the keeper",
    "prompt": "a lighthouse keeper, red scarf, morning light",
    "artifact_id": "b3f3fac1-32e0-5976-b8e3-cde1fee1843f",
    "media_type": "image/png",
    "width": 832,
    "height": 1216,
    "has_thumbnail": True,
    "files": 1,
    "rating": 5,
    "favorite_id": "fav_73th6x9jnhh9",
    "tags": ["best", "portfolio"],
    "passed": True,
    "score": 0.312,
    "seed": 5,
    "workflow": "sdxl",
}

GALLERY_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "Facets": {
        "total": 10_000,
        "favorites": 412,
        "categories": [{"name": "portrait", "count": 5_120}, {"name": "outdoor", "count": 1_904}],
        "models": [{"name": "sd_xl_base_1.0.safetensors", "count": 9_731}],
        "tags": [{"name": "best", "count": 96}],
        "workflows": [{"name": "sdxl", "count": 9_731}],
    },
    "Tiles": {"tiles": [_TILE], "total": 10_000},
}
"""By the name of the type."""
