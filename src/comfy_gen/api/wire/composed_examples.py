"""Examples of what is told of recipes, categories and the library: what the service said, cut short.

`comfy_gen.api.wire.examples` has them with all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_JOB_ID = "ded1ded0-c5ae-4fa6-9421-719cb17ca612"
_OTHER_ID = "a941f29c-9cac-463c-8a59-146b183e6616"
_ARTIFACT_ID = "aa5899a6-f643-56ab-956f-934c9f18053e"
_SHA256 = "4f00c2e7e54e0198e010f844ce0797de6748b9cb217d4279f62a4b30b7dffafd"
_OTHER_SHA256 = "63ca9faa562b2e65efefafe56557a4a8bc8c1d890004270538ee79d9754c945f"
_URL = f"http://127.0.0.1:8000/artifacts/{_ARTIFACT_ID}?token=awHTXg.LcdGIcgQhf3vy8Sr8bFIOlNlu4vXLtgYCbpHMs3E2kg"
_RECIPE_ID = "sha256:bfb3df056ab3ce22b72a2d1563461b28ee160fbcc070dbd8d83d119fb4b614c1"
_ADAPTED_ID = "sha256:b2a328c51185254635df5daec5f7531358be6219870fc885001eb2ad480b9f93"
_MADE_AT = 1_795_281_758.69
_CATEGORIES = ["portrait", "outdoor", "lighting"]
_PROMPT = (
    "professional headshot natural lighting, detailed face, sharp focus on eyes, open air setting, "
    "professional lighting, natural skin texture, spacious depth behind the subject, balanced exposure"
)
_NEGATIVE = "blurry, distorted face, artificial looking backdrop, flat lighting, bad anatomy, cutout edges"

RECIPE = {
    "checkpoint": "sd_xl_base_1.0.safetensors",
    "workflow": "sdxl",
    "positive_prompt": _PROMPT,
    "negative_prompt": _NEGATIVE,
    "loras": [{"filename": "add-detail-xl.safetensors", "strength": 0.4}],
    "steps": 32,
    "cfg": 6.5,
    "width": 896,
    "height": 1152,
    "sampler": "dpmpp_2m",
    "scheduler": "karras",
    "denoise": None,
    "seed": 7,
    "input": "@portrait @outdoor professional headshot natural lighting",
    "categories": _CATEGORIES,
    "tier": "general",
    "schema": 1,
    "workflow_digest": "acb46a50386abd54822dce5f9c67c783073bc54d54c927ffd6d23d262ac80e62",
    "expansions": [],
    "version": "259f3fbddb038b276cbbda2dfcd4313e5081d155b542224b7f2fd8ce5a76b29a",
}
COMPOSED = {
    "recipe": RECIPE,
    "recipe_id": _RECIPE_ID,
    "categories_used": _CATEGORIES,
    "explanation": {
        "summary": "Selected portrait (subject), outdoor (setting) and lighting (modifier) categories",
        "steps": [
            {
                "phase": "parsing",
                "action": "tag_extraction",
                "detail": "Found @portrait, @outdoor tags",
                "source": "parser",
            },
            {
                "phase": "selection",
                "action": "category_selection",
                "detail": "Took lighting (modifier): 0.98 sure by “natural lighting”",
                "source": "lighting",
            },
            {
                "phase": "workflow",
                "action": "workflow_selection",
                "detail": "Took the workflow sdxl: portrait prefers it",
                "source": "sdxl",
            },
            {
                "phase": "composition",
                "action": "prompt_merge",
                "detail": "Merged 6 positive fragments",
                "source": "portrait",
            },
        ],
        "rejected": [
            {
                "what": "add_detail.safetensors",
                "kind": "lora",
                "reason": "it is made for sd15, not for the model of sdxl",
                "source": "portrait",
            },
            {"what": "size 3:2", "kind": "setting", "reason": "portrait goes first", "source": "outdoor"},
        ],
    },
    "conflicts": [],
    "dry_run": False,
    "generation_id": _JOB_ID,
    "status": "queued",
    "state": "queued",
    "links": {
        "self": f"/jobs/{_JOB_ID}",
        "events": f"/jobs/{_JOB_ID}/events",
        "stream": f"/generate/{_JOB_ID}/stream",
        "cancel": f"/jobs/{_JOB_ID}/cancel",
    },
    "notes": [],
}
_PORTRAIT = {"id": "portrait", "confidence": 1.0, "type": "subject", "display_name": "Portrait", "icon": "person"}
_CITY = {
    "id": "city",
    "confidence": 0.95,
    "type": "setting",
    "display_name": "City",
    "icon": "location_city",
    "spans": [[13, 17]],
}
PREVIEW: dict[str, Any] = {
    "tags_found": ["portrait"],
    "categories_inferred": [_CITY],
    "categories": [
        {**_PORTRAIT, "spans": [[0, 9]], "source": "tag"},
        {**_CITY, "source": "inferred"},
    ],
    "conflicts": [],
    "policy_violations": [],
    "unknown_tags": {},
    "negated": ["cars"],
}
WILDCARDS = {"wildcards": [{"name": "animals/small", "total": 2, "samples": ["a hedgehog", "a dormouse"]}]}
_SUMMARY = {
    "id": "golden-hour",
    "type": "modifier",
    "display_name": "Golden Hour",
    "description": "The low and warm sun of the hour after it rises or before it goes down.",
    "icon": "wb_sunny",
    "policy_tier": "general",
}
CATEGORIES = {
    "categories": [{**_SUMMARY, "keywords": ["golden hour", "magic hour", "warm evening light", "glow"]}],
    "total": 1,
}
CATEGORY: dict[str, Any] = {
    "category": {
        **_SUMMARY,
        "schema_version": 1,
        "keywords": {
            "primary": ["goldenhour"],
            "secondary": ["golden", "glow", "warm"],
            "specific": ["golden hour", "magic hour", "warm evening light"],
        },
        "prompts": {
            "positive_fragments": {
                "required": ["golden hour light", "low warm sun"],
                "optional": ["long soft shadows", "glowing edges", "gentle sun haze"],
            },
            "negative_fragments": {
                "required": ["midday sun"],
                "optional": ["cold overcast light", "flat gray light"],
            },
        },
        "loras": {"required": [], "recommended": [], "avoid": []},
        "settings": dict.fromkeys(("steps", "cfg", "size", "sampler", "scheduler", "denoise")),
        "workflows": {"preferred": [], "required_capabilities": [], "excluded": []},
        "models": {"preferred": []},
        "composition": {
            "priority": 40,
            "conflicts_with": ["night", "blue-hour"],
            "requires": [],
            "enhances": ["portrait", "landscape", "outdoor", "backlit", "bokeh"],
            "max_per_type": None,
        },
    }
}
FAVORITE = {
    "id": "fav_73th6x9jnhh9",
    "generation_id": _JOB_ID,
    "recipe_hash": _RECIPE_ID,
    "rating": 5,
    "feedback": "Perfect lighting and composition",
    "tags": ["best", "portfolio"],
    "image_url": _URL,
    "categories": _CATEGORIES,
    "created_at": "2026-11-21T17:22:38Z",
    "updated_at": "2026-11-21T17:22:38Z",
}
FAVORITES = {"favorites": [FAVORITE], "total": 42, "limit": 20, "offset": 0}
EXTRACTED = {
    **COMPOSED,
    "recipe": {
        **RECIPE,
        "positive_prompt": (
            "professional natural lighting, precise automotive bodywork, correct wheels and tyres, open air setting, "
            "professional lighting, crisp panel lines"
        ),
        "negative_prompt": "warped bodywork, misshapen wheels, artificial looking backdrop, flat lighting",
        "input": "@car @outdoor @lighting professional natural lighting",
        "categories": ["car", "outdoor", "lighting"],
        "version": "1857334c4fcc316a7eb1db2c5d154a4bb47e658805b9b57f914ebd9365277de7",
    },
    "recipe_id": _ADAPTED_ID,
    "categories_used": ["car", "outdoor", "lighting"],
    "explanation": {
        "summary": "Selected car (subject), outdoor (setting) and lighting (modifier) categories",
        "steps": [
            {
                "phase": "selection",
                "action": "category_selection",
                "detail": "Took car (subject): it is a target",
                "source": "car",
            },
        ],
        "rejected": [{"what": "size 3:2", "kind": "setting", "reason": "car goes first", "source": "outdoor"}],
    },
    "dry_run": True,
    **dict.fromkeys(("generation_id", "status", "state", "links")),
    "source_favorite": "fav_73th6x9jnhh9",
    "adaptations": ["Replaced portrait with car", "Took “headshot” out of the text"],
}
GENERATION = {
    "generation_id": _JOB_ID,
    "created": _MADE_AT,
    "title": "sdxl",
    "state": "completed",
    "recipe": RECIPE,
    "recipe_id": _RECIPE_ID,
    "workflow": "sdxl",
    "workflow_digest": "4015448a86d43da7bcc8d7cb3809dab58be9c9ddcd4f1c2310f32a76d136533a",
    "prompt": _PROMPT,
    "negative_prompt": _NEGATIVE,
    "seed": 7,
    "tier": "general",
    "categories": _CATEGORIES,
    "models": [{"folder": "checkpoints", "file": "sd_xl_base_1.0.safetensors", "sha256": None}],
    "engine": "gpu-1",
    "comfyui_version": "ComfyUI 0.3.75",
    "version": "0.1.0",
    "verdicts": [
        {"passed": True, "score": 0.003, "reason": "", "check": "safety", "artifact_id": _ARTIFACT_ID},
    ],
    "passed": True,
    "score": 0.312,
    "take": 1,
    "takes": 1,
    "notes": [],
    "timings": {"waited": 0.023, "preprocess": 0.0, "engine_queue": 0.018, "generate": 8.16, "postprocess": 0.443},
    "repeats": None,
    "run_id": None,
    "output": [
        {
            "id": _ARTIFACT_ID,
            "filename": "ComfyGen_00001_.png",
            "local_path": None,
            "url": _URL,
            "type": "output",
            "node_id": "7",
            "output_type": "images",
            "media_type": "image/png",
            "size": 546_942,
            "width": 896,
            "height": 1152,
            "sha256": _SHA256,
        }
    ],
    "favorite": FAVORITE,
}
DIFFERENCES = {
    "a": _JOB_ID,
    "b": _OTHER_ID,
    "is_same_outcome": False,
    "differences": [
        {"field": "seed", "before": 7, "after": 8},
        {"field": "nodes.5.seed", "before": 7, "after": 8},
        {"field": "artifacts", "before": [_SHA256], "after": [_OTHER_SHA256]},
        {"field": "timings.generate", "before": 8.16, "after": 8.12},
    ],
}
PRESET = {
    "name": "tall",
    "values": {"steps": 30, "cfg": 6.5, "width": 832, "height": 1216},
    "description": "for posters",
    "created": _MADE_AT,
    "updated": _MADE_AT,
}

COMPOSED_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "Categories": CATEGORIES,
    "Composed": COMPOSED,
    "Differences": DIFFERENCES,
    "Extracted": EXTRACTED,
    "Favorite": FAVORITE,
    "Favorites": FAVORITES,
    "Generation": GENERATION,
    "Generations": {"generations": [GENERATION], "next": f"{_MADE_AT}/{_JOB_ID}"},
    "OneCategory": CATEGORY,
    "Preset": PRESET,
    "Presets": {"presets": [PRESET]},
    "Preview": PREVIEW,
    "Wildcards": WILDCARDS,
    "Removed": {"message": "Favorite removed", "id": "fav_73th6x9jnhh9"},
    "StoredRecipe": {"recipe_id": _RECIPE_ID, "recipe": RECIPE},
}
"""By the name of the type."""
