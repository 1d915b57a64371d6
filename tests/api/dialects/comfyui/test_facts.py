"""Many engines are told of as one ComfyUI, and nobody is told of what is not theirs."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from comfy_gen.engines.registry import parse_entry
from comfy_gen.sandbox import Sandbox, SandboxOptions
from tests.api.conftest import picture_graph
from tests.api.dialects.comfyui.conftest import SERVICE
from tests.api.dialects.comfyui.pictures import png, upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMPTY_FOLDER = {"checkpoints": ["second.safetensors"], "loras": [], "embeddings": ["deep/other.pt"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def second(desk: Served) -> AsyncIterator[Sandbox]:
    """Another engine of the service's, which has other models."""
    async with Sandbox(SandboxOptions(models=EMPTY_FOLDER)) as sandbox:
        await desk.service.queue.store.roster.add_engine(parse_entry(f"second={sandbox.url}"))
        fleet = desk.service.fleet
        assert fleet is not None
        await fleet.reconcile(await desk.service.queue.store.roster.engines())
        for name in fleet.names:
            await fleet.refresh(name)
        yield sandbox


def choices(info: dict[str, Any], class_type: str, name: str) -> list[str]:
    return info[class_type]["input"]["required"][name][0]


# --- node classes


@pytest.mark.parametrize("prefix", ["", "api/"])
async def test_classes_have_the_choices_of_all_engines(ada: httpx.AsyncClient, prefix: str) -> None:
    answer = await ada.get(f"{prefix}object_info")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    found = choices(answer.json(), "CheckpointLoaderSimple", "ckpt_name")
    assert {"second.safetensors", "v1-5-pruned-emaonly-fp16.safetensors"} < {*found}
    one = (await ada.get(f"{prefix}object_info/CheckpointLoaderSimple")).json()
    assert one == {"CheckpointLoaderSimple": answer.json()["CheckpointLoaderSimple"]}
    assert (await ada.get(f"{prefix}object_info/NoSuchNode")).json() == {}


