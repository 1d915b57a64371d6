"""Comfy's own Python SDK sends, finds, uses and deletes files: every call of it that has to do with assets."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from comfy_low import ApiError
from comfy_low.transport import AsyncComfyLow, ComfyLow
from comfy_sdk import AsyncComfy, BlobNotFound, Comfy, ComfyError, HashMismatch, MissingAsset, NotFound

from tests.api.dialects.comfy.sending import hash_of, passed_on, picture
from tests.background import BackgroundSandbox
from tests.served import Elsewhere, ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service in a process of its own."""
    with BackgroundSandbox() as sandbox:
        folder = tmp_path_factory.mktemp("assets")
        environment = environment_of(sandbox.url, folder, COMFYGEN_POLICY_CHECK_PICTURES="no")
        with ServedProcess(folder, environment) as process:
            yield process


@pytest.fixture(autouse=True)
def address(service: ServedProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_BASE_URL", service.url)


@pytest.fixture
def content() -> bytes:
    """A picture that nobody has sent before: what comes after its end is no harm."""
    return picture() + uuid4().bytes


@contextmanager
def refused(code: str, kind: type[Exception] = ComfyError) -> Generator[None]:
    with pytest.raises(kind) as caught:
        yield
    assert caught.value.code == code  # pyright: ignore[reportAttributeAccessIssue]


def fetched(url: str) -> bytes:
    return httpx.get(url).content


def test_asset_is_sent_once_whatever_it_is_made_of(content, tmp_path):
    (tmp_path / "photo.png").write_bytes(content)
    with Comfy() as client, Elsewhere() as site:
        made = client.assets.from_file(tmp_path / "photo.png")
        assert (made.id, made.created_new, made.file_path, made.hash) == (None, None, "photo.png", hash_of(content))
        asset_id = made.commit()
        assert (made.commit(), made.id, made.created_new, made.job_id, made.expires_at) == (asset_id,) * 2 + (
            True,
            None,
            None,
        )
        again = client.assets.from_bytes(content, filename="b.png", content_type="image/png")
        assert (again.commit(), again.created_new) == (asset_id, False)
        assert client.assets.from_stream(io.BytesIO(content), filename="c.png").commit() == asset_id
        assert client.assets.from_url(f"{site.url}/teal.jpg").commit() != asset_id
        assert client.assets.get(asset_id).hash == made.hash


def test_asset_is_fetched_named_and_deleted(content):
    with Comfy() as client:
        made = client.assets.from_bytes(content)
        assert made.as_reference() == {
            "__type": "core/ASSET",
            "info": {"id": made.id, "hash": hash_of(content), "file_path": "upload.bin"},
        }
        download = made.get_download_url()
        assert (fetched(download.url), download.expires_at) == (content, None)
        assert fetched(str(client._low.get_asset(made.id).url)) == content
        asset_id = made.id
        made.delete()
        assert made.id is None
        for gone in (client.assets.get, client.assets.delete):
            with refused("not_found", NotFound):
                gone(asset_id)
        assert made.commit() == asset_id
        client.assets.delete(asset_id)


def test_workflow_works_on_assets_and_on_what_jobs_made(content, tmp_path):
    with Comfy() as client:
        workflow = client.workflows.from_json(passed_on("example.png"))
        workflow.set_input("1", "image", client.assets.from_bytes(content, filename="photo.png"))
        first = client.run(workflow, timeout=30)
        (output,) = first.get_outputs("2")
        assert (output.job_id, output.content_type, output.size_bytes) == (
            first.id,
            "image/png",
            len(output.to_bytes()),
        )
        assert output.to_bytes(range=(0, 4)) == output.to_bytes()[:5]
        assert output.to_file(tmp_path / "out.png").read_bytes() == output.to_bytes()
        assert output.to_stream(io.BytesIO()) == output.size_bytes
        assert fetched(output.get_download_url().url) == output.to_bytes()
        made = client.assets.get(output.id)
        assert (made.id, made.job_id, made.file_path) == (output.id, first.id, output.name)
        workflow.set_input("1", "image", made)
        second = client.run(workflow, timeout=30)
        assert second.status == "succeeded"
        assert client.run(client.workflows.from_json(second.get_workflow().graph), timeout=30).status == "succeeded"
        with refused("asset_in_use"):
            made.delete()


def test_workflow_that_names_what_is_not_there_is_refused_with_all_of_it(content):
    with Comfy() as client:
        unknown = [str(uuid4()), str(uuid4())]
        graph: dict[str, Any] = {
            str(number): {"class_type": "LoadImage", "inputs": {"image": {"__type": "core/ASSET", "info": {"id": one}}}}
            for number, one in enumerate(unknown)
        }
        with pytest.raises(MissingAsset) as caught:
            client.submit(client.workflows.from_json(graph))
        assert (caught.value.http_status, caught.value.details["missing_ids"]) == (422, unknown)
        made = client.assets.from_bytes(content)
        made.commit()
        client.assets.delete(made.id)
        with pytest.raises(MissingAsset):
            client.submit(client.workflows.from_json(passed_on({**made.as_reference()})))


def test_calls_that_the_sdk_makes_are_there_for_themselves(service, content):
    low = ComfyLow(service.url, None)
    assert not low.head_asset_by_hash(hash_of(content))
    with refused("blob_not_found", ApiError):
        low.asset_from_hash(hash_of(content))
    with refused("hash_mismatch", ApiError):
        low.post_assets(io.BytesIO(content), "image/png", "a.png", expected_hash=hash_of(b"other"))
    told = low.post_assets(io.BytesIO(content), "image/png", "a.png", tags=["input", "x"], idempotency_key="one")
    assert low.head_asset_by_hash(told.hash)
    assert low.asset_from_hash(told.hash, file_path="b.png", tags=["x"]).id == told.id
    with low.get_asset_content(told.id, range=(1, 3)) as answer:
        assert (answer.status_code, answer.read()) == (206, content[1:4])
    with refused("invalid_request", ApiError):
        low.post_assets(io.BytesIO(content), "image/png", "../evil.png")
    low.close()


async def test_asynchronous_client_has_the_same_calls(service, content, tmp_path):
    (tmp_path / "photo.png").write_bytes(content)
    with Elsewhere() as site:
        async with AsyncComfy() as client:
            made = client.assets.from_file(tmp_path / "photo.png")
            asset_id = await made.commit()
            assert (made.created_new, await made.as_reference()) == (
                True,
                {"__type": "core/ASSET", "info": {"id": asset_id, "hash": hash_of(content), "file_path": "photo.png"}},
            )
            assert await client.assets.from_bytes(content).commit() == asset_id
            assert await client.assets.from_stream(io.BytesIO(content)).commit() == asset_id
            assert await (await client.assets.from_url(f"{site.url}/teal.jpg")).commit() != asset_id
            assert fetched((await made.get_download_url()).url) == content
            workflow = client.workflows.from_json(passed_on("example.png"))
            workflow.set_input("1", "image", await client.assets.get(asset_id))
            job = await client.run(workflow, timeout=30)
            (output,) = job.get_outputs("2")
            assert await output.to_bytes(range=(0, 4)) == (await output.to_bytes())[:5]
            assert (await output.to_file(tmp_path / "out.png")).read_bytes() == await output.to_bytes()
            assert await output.to_stream(io.BytesIO()) == output.size_bytes
            workflow.set_input("1", "image", await client.assets.get(output.id))
            assert (await client.run(workflow, timeout=30)).status == "succeeded"
            await made.delete()
            with refused("not_found", NotFound):
                await client.assets.get(asset_id)
            await made.commit()
            await client.assets.delete(asset_id)
    low = AsyncComfyLow(service.url, None)
    with refused("hash_mismatch", ApiError):
        await low.post_assets(io.BytesIO(content), "image/png", "a.png", expected_hash=hash_of(b"other"))
    await low.aclose()


def test_sdk_raises_its_own_errors(content):
    assert issubclass(HashMismatch, ComfyError)
    assert issubclass(BlobNotFound, ComfyError)
    with Comfy() as client:
        made = client.assets.from_bytes(content)
        made._hash = hash_of(b"other")
        with refused("hash_mismatch", HashMismatch):
            made.commit()


def test_large_file_is_sent_and_fetched_piece_by_piece(tmp_path):
    whole = uuid4().bytes * (20 * 2**16)
    (tmp_path / "large.bin").write_bytes(whole)
    with Comfy() as client:
        made = client.assets.from_file(tmp_path / "large.bin")
        made.commit()
        with client._low.get_asset_content(made.id) as answer:
            assert sum(len(chunk) for chunk in answer.iter_bytes()) == len(whole)
        with client._low.get_asset_content(made.id, range=(len(whole) - 16, len(whole) - 1)) as answer:
            assert answer.read() == whole[-16:]
