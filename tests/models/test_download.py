from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_gen.errors import (
    ComfyGenError,
    DiskSpaceError,
    ModelIntegrityError,
    ModelSourceError,
    OutputPathError,
    UnsafeModelError,
)
from comfy_gen.models.download import DownloadOptions, download
from comfy_gen.models.part_file import PartFile
from tests.models.bad_server import (
    BreakOff,
    Cancel,
    Change,
    Garbage,
    IgnoreRange,
    Longer,
    Packed,
    Shorter,
    Status,
    WrongBytes,
    WrongRange,
    bad_server,
)
from tests.models.fetched import CONTENT, OPTIONS, fetch, names, offered


async def test_file_is_fetched_in_parts_and_hashed(target):
    async with bad_server(CONTENT) as server:
        done = await fetch(offered(server.url, CONTENT), target)
    assert target.read_bytes() == CONTENT
    assert (done.path, done.size, done.sha256) == (target, 5000, hashlib.sha256(CONTENT).hexdigest())
    assert sorted(server.ranges) == [f"bytes={start}-{start + 999}" for start in range(0, 5000, 1000)]
    assert names(target) == ["a.dat"]


async def test_parts_are_asked_for_at_the_same_time(target):
    three = asyncio.Barrier(3)

    async def answer_three_together():
        if 2 <= len(server.requests) <= 4:  # the first looks what there is
            await three.wait()

    async with bad_server(CONTENT) as server:
        server.before_answer = answer_three_together
        await fetch(offered(server.url, CONTENT), target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "traits", [{"has_ranges": False}, {"has_etag": False}, {"is_chunked": True, "has_ranges": False}]
)
async def test_file_comes_in_one_go_where_parts_cannot_be_had_or_trusted(target, traits):
    async with bad_server(CONTENT, **traits) as server:
        await fetch(offered(server.url), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges in ([], ["all"])


async def test_dated_file_is_fetched_in_parts(target):
    async with bad_server(CONTENT, has_etag=False, has_modified=True) as server:
        await fetch(offered(server.url), target)
    assert len(server.ranges) == 5


async def test_hash_alone_lets_parts_be_put_together(target):
    async with bad_server(CONTENT, has_etag=False) as server:
        await fetch(offered(server.url, CONTENT), target)
    assert len(server.ranges) == 5


@pytest.mark.parametrize("has_ranges", [True, False])
async def test_empty_file_is_a_file(target, has_ranges):
    async with bad_server(b"", has_ranges=has_ranges) as server:
        assert (await fetch(offered(server.url), target)).size == 0
    assert target.read_bytes() == b""


async def test_web_page_is_not_taken_for_a_file(target):
    async with bad_server(b"<!DOCTYPE html><p>Log in", content_type="text/html; charset=utf-8") as server:
        with pytest.raises(ModelSourceError, match="web page"):
            await fetch(offered(server.url), target)
        server.content_type = "application/octet-stream"
        with pytest.raises(ModelIntegrityError, match="web page"):
            await fetch(offered(server.url), target)
    assert names(target) == []


async def test_pickle_is_refused_by_its_name_before_anything_is_asked(tmp_path):
    async with bad_server(CONTENT) as server:
        with pytest.raises(UnsafeModelError, match=r"a \.ckpt file"):
            await fetch(offered(server.url), tmp_path / "a.ckpt")
    assert server.requests == []


async def test_pickle_is_refused_by_how_it_begins_before_all_is_fetched(target):
    one = DownloadOptions(connections=1, piece=5000, allow_private=True)
    content = b"\x80\x02c__builtin__\neval\n" + bytes(50_000)
    async with bad_server(content) as server:
        with pytest.raises(UnsafeModelError, match="content is a pickle"):
            await fetch(offered(server.url), target, one)
        assert len(server.ranges) == 1
        assert names(target) == []
        await fetch(offered(server.url), target, DownloadOptions(allow_private=True, allow_pickle=True))
    assert target.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"no header at all", (8).to_bytes(8, "little") + b'{"a":1} '])
async def test_damaged_safetensors_are_not_kept(tmp_path, content):
    async with bad_server(content) as server:
        with pytest.raises(ModelIntegrityError):
            await fetch(offered(server.url), tmp_path / "a.safetensors")
    assert os.listdir(tmp_path) == []