async def test_answer_is_sent_small_or_not_at_all_where_that_is_understood(ada: httpx.AsyncClient) -> None:
    async with ada.stream("GET", "object_info", headers={"Accept-Encoding": "gzip"}) as small:
        raw = b"".join([chunk async for chunk in small.aiter_raw()])
    plain = await ada.get("object_info", headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 5
    known = await ada.get("object_info", headers={"If-None-Match": plain.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_uploads_are_among_their_owners_choices_and_nobody_elses(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    for name, fields in (("cat.png", {}), ("deep.png", {"subfolder": "sub"}), ("old.png", {"type": "temp"})):
        await upload(ada, name, png(), **fields)
    await upload(ada, "song.mp3", b"ID3 and so on")
    info = (await ada.get("object_info")).json()
    assert "cat.png" in choices(info, "LoadImage", "image")
    assert "song.mp3" not in choices(info, "LoadImage", "image")
    assert not {"deep.png", "old.png", "sub/deep.png"} & {*choices(info, "LoadImage", "image")}
    assert "cat.png" in choices((await ada.get("object_info/LoadImage")).json(), "LoadImage", "image")
    assert "cat.png" not in choices((await bob.get("object_info")).json(), "LoadImage", "image")
    assert (await ada.get("internal/files/input")).json() == ["song.mp3", "cat.png"]
    assert (await ada.get("internal/files/temp")).json() == ["old.png"]
    assert (await bob.get("internal/files/input")).json() == []


# --- machines


async def test_devices_of_all_engines_are_told_with_the_memory_of_each_computer_once(
    desk: Served, ada: httpx.AsyncClient
) -> None:
    stats = (await ada.get("system_stats")).json()
    assert [(one["index"], one["name"].partition(":")[0]) for one in stats["devices"]] == [
        (0, "sandbox"),
        (1, "second"),
    ]
    told = await desk.service.knowledge.told(lambda client: client.get_system_stats())
    assert stats["system"]["ram_total"] == max(one["system"]["ram_total"] for one in told.values())
    assert stats["system"]["comfyui_version"] == "0.3.75"
    assert stats["system"]["comfygen_version"]
    assert stats["system"]["argv"] == ["comfygen", "serve"]


async def test_features_are_told(ada: httpx.AsyncClient) -> None:
    features = (await ada.get("features")).json()
    assert features["supports_preview_metadata"] is True
    assert features["max_upload_size"] > 0


# --- models


async def test_models_of_all_engines_are_told_by_folder(ada: httpx.AsyncClient) -> None:
    assert {"checkpoints", "loras", "vae"} <= {*(await ada.get("models")).json()}
    assert "second.safetensors" in (await ada.get("models/checkpoints")).json()
    assert "pixel_space" not in (await ada.get("models/vae")).json()
    assert {"easynegative", "deep/other"} == {*(await ada.get("embeddings")).json()}
    for path in ("models/nowhere", "experiment/models/nowhere", "experiment/models/preview/checkpoints/0/x.png"):
        unknown = await ada.get(path)
        assert (unknown.status_code, unknown.content) == (404, b"")


async def test_models_are_told_with_their_sizes_and_not_with_where_they_are(ada: httpx.AsyncClient) -> None:
    folders = (await ada.get("experiment/models")).json()
    assert {"name": "checkpoints", "folders": ["models/checkpoints"]} in folders
    files = (await ada.get("experiment/models/checkpoints")).json()
    assert [one["name"] for one in files] == sorted(one["name"] for one in files)
    assert {"second.safetensors", "v1-5-pruned-emaonly-fp16.safetensors"} < {one["name"] for one in files}
    paths = (await ada.get("internal/folder_paths")).json()
    assert paths["checkpoints"] == ["models/checkpoints"]


async def test_metadata_of_a_model_come_from_the_engine_that_has_it(ada: httpx.AsyncClient) -> None:
    async def status(folder: str, **query: str) -> int:
        return (await ada.get(f"view_metadata/{folder}", params=query)).status_code

    assert await status("checkpoints", filename="second.safetensors") in {200, 404}
    assert await status("checkpoints") == 404
    assert await status("checkpoints", filename="second.ckpt") == 404
    assert await status("checkpoints", filename="other.safetensors") == 404
    assert await status("nowhere", filename="second.safetensors") == 404


# --- the rest


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("extensions", []),
        ("workflow_templates", {}),
        ("i18n", {}),
        ("global_subgraphs", {}),
        ("global_subgraphs/none", None),
        ("node_replacements", {}),
        ("internal/logs", ""),
        ("internal/logs/raw", {"entries": [], "size": {"cols": 80, "rows": 24}}),
    ],
)
async def test_where_nothing_is_to_be_told_that_is_said(ada: httpx.AsyncClient, path: str, answer: object) -> None:
    assert (await ada.get(path)).json() == answer


async def test_log_can_be_subscribed_to_though_nothing_comes(ada: httpx.AsyncClient) -> None:
    answer = await ada.patch("internal/logs/subscribe", json={"clientId": "x", "enabled": True})
    assert (answer.status_code, answer.content) == (200, b"")


async def test_outputs_are_listed_to_whom_they_belong_by_names_that_loaders_take(
    desk: Served, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    body = {"input": {"workflow_json": picture_graph()}}
    job_id = (await ada.post(f"{SERVICE}/generate/sync", json=body)).json()["id"]
    (output,) = await desk.service.queue.store.artifacts(job_id)
    assert (await ada.get("internal/files/output")).json() == [f"{job_id}/2/{output.filename}"]
    assert (await bob.get("internal/files/output")).json() == []
    refused = await ada.get("internal/files/elsewhere")
    assert (refused.status_code, refused.json()) == (400, {"error": "Invalid directory type"})


async def test_strangers_are_told_nothing(desk: Served, ada: httpx.AsyncClient) -> None:
    for path in ("object_info", "system_stats", "models", "internal/logs", "userdata?dir=x", "settings"):
        answer = await desk.client.get(f"/comfyui/{path}")
        assert answer.status_code == 401, path
        assert json.loads(answer.content)["error"]["type"] == "unauthorized"
    assert (await ada.get("models")).status_code == 200
