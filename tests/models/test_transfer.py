from __future__ import annotations

import asyncio
import sys

import pytest

from comfy_gen.errors import (
    ModelDownloadError,
    ModelIntegrityError,
    ModelSourceError,
)
from comfy_gen.models.download import DownloadOptions
from tests.models.bad_server import (
    BreakOff,
    Cancel,
    Change,
    Hang,
    IgnoreRange,
    Longer,
    Packed,
    Shorter,
    WrongBytes,
    WrongRange,
    bad_server,
)
from tests.models.fetched import CONTENT, fetch, names, offered


async def test_broken_connection_is_gone_on_from(target):
    one = DownloadOptions(connections=1, allow_private=True)
    async with bad_server(CONTENT, BreakOff(1), BreakOff(700), BreakOff(800)) as server:
        await fetch(offered(server.url), target, one)
    assert target.read_bytes() == CONTENT
    assert server.ranges == ["bytes=0-4999", "bytes=700-4999", "bytes=1500-4999"]
    assert server.requests[-1][1]["if-range"].startswith('"')


async def test_breaks_do_not_add_up_while_something_comes(target):
    one = DownloadOptions(connections=1, retries=1, allow_private=True)
    async with bad_server(CONTENT, BreakOff(1), *[BreakOff(400), BreakOff(0)] * 9) as server:
        await fetch(offered(server.url), target, one)
    assert target.read_bytes() == CONTENT


async def test_stream_that_breaks_begins_anew(target):
    async with bad_server(CONTENT, BreakOff(700), BreakOff(800), has_ranges=False) as server:
        done = await fetch(offered(server.url), target)
    assert target.read_bytes() == CONTENT
    assert done.resumed_bytes == 0


async def test_what_came_is_kept_when_it_is_given_up_and_gone_on_from(target):
    one = DownloadOptions(connections=1, piece=1000, allow_private=True, retries=2)
    async with bad_server(CONTENT, BreakOff(1), *[BreakOff(1000)] * 2, *[BreakOff()] * 4) as server:
        with pytest.raises(ModelDownloadError, match="broke off") as raised:
            await fetch(offered(server.url), target, one)
        assert raised.value.kept == 2000
        assert not target.exists()
        del server.requests[:]
        done = await fetch(offered(server.url), target, one)
    assert target.read_bytes() == CONTENT
    assert done.resumed_bytes == 2000
    assert server.ranges == ["bytes=2000-2999", "bytes=3000-3999", "bytes=4000-4999"]
    assert names(target) == ["a.dat"]


async def test_stream_that_is_given_up_leaves_nothing(target):
    async with bad_server(CONTENT, *[BreakOff(700)] * 9, has_ranges=False) as server:
        with pytest.raises(ModelDownloadError) as raised:
            await fetch(offered(server.url), target)
    assert raised.value.kept == 0
    assert names(target) == []


async def test_silence_counts_as_broken(target):
    impatient = DownloadOptions(connections=1, silence=0.05, allow_private=True)
    async with bad_server(CONTENT, BreakOff(1), Hang(700)) as server:
        await fetch(offered(server.url), target, impatient)
    assert server.ranges == ["bytes=0-4999", "bytes=700-4999"]


async def test_cancelled_download_keeps_what_came(target):
    async with bad_server(CONTENT, BreakOff(1), BreakOff(1000), Cancel(500)) as server:
        task = asyncio.create_task(
            fetch(offered(server.url), target, DownloadOptions(connections=1, allow_private=True))
        )
        server.on_cancel = lambda: asyncio.get_running_loop().call_soon(task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not target.exists()
        assert (await fetch(offered(server.url), target)).resumed_bytes >= 1000
    assert target.read_bytes() == CONTENT


async def test_killed_download_is_gone_on_from(target):
    """The kernel frees the lock, and the note tells only of bytes that are there."""
    program = (
        "import asyncio, sys, pathlib\n"
        "from comfy_gen.models.download import download, DownloadOptions\n"
        "from comfy_gen.models.model import Model, Offer\n"
        "offer = Offer(model=Model(file='a', folder='vae'), url=sys.argv[1])\n"
        "options = DownloadOptions(connections=1, piece=1000, allow_private=True)\n"
        "asyncio.run(download(offer, pathlib.Path(sys.argv[2]), options))\n"
    )
    async with bad_server(CONTENT, BreakOff(1), *[BreakOff(1000)] * 2, Cancel(500)) as server:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, server.url, str(target))
        try:
            hangs = asyncio.Event()
            server.on_cancel = hangs.set
            async with asyncio.timeout(30):
                await hangs.wait()
        finally:
            process.kill()
            await process.wait()
        done = await fetch(offered(server.url), target)
    assert done.resumed_bytes == 2000
    assert target.read_bytes() == CONTENT