async def test_room_is_looked_for_before_anything_is_fetched(target):
    async with bad_server(CONTENT, has_etag=False) as server:
        server.has_ranges = False
        server.is_chunked = True
        with pytest.raises(DiskSpaceError):
            await fetch(offered(server.url, size=10**18), target)
    assert names(target) == []


async def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputPathError):
        await fetch(offered("http://127.0.0.1:9/"), tmp_path / "file" / "a.dat")


async def test_second_download_of_a_file_waits_and_takes_what_the_first_made(target):
    told = []
    async with bad_server(CONTENT) as server:
        both = await asyncio.gather(
            *(fetch(offered(server.url, CONTENT), target, on_progress=told.append) for _ in range(2))
        )
    assert [one.size for one in both] == [5000, 5000]
    assert len(server.ranges) == 5
    assert any(one.phase == "waiting" for one in told)


async def test_second_download_does_it_itself_where_the_first_failed(target):
    part = PartFile(target)
    assert part.claim()
    async with bad_server(CONTENT) as server:

        async def first_gives_up(_):
            part.release()

        done = await download(offered(server.url, CONTENT), target, OPTIONS, pause=first_gives_up)
    assert done.size == 5000
    assert target.read_bytes() == CONTENT


async def test_progress_counts_up_to_the_whole(target):
    told = []
    async with bad_server(CONTENT, BreakOff(1), BreakOff(10)) as server:
        await fetch(offered(server.url, CONTENT), target, on_progress=told.append)
    assert [one.phase for one in told] == ["fetching", "retrying", "checking", "done"]
    assert (told[-1].done, told[-1].total, told[-1].file) == (5000, 5000, "a.gguf")
    assert told[1].note == "the connection broke off"


CONTENTS = st.just(b"") | st.binary(max_size=1500).map(lambda content: b"\0" + content)
"""No web pages."""


FOR_ANY = st.one_of(
    st.builds(BreakOff, st.integers(0, 1500)),
    st.builds(Cancel, st.integers(0, 1500)),
    st.sampled_from(
        [Status(503), Status(429), Status(403), Status(404), IgnoreRange(), WrongRange(), Packed(), Garbage()]
    ),
    st.builds(Change, CONTENTS),
)
"""Even a server that says neither length nor hash beforehand cannot do harm with these."""


FOR_HASHED = st.one_of(FOR_ANY, st.sampled_from([Longer(), Shorter(), WrongBytes()]))


TRAITS = st.fixed_dictionaries(
    {name: st.booleans() for name in ("has_ranges", "heeds_if_range", "has_etag", "has_modified", "is_chunked")}
)


async def _until_it_ends(server, offer, target, options):
    """Fetch, and go on as often as the server has whoever fetches stop; return whether it came to a good end."""
    while True:
        task = asyncio.create_task(fetch(offer, target, options))
        server.on_cancel = task.cancel
        try:
            await task
        except asyncio.CancelledError:
            continue
        except ComfyGenError:
            return False
        return True


async def _fetched_right(content, faults, traits, is_hashed, options, folder):
    target = folder / "a.dat"
    async with bad_server(content, *faults, **traits) as server:
        offer = offered(server.url, content if is_hashed else None)
        is_done = await _until_it_ends(server, offer, target, options)
        assert target.exists() == is_done
        if is_done:
            assert target.read_bytes() in ([content] if is_hashed else server.versions)
            assert names(target) == ["a.dat"]
            target.unlink()
        server.faults[:] = []
        server.content = content
        await fetch(offer, target, options)  # whatever was left of before does no harm
        assert target.read_bytes() == content
        assert names(target) == ["a.dat"]


@settings(max_examples=150, deadline=None)
@given(data=st.data(), content=CONTENTS, traits=TRAITS, is_hashed=st.booleans())
def test_whatever_breaks_the_file_is_as_it_was_served_or_not_there(data, content, traits, is_hashed):
    faults = data.draw(st.lists(FOR_HASHED if is_hashed else FOR_ANY, max_size=12))
    options = DownloadOptions(
        connections=data.draw(st.integers(1, 3)),
        piece=data.draw(st.sampled_from([100, 333, 10_000])),
        retries=2,
        allow_private=True,
        allow_pickle=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_fetched_right(content, faults, traits, is_hashed, options, Path(folder)))
