from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from comfy_gen.sandbox.options import DEFAULT_MODELS

if TYPE_CHECKING:
    from tests.contracts.peer import Peer


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/embeddings", ["easynegative"]),
        ("/extensions", []),
        ("/i18n", {}),
        ("/workflow_templates", {}),
        ("/global_subgraphs", {}),
        ("/object_info/NoSuchNode", {}),
        ("/internal/files/output", []),
        ("/view_metadata/vae?filename=ae.safetensors", {"comfygen_sandbox": "only a name"}),
    ],
)
async def test_small_questions_get_small_answers(peer: Peer, path: str, answer: Any):
    assert (await peer.get(path)).json() == answer


@pytest.mark.parametrize(
    "path",
    [
        "/models/nowhere",
        "/experiment/models/nowhere",
        "/experiment/models/preview/checkpoints/0/a.ckpt",
        "/view_metadata/vae?filename=none.safetensors",
        "/view_metadata/vae",
        "/nowhere",
        "/api/nowhere",
    ],
)
async def test_what_is_not_there_is_an_empty_404(peer: Peer, path: str):
    answer = await peer.get(path)
    assert (answer.status, answer.body) == (404, b"")


async def test_models_are_told_with_their_folders_and_sizes(peer: Peer):
    folders = (await peer.get("/experiment/models")).json()
    assert folders[0]["name"] == "checkpoints"
    files = (await peer.get("/experiment/models/vae")).json()
    assert [file["name"] for file in files] == list(DEFAULT_MODELS["vae"])
    assert "checkpoints" in (await peer.get("/internal/folder_paths")).json()


async def test_log_is_told_as_text_and_by_line(peer: Peer):
    await peer.post("/prompt", {"prompt": {}})
    assert (await peer.get("/internal/logs")).json().endswith(" - got prompt\n")
    raw = (await peer.get("/internal/logs/raw")).json()
    assert (raw["entries"][-1]["m"], raw["size"]) == ("got prompt\n", {"cols": 80, "rows": 24})


async def test_files_of_an_odd_kind_are_not_listed(peer: Peer):
    assert (await peer.get("/internal/files/models")).status == 400


async def test_wrong_method_is_said(peer: Peer):
    answer = await peer.request("PUT", "/prompt")
    assert (answer.status, answer.body) == (405, b"405: Method Not Allowed")
    assert set(answer.headers["allow"].split(",")) == {"GET", "HEAD", "POST"}