async def test_file_that_changed_since_begins_anew(target):
    other = CONTENT[::-1]
    async with bad_server(CONTENT, BreakOff(1), BreakOff(1000), *[BreakOff()] * 9) as server:
        with pytest.raises(ModelDownloadError):
            await fetch(offered(server.url), target, DownloadOptions(connections=1, retries=1, allow_private=True))
        server.faults[:] = []
        server.content = other
        done = await fetch(offered(server.url), target)
    assert target.read_bytes() == other
    assert done.resumed_bytes == 0


@pytest.mark.parametrize("other", [CONTENT[::-1], CONTENT + b"more", CONTENT[:1500], b""])
async def test_file_that_changes_in_between_begins_anew(target, other):
    async with bad_server(CONTENT, BreakOff(1), BreakOff(1000), Change(other)) as server:
        await fetch(offered(server.url), target)
    assert target.read_bytes() == other


@pytest.mark.parametrize("traits", [{}, {"has_etag": False, "has_modified": True}])
async def test_part_of_a_changed_file_is_seen_for_what_it_is(target, traits):
    """Some servers know no ``If-Range``."""
    other = CONTENT[::-1]
    faults = [BreakOff(1), BreakOff(1000), Change(other)]
    async with bad_server(CONTENT, *faults, heeds_if_range=False, **traits) as server:
        await fetch(offered(server.url), target)
    assert target.read_bytes() == other


async def test_part_that_ends_early_without_a_word_is_not_asked_for_forever(target):
    faults = [BreakOff(1), *[BreakOff(0)] * 99]
    async with bad_server(CONTENT, *faults, has_length=False) as server:
        with pytest.raises(ModelDownloadError, match="broke off"):
            await fetch(offered(server.url), target, DownloadOptions(connections=1, retries=2, allow_private=True))
    assert len(server.requests) == 4


async def test_file_that_never_stays_is_given_up(target):
    changes = [Change(CONTENT + bytes([number])) for number in range(40)]
    async with bad_server(CONTENT, *changes) as server:
        with pytest.raises(ModelDownloadError, match="changes again and again"):
            await fetch(offered(server.url), target)
    assert names(target) == []


async def test_server_that_forgets_about_parts_gives_all_in_one_go(target):
    async with bad_server(CONTENT, BreakOff(1), *[IgnoreRange()] * 3) as server:
        await fetch(offered(server.url), target)
    assert target.read_bytes() == CONTENT
    assert server.ranges[-1] == "all"


ANY_LIES = [
    (Longer(), "announces|should have"),
    (Shorter(), "announces|should have"),
    (WrongBytes(), "SHA-256"),
    (Packed(), "packs"),
]


@pytest.mark.parametrize(("fault", "says"), [*ANY_LIES, (WrongRange(), "asked for")])
async def test_server_that_lies_about_a_part_leaves_nothing(target, fault, says):
    async with bad_server(CONTENT, BreakOff(1), BreakOff(100), fault) as server:
        with pytest.raises(ModelIntegrityError, match=says):
            await fetch(offered(server.url, CONTENT), target)
    assert names(target) == []


@pytest.mark.parametrize(("fault", "says"), ANY_LIES)
async def test_server_that_lies_about_the_whole_leaves_nothing(target, fault, says):
    async with bad_server(CONTENT, fault, has_ranges=False) as server:
        with pytest.raises(ModelIntegrityError, match=says):
            await fetch(offered(server.url, CONTENT), target)
    assert names(target) == []


async def test_answer_that_is_longer_than_announced_is_no_file(target):
    async with bad_server(CONTENT, BreakOff(1), *[Longer()] * 3, is_chunked=True) as server:
        with pytest.raises(ModelIntegrityError, match="more than it announced"):
            await fetch(offered(server.url, CONTENT), target)
    assert names(target) == []


async def test_size_that_the_source_does_not_know_of_is_told_before_anything_is_fetched(target):
    async with bad_server(CONTENT) as server:
        with pytest.raises(ModelIntegrityError, match="5000 bytes, and it should have 7"):
            await fetch(offered(server.url, size=7), target)
    assert server.ranges == []


async def test_file_without_any_sign_of_its_end_is_refused(target):
    async with bad_server(CONTENT, has_ranges=False, has_length=False) as server:
        with pytest.raises(ModelSourceError, match="does not say how long"):
            await fetch(offered(server.url), target)
        await fetch(offered(server.url, CONTENT), target)
    assert target.read_bytes() == CONTENT


async def test_unended_file_that_is_too_short_is_tried_again(target):
    async with bad_server(CONTENT, BreakOff(100), has_ranges=False, has_length=False) as server:
        await fetch(offered(server.url, size=5000), target)
    assert target.read_bytes() == CONTENT
