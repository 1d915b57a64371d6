from __future__ import annotations

import asyncio
import hashlib
import os
import random
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comfy_gen.errors import (
    ComfyGenError,
    DiskSpaceError,
    ModelDownloadError,
    ModelIntegrityError,
    ModelSourceError,
    OutputPathError,
    UnsafeModelError,
)
from comfy_gen.models.download import DownloadOptions, download
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.part_file import PartFile
from tests.models.bad_server import (
    BreakOff,
    Cancel,
    Change,
    Garbage,
    Hang,
    IgnoreRange,
    Longer,
    Packed,
    Shorter,
    Status,
    WrongBytes,
    WrongRange,
    bad_server,
)

CONTENT = random.Random(7).randbytes(5000)
OPTIONS = DownloadOptions(connections=3, piece=1000, allow_private=True, retries=2)


async def at_once(seconds):
    await asyncio.sleep(0)


def offered(url, content=None, *, headers=None, **known):
    if content is not None:
        known |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return Offer(model=Model(file="a.gguf", folder="diffusion_models", **known), url=url, headers=headers or {})


async def fetch(offer, target, options=OPTIONS, **more):
    async with asyncio.timeout(20):
        return await download(offer, target, options, **more, pause=at_once)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "models" / "a.dat"


def names(target):
    return sorted(os.listdir(target.parent))


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


@pytest.mark.parametrize("status", [429, 503])
async def test_server_that_asks_for_patience_gets_it(target, status):
    waited = []

    async def wait(seconds):
        waited.append(seconds)

    async with bad_server(CONTENT, Status(status, (("Retry-After", "7"),))) as server:
        await download(offered(server.url), target, OPTIONS, pause=wait)
    assert waited == [7.0]


@pytest.mark.parametrize(("status", "says"), [(401, "login"), (403, "login"), (404, "no such file"), (451, "451")])
async def test_refusal_is_told_and_not_argued_with(target, status, says):
    async with bad_server(CONTENT, Status(status)) as server:
        with pytest.raises(ModelSourceError, match=says):
            await fetch(offered(server.url), target)
    assert len(server.requests) == 1
    assert names(target) == []


async def test_web_page_is_not_taken_for_a_file(target):
    async with bad_server(b"<!DOCTYPE html><p>Log in", content_type="text/html; charset=utf-8") as server:
        with pytest.raises(ModelSourceError, match="web page"):
            await fetch(offered(server.url), target)
        server.content_type = "application/octet-stream"
        with pytest.raises(ModelIntegrityError, match="web page"):
            await fetch(offered(server.url), target)
    assert names(target) == []


async def test_login_goes_to_the_first_host_and_no_further(target):
    async with bad_server(CONTENT) as there, bad_server() as here:
        here.routes = {"/file": (302, "/on"), "/on": (307, there.url)}
        await fetch(offered(here.url, headers={"Authorization": "Bearer secret"}), target)
    assert all(headers["authorization"] == "Bearer secret" for _, headers in here.requests)
    assert not any("authorization" in headers for _, headers in there.requests)
    assert {path for path, _ in here.requests} == {"/file", "/on"}


async def test_redirects_have_an_end(target):
    async with bad_server() as server:
        server.routes = {"/file": (302, "/file")}
        with pytest.raises(ModelSourceError, match="redirects more than 10 times"):
            await fetch(offered(server.url), target)


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://127.1/", "", "http://["])
async def test_redirect_that_leads_astray_is_refused(target, location):
    async with bad_server() as server:
        server.routes = {"/file": (302, location)}
        with pytest.raises(ModelSourceError):
            await fetch(offered(server.url), target)
    assert names(target) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1"])
async def test_addresses_of_this_network_are_not_asked_unless_allowed(target, host):
    async with bad_server(CONTENT) as server:
        url = server.url.replace("127.0.0.1", host)
        with pytest.raises(ModelSourceError, match="public") as raised:
            await fetch(offered(url), target, DownloadOptions())
    assert "--allow-private" in raised.value.hint
    assert server.requests == []


async def test_login_in_a_url_is_told_to_nobody(target):
    told = []
    for fault in (Garbage(), Status(403), WrongRange(), Packed(), BreakOff()):
        async with bad_server(CONTENT, *[fault] * 9) as server:
            with pytest.raises(ComfyGenError) as raised:
                await fetch(offered(f"{server.url}?token=secret"), target, on_progress=told.append)
        assert "secret" not in f"{raised.value} {raised.value.hint}"
    assert "secret" not in str(told)
    assert "the server answers with what is no HTTP" in {one.note for one in told}


async def test_server_that_is_not_there_is_given_up(target):
    async with bad_server() as server:
        pass
    with pytest.raises(ModelDownloadError, match="connection refused"):
        await fetch(offered(server.url), target)


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
