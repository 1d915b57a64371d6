"""What an engine says of itself, and whom it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.graphs import CHECKPOINT, EMBEDDING, LORA
from tests.contracts.reenactment import comparable

if TYPE_CHECKING:
    from tests.contracts.peer import Peer

READING = pytest.mark.unlike_service(
    "no page of another site can read what is answered; what changes things is refused"
)


async def test_system_stats_tell_version_and_devices(engine: Peer) -> None:
    stats = (await engine.get("/system_stats")).json()
    assert {"os", "ram_total", "ram_free", "comfyui_version", "python_version", "pytorch_version", "argv"} <= stats[
        "system"
    ].keys()
    assert {"name", "type", "index", "vram_total", "vram_free", "torch_vram_total", "torch_vram_free"} <= stats[
        "devices"
    ][0].keys()


async def test_features_are_the_flags_of_the_socket(engine: Peer) -> None:
    features = (await engine.get("/features")).json()
    assert features["supports_preview_metadata"] is True
    assert features["max_upload_size"] > 0


async def test_models_are_told_by_folder(engine: Peer) -> None:
    assert {"checkpoints", "loras", "vae", "embeddings", "upscale_models"} <= set((await engine.get("/models")).json())
    assert CHECKPOINT in (await engine.get("/models/checkpoints")).json()
    assert LORA in (await engine.get("/models/loras")).json()
    assert EMBEDDING in (await engine.get("/embeddings")).json()
    unknown = await engine.get("/models/nowhere")
    assert (unknown.status, unknown.body) == (404, b"")


async def test_object_info_is_as_recorded(engine: Peer, object_info: dict[str, Any]) -> None:
    told = (await engine.get("/object_info")).json()
    assert {"KSampler", "CheckpointLoaderSimple", "LoraLoader", "LoadImage", "SaveImage", "PreviewImage"} <= told.keys()
    assert told.keys() <= object_info.keys()
    names_files = {"COMBO"}
    for class_type, info in told.items():
        recorded = object_info[class_type]
        assert info["output"] == recorded["output"], class_type
        assert info["output_node"] == recorded["output_node"], class_type
        assert info["input_order"] == recorded["input_order"], class_type
        for group in ("required", "optional"):
            for name, spec in recorded["input"].get(group, {}).items():
                ours = info["input"][group][name]
                if isinstance(spec[0], list) or spec[0] in names_files:
                    assert isinstance(ours[0], type(spec[0])), (class_type, name)
                else:
                    assert comparable(ours) == comparable(spec), (class_type, name)


async def test_object_info_of_one_class(engine: Peer) -> None:
    info = (await engine.get("/object_info/KSampler")).json()
    assert list(info) == ["KSampler"]
    assert list(info["KSampler"]["input"]["required"]) == info["KSampler"]["input_order"]["required"]
    assert (await engine.get("/object_info/NoSuchNode")).json() == {}


@pytest.mark.parametrize("path", ["/prompt", "/queue", "/system_stats", "/models", "/history"])
async def test_routes_exist_with_the_api_prefix_too(engine: Peer, path: str) -> None:
    plain, prefixed = await engine.get(path), await engine.get(f"/api{path}")
    assert (prefixed.status, type(prefixed.value)) == (plain.status, type(plain.value))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/queue", {"queue_running": [], "queue_pending": []}),
        ("/prompt", {"exec_info": {"queue_remaining": 0}}),
        ("/history", {}),
        ("/extensions", []),
        ("/i18n", {}),
        ("/workflow_templates", {}),
        ("/settings/Comfy.Nothing", None),
    ],
)
async def test_idle_engine_has_nothing_to_tell(engine: Peer, path: str, answer: object) -> None:
    told = await engine.get(path)
    assert told.headers["content-type"] == "application/json; charset=utf-8"
    assert told.json() == answer


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nope", 404), ("PUT", "/prompt", 405)])
async def test_unknown_route_is_refused(engine: Peer, method: str, path: str, status: int) -> None:
    assert (await engine.request(method, path)).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Origin": "http://elsewhere.example"}, 403, marks=READING),
        pytest.param({"Origin": "http://localhost:1"}, 403, marks=READING),
        ({"Origin": "null"}, 200),
        pytest.param({"Host": "elsewhere.example"}, 200, marks=pytest.mark.unlike_service("other names are refused")),
        ({"Sec-Fetch-Site": "cross-site"}, 200),
    ],
)
async def test_foreign_web_page_is_kept_out(engine: Peer, headers: dict[str, str], status: int) -> None:
    assert (await engine.get("/prompt", headers=headers)).status == status


async def test_own_web_page_is_let_in(engine: Peer) -> None:
    assert (await engine.get("/prompt", headers={"Origin": engine.url})).status == 200
