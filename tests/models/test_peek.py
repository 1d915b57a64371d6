from __future__ import annotations

import pytest

from comfy_gen.errors import ModelSourceError
from comfy_gen.models.download import DownloadOptions
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.peek import header_at
from tests.models.bad_server import BreakOff, Status, bad_server
from tests.models.weights import safetensors

OPTIONS = DownloadOptions(allow_private=True)


async def read(server):
    return await header_at(Offer(model=Model(file="a.safetensors", folder=""), url=server.url), OPTIONS)


@pytest.mark.parametrize("has_ranges", [True, False])
async def test_header_is_read_without_the_rest(has_ranges):
    async with bad_server(safetensors({"a": (400_000,)}), has_ranges=has_ranges) as server:
        assert list((await read(server)).tensors) == ["a"]
    assert [headers["range"] for _, headers in server.requests] == ["bytes=0-262143"]


async def test_long_header_is_asked_for_once_more():
    async with bad_server(safetensors({f"tensor-{number}": (1,) for number in range(6000)})) as server:
        assert len((await read(server)).tensors) == 6000
    assert len(server.requests) == 2


@pytest.mark.parametrize("content", [b"", b"GGUF", bytes(300), (2**25).to_bytes(8, "little") + b"{" + bytes(99),
    safetensors({"a": (4,)})[:-1]])  # fmt: skip
async def test_what_has_no_header_tells_nothing(content):
    async with bad_server(content) as server:
        assert await read(server) is None


@pytest.mark.parametrize("fault", [BreakOff(3), Status(503)])
async def test_server_that_breaks_off_tells_nothing(fault):
    async with bad_server(safetensors({"a": (4,)}), fault) as server:
        assert await read(server) is None


async def test_server_that_refuses_is_told():
    async with bad_server(b"", Status(401)) as server:
        with pytest.raises(ModelSourceError, match="login"):
            await read(server)
