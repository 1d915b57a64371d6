"""Examples of answers, for the OpenAPI document. A test holds each to the type that it is an example of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.api.wire.composed_examples import COMPOSED_EXAMPLES
from comfy_gen.api.wire.gallery_examples import GALLERY_EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

JOB_ID = "6f0c6f4e-8f0b-4a53-9a53-1d1f6c1b7a10"
_ARTIFACT_ID = "b3f3fac1-32e0-5976-b8e3-cde1fee1843f"
_SHA256 = "385b174d7e8bb01264349729bcb2ce3443f64753568cc85daebc8a35012bd322"

LINKS = {
    "self": f"/jobs/{JOB_ID}",
    "events": f"/jobs/{JOB_ID}/events",
    "stream": f"/generate/{JOB_ID}/stream",
    "cancel": f"/jobs/{JOB_ID}/cancel",
}
OUTPUT = {
    "id": _ARTIFACT_ID,
    "filename": "ComfyGen_00001_.png",
    "local_path": None,
    "url": f"http://127.0.0.1:8000/artifacts/{_ARTIFACT_ID}?token=awGh1Q.vWZmBNOMvfpZSJdPjfhcEZIXbZpTuN6-hVJ",
    "type": "output",
    "node_id": "9",
    "output_type": "images",
    "media_type": "image/png",
    "size": 481_203,
    "width": 512,
    "height": 512,
    "sha256": _SHA256,
}
RESULT = {
    "id": JOB_ID,
    "request_id": JOB_ID,
    "generation_id": JOB_ID,
    "status": "completed",
    "state": "completed",
    "message": "Generation completed",
    "progress": 100,
    "output": [OUTPUT],
    "output_url": OUTPUT["url"],
    "error": None,
    "quality": {"passed": True, "score": 0.312, "reason": "", "take": 1, "takes": 1},
    "notes": [],
    "title": "Text2Image",
    "metadata": {},
    "engine": "gpu-1",
    "attempt": 1,
    "created": 1_795_000_000.0,
    "started": 1_795_000_001.2,
    "ended": 1_795_000_009.8,
    "timings": {"waited": 1.2, "preprocess": 0.0, "engine_queue": 0.004, "generate": 8.5, "postprocess": 0.05},
    "links": LINKS,
}
_ATTEMPT = {
    "number": 1,
    "engine": "gpu-1",
    "prompt_id": "1b8a2a3e-51f5-4b54-9df4-6a2ad0bff0c7",
    "started": 1_795_000_001.2,
    "ended": 1_795_000_009.8,
    "ending": "succeeded",
    "failure": None,
    "timings": {"generate": 8.5},
}
_TAKE: Mapping[str, Any] = {
    "number": 1,
    "is_result": True,
    "passed": True,
    "score": 0.312,
    "flaws": 0,
    "reason": "",
    "changes": {},
    "verdicts": [
        {
            "check": "quality",
            "artifact_id": _ARTIFACT_ID,
            "passed": True,
            "score": 0.312,
            "negative_score": None,
            "score_delta": None,
            "reason": "",
            "threshold": 0.25,
            "threshold_source": "default",
            "delta_threshold": None,
            "model": "openai/clip-vit-base-patch32",
            "findings": [{"check": "black", "passed": True, "figure": 118.4, "limit": 12.0, "reason": ""}],
        }
    ],
    "attempt": 1,
    "engine": "gpu-1",
    "at": 1_795_000_009.8,
    "output": [OUTPUT],
}
JOB_SUMMARY = {
    **{name: RESULT[name] for name in ("id", "status", "state", "message", "progress", "title", "engine", "attempt")},
    **{name: RESULT[name] for name in ("created", "started", "ended", "links")},
    "priority": 0,
    "is_held": False,
    "owner": None,
}
JOB_DETAIL = {
    **RESULT,
    "priority": 0,
    "is_held": False,
    "is_cancelling": False,
    "owner": None,
    "position": None,
    "eta": None,
    "attempts": [_ATTEMPT],
    "takes": [_TAKE],
}
JOB_PAGE = {"jobs": [JOB_SUMMARY], "next": "41"}
WORKFLOW_LINKS = {
    "self": "/workflows/poster",
    "input_schema": "/workflows/poster/schema",
    "graph": "/workflows/poster/graph",
    "run": "/workflows/poster/run",
}
WORKFLOW_SUMMARY = {
    "name": "poster",
    "title": "Poster",
    "summary": "A picture with room for a title.",
    "source": "saved",
    "owner": None,
    "is_changeable": True,
    "output": "image",
    "links": WORKFLOW_LINKS,
}
INPUT_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Poster",
    "type": "object",
    "properties": {
        "prompt": {"title": "Prompt", "type": "string", "default": "a lighthouse"},
        "steps": {"title": "Steps", "type": "integer", "minimum": 1, "maximum": 10_000, "default": 20},
    },
    "additionalProperties": False,
}
WORKFLOWS = {"workflows": [WORKFLOW_SUMMARY]}
WORKFLOW_INPUTS = {
    "inputs": [
        {
            "node_id": "5",
            "node_title": "Sampler",
            "class_type": "KSampler",
            "input": "steps",
            "value": 25,
            "type": "integer",
            "choices": None,
            "name": "steps",
            "title": "Steps",
            "description": "More steps take longer and bring more detail, up to a point.",
        }
    ]
}
WORKFLOW_DETAIL = {
    **WORKFLOW_SUMMARY,
    "aliases": [],
    "models": [{"folder": "checkpoints", "file": "sd_xl_base_1.0.safetensors", "page": ""}],
    "presets": {},
    "input_schema": INPUT_SCHEMA,
    "created": 1_795_000_000.0,
    "updated": 1_795_000_000.0,
}
GRAPH = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 512, "height": 512, "batch_size": 1, "color": 8_421_504}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "grey"}},
}
JOB_ASKED = {
    "workflow": GRAPH,
    "title": "grey",
    "priority": 0,
    "tags": ["xl"],
    "metadata": {},
    "webhook": {"url": "https://example.com/hook", "extra_params": {"order": 12}, "wants_progress": False},
    "destination": None,
    "quality": {
        "auto_retry": True,
        "retry_limit": 3,
        "retry_strategy": "progressive",
        "positive_threshold": None,
        "delta_threshold": None,
        "best_of": 1,
    },
}
MODIFIERS = {
    "modifiers": [{"name": "Text2Image", "summary": "Paints a picture.", "parameters": INPUT_SCHEMA}],
    "problems": [],
}
UPLOAD = {
    "name": "comfygen-c0e4ccc7071bafd9f01f.png",
    "image": "comfygen://uploads/comfygen-c0e4ccc7071bafd9f01f.png",
    "media_type": "image/png",
    "size": 6_093,
    "sha256": _SHA256,
}
ENGINE = {
    "name": "gpu-1",
    "address": None,
    "state": "active",
    "condition": "up",
    "queue": 2,
    "running": 2,
    "depth": 2,
    "weight": 1.0,
    "tags": ["xl"],
    "latency_ms": 8.7,
    "version": "ComfyUI 0.3.75",
    "loaded": ["checkpoints/sd_xl_base_1.0.safetensors"],
    "failures": 0,
    "error": None,
    "memory": {
        "device": "cuda:0 NVIDIA RTX A6000 : cudaMallocAsync",
        "ram_total": 67_108_864_000,
        "ram_free": 41_234_567_168,
        "vram_total": 51_527_024_640,
        "vram_free": 38_654_705_664,
    },
    "is_sandbox": False,
}
ENGINES = {"engines": [ENGINE]}
MODELS = {
    "models": [{"folder": "checkpoints", "file": "sd_xl_base_1.0.safetensors", "engines": ["gpu-1"]}],
    "total": 1,
    "folders": {"checkpoints": 1, "loras": 12},
    "engines": ["gpu-1", "gpu-2"],
}
VALIDATION = {
    "status": "invalid",
    "is_valid": False,
    "workflow_file": "sd15.json",
    "engine": "gpu-1",
    "errors": ["the engine has no checkpoints/v1-5.safetensors; nearest: v1-5-pruned-emaonly.safetensors"],
    "warnings": [],
    "missing_models": [
        {
            "folder": "checkpoints",
            "file": "v1-5.safetensors",
            "nearest": ["v1-5-pruned-emaonly.safetensors"],
            "source": "",
            "page": "",
            "name": "",
            "node_ids": ["1"],
        }
    ],
    "missing_nodes": [],
}
SCORE = {**_TAKE["verdicts"][0], "image": ""}
WEBHOOK = {
    "id": "0f5d3a52-8a6c-5b3b-9f5e-0b9a1a2f4c11",
    "job_id": JOB_ID,
    "event": "end",
    "job_state": "completed",
    "state": "delivered",
    "url": "https://example.com/hook",
    "created": 1_795_000_009.8,
    "tries": 1,
    "tried": 1_795_000_009.9,
    "next_at": None,
    "status": 200,
    "error": "",
}
JOB_WEBHOOKS = {"webhooks": [WEBHOOK]}
WEBHOOKS = {"webhooks": [WEBHOOK], "next": None}
HEALTH = {
    "status": "healthy",
    "version": "0.1.0",
    "comfyui_available": True,
    "mlflow_available": False,
    "database_available": True,
    "engines_available": 2,
    "works": True,
}
READINESS = {"ready": True}
QUEUE_INFO = {
    "preprocess_queue_size": 0,
    "generation_queue_size": 3,
    "postprocess_queue_size": 1,
    "queue_size": 4,
    "waiting": 2,
    "running": 2,
    "max_queue_size": 100_000,
    "is_paused": False,
    "by_state": {"queued": 2, "generating": 1, "postprocessing": 1, "completed": 128},
}
QUEUE_HISTORY = {
    "step": 30,
    "from": 1_795_000_020,
    "buckets": [
        {"at": 1_795_000_020, "completed": 4, "failed": 0, "mean_seconds": 7.2},
        {"at": 1_795_000_050, "completed": 0, "failed": 1, "mean_seconds": None},
    ],
}
KEY = {
    "id": "k3vw8q2n",
    "name": "anna",
    "owner": "anna",
    "scopes": ["generate", "read"],
    "rate": "",
    "max_waiting": None,
    "tier": "general",
    "created": 1_795_000_000.0,
    "revoked": None,
}
SESSION = {
    "is_admitted": True,
    "owner": "anna",
    "name": "anna",
    "scopes": ["generate", "read"],
    "tier": "general",
    "with": "cookie",
    "version": "0.1.0",
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    **COMPOSED_EXAMPLES,
    **GALLERY_EXAMPLES,
    "Engine": ENGINE,
    "Engines": ENGINES,
    "Health": HEALTH,
    "JobAsked": JOB_ASKED,
    "JobDetail": JOB_DETAIL,
    "JobPage": JOB_PAGE,
    "JobWebhooks": JOB_WEBHOOKS,
    "Keys": {"keys": [KEY]},
    "Models": MODELS,
    "Modifiers": MODIFIERS,
    "NewKey": {**KEY, "key": "cg_k3vw8q2n_an8vpEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEgh"},
    "PriorityBody": {"priority": 10},
    "QueueHistory": QUEUE_HISTORY,
    "QueueInfo": QUEUE_INFO,
    "Readiness": READINESS,
    "Result": RESULT,
    "Score": SCORE,
    "Session": SESSION,
    "Upload": UPLOAD,
    "Validation": VALIDATION,
    "WebhookDelivery": WEBHOOK,
    "WebhookPage": WEBHOOKS,
    "WorkflowDetail": WORKFLOW_DETAIL,
    "WorkflowInputs": WORKFLOW_INPUTS,
    "Workflows": WORKFLOWS,
}
"""By the name of the type."""
