"""No name that is sent leads to a file that is not meant."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from comfy_gen.errors import ArtifactGoneError, InvalidParameterError, StorageError
from comfy_gen.storage.local import LocalStore
from tests.api.conftest import picture_graph
from tests.security.operations import ALL

NAMES = [
    "..",
    ".",
    "../secret.key",
    "../../../../etc/passwd",
    "..\\..\\secret.key",
    "%2e%2e%2fsecret.key",
    "..%252fsecret.key",
    "....//secret.key",
    "/etc/passwd",
    "//etc/passwd",
    "C:\\secret.key",
    "file:///etc/passwd",
    "secret.key\x00.json",
    "~/secret.key",
    "aux",
    "‥/secret.key",
    "．．/secret.key",  # noqa: RUF001  # the point of it
    "workflows/../../secret.key",
    "sd15/../../../secret.key",
    "x" * 5_000,
]
MARK = "kept-where-nobody-looks"


@pytest.fixture
async def guarded(serve, tmp_path):
    """A service beside a file that nobody shall see, in its folder and above it."""
    for folder in (tmp_path, tmp_path / "artifacts", tmp_path / "uploads"):
        folder.mkdir(exist_ok=True)
        (folder / "plain.json").write_text(f'{{"1": {{"class_type": "{MARK}", "inputs": {{}}}}}}')
    served = await serve(rate="1000000/second")
    served.service.queue.board.stop()  # a name that leads to the stream of all jobs would be read for ever
    return served


async def test_name_in_a_path_leads_nowhere_else(guarded, tmp_path):
    secret = (tmp_path / "secret.key").read_text().strip()
    for name in [*NAMES, "../plain.json", "../plain", "../../plain.json", "plain.json", "plain"]:
        await ask_for(guarded, name, secret)


async def ask_for(guarded, name: str, secret: str) -> None:
    """Ask for everything by a name."""
    for operation in [one for one in ALL if one.parameters and one.method != "PUT"]:
        path = operation.at(**dict.fromkeys(operation.parameters, name))
        answer = await guarded.client.request(operation.method, path, **operation.content)
        assert answer.status_code < 500, operation
        assert secret not in answer.text, operation
        assert MARK not in answer.text, operation
        assert "root:" not in answer.text, operation
    answer = await guarded.client.put(f"/workflows/{quote(name, safe='')}", json=picture_graph())
    assert answer.status_code in {400, 404, 405, 422} or name in {"aux", "plain"}, answer.text


async def test_name_in_a_body_leads_nowhere_else(guarded, tmp_path):
    before = {path for path in tmp_path.rglob("*") if path.suffix != ".json" and "artifacts" not in path.parts}
    for name in [*NAMES, "../plain.json", "plain.json", str(tmp_path / "plain.json")]:
        bodies = [
            {"input": {"modifier": name}},
            {"prompt": "x", "workflow": name},
            {"prompt": "x", "model": name},
            {"prompt": "x", "loras": [{"name": name}]},
            {"prompt": "x", "preset": name},
            {"recipe_id": name[:100]},
        ]
        for body in bodies:
            answer = await guarded.client.post("/generate", json=body)
            # A model is for the engine to find: while its models are not known the job is accepted, and fails there.
            assert 400 <= answer.status_code < 500 or "model" in body, (body, answer.text)
            assert MARK not in answer.text
        for said in ({"workflow": name}, {"model": name}, {"preset": name}, {"loras": [{"name": name}]}):
            body = {"input": "@cat", "dry_run": True, **said}
            answer = await guarded.client.post("/compose", json=body)
            assert answer.status_code < 500, (body, answer.text)
            assert MARK not in answer.text
    assert {path for path in tmp_path.rglob("*") if path.suffix != ".json" and "artifacts" not in path.parts} == before


async def test_wildcard_is_read_from_its_folder_alone(serve, tmp_path):
    folder = tmp_path / "wild"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text(MARK)
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "inside.txt").write_text("a hat")
    served = await serve(composition={"wildcards_dir": folder})
    for name in ["../outside", "link", "wild/../../outside", "outside", f"{tmp_path}/outside", "inside/../../outside"]:
        for path, body in [
            ("/compose", {"input": f"@cat with __{name}__", "dry_run": True}),
            ("/generate", {"prompt": f"__{name}__"}),
        ]:
            answer = await served.client.post(path, json=body)
            assert MARK not in answer.text, name
            assert answer.status_code in {200, 202} or answer.json()["error"]["code"] == "prompt_syntax", answer.text
    told = (await served.client.post("/compose", json={"input": "@cat with __inside__", "dry_run": True})).json()
    assert told["recipe"]["positive_prompt"].startswith("with a hat")


async def test_upload_is_read_from_among_the_uploads_alone(guarded, tmp_path):
    for name in ("../secret.key", "../../plain.json", "%2e%2e/plain.json", "/etc/passwd", "..\\plain.json", "\x00", ""):
        graph = {
            "1": {"class_type": "LoadImage", "inputs": {"image": f"comfygen://uploads/{name}"}},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
        }
        answer = await guarded.client.post("/generate/sync", json={"input": {"workflow_json": graph}})
        told = answer.json()
        assert answer.status_code == 422 or told["state"] == "failed", name
        assert told.get("output", []) == []


@pytest.mark.parametrize("prefix", ["../../x", "/tmp/x", "a/../../x", "a/b/c/x", "%date%/x"])
async def test_what_an_engine_calls_a_file_leads_nowhere_else(guarded, tmp_path, prefix):
    graph = picture_graph()
    graph["2"]["inputs"]["filename_prefix"] = prefix
    answer = await guarded.client.post("/generate/sync", json={"input": {"workflow_json": graph}})
    for output in answer.json().get("output", ()):
        assert {"/", "\\"}.isdisjoint(output["filename"])
        assert (tmp_path / "artifacts").resolve() in Path(output["local_path"]).resolve().parents


@pytest.mark.parametrize("key", [*NAMES[:14], "", "a/../b", "a//b", "a/./b"])
async def test_key_of_a_file_stays_in_its_folder(tmp_path, key):
    store = LocalStore(tmp_path / "store")
    (tmp_path / "secret.key").write_text(MARK)
    with pytest.raises((InvalidParameterError, ArtifactGoneError, StorageError)):
        _ = [chunk async for chunk in store.read(key)]
