"""What goes along with an answer."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from comfy_gen.errors import ServiceUnreachableError
from comfy_gen.mcp import enclosures
from comfy_gen.mcp.answers import Job, Output
from comfy_gen.mcp.enclosures import LARGEST, Enclosures, in_format, link_to, words
from comfy_gen.mcp.places import Folders
from tests.mcp.serving import picture


class Files:
    """A service that has some files."""

    def __init__(self, **contents):
        self.contents = contents
        self.asked = []

    async def content(self, path):
        self.asked.append(path)
        name = path.split("/")[2]
        if name not in self.contents:
            raise ServiceUnreachableError("http://gone", "it is off")
        return self.contents[name], "image/png"


def output(name, media_type="image/png", size=100):
    return Output(
        id=name,
        resource=f"comfygen://artifacts/{name}",
        url="http://here",
        filename=f"{name}.png",
        media_type=media_type,
        size=size,
    )


async def test_first_pictures_are_shown_within_the_budget_and_all_files_linked():
    outputs = [output("clip", "video/mp4"), *(output(f"p{number}") for number in range(6))]
    files = Files(**{one.id: picture() for one in outputs})

    found = await Enclosures(files, outputs).shown(100_000)

    assert [one.type for one in found] == ["image"] * 4 + ["resource_link"] * 7
    assert base64.b64decode(found[0].data) == picture()
    assert "/artifacts/clip" not in files.asked


async def test_without_a_budget_nothing_is_fetched():
    files = Files(p=picture())

    assert [one.type for one in await Enclosures(files, [output("p")]).shown(0)] == ["resource_link"]
    assert files.asked == []


async def test_huge_picture_is_shown_by_its_thumbnail():
    files = Files(p=picture())

    await Enclosures(files, [output("p", size=LARGEST + 1)]).shown(100_000)

    assert files.asked == ["/artifacts/p/thumbnail"]


async def test_picture_that_cannot_be_fetched_is_noted_and_linked():
    enclosures = Enclosures(Files(), [output("p")])

    assert [one.type for one in await enclosures.shown(100_000)] == ["resource_link"]
    assert enclosures.notes[0].startswith("p.png cannot be shown: ")


async def test_file_that_is_no_picture_is_only_linked():
    assert [one.type for one in await Enclosures(Files(p=b"?"), [output("p")]).shown(1_000)] == ["resource_link"]


async def test_all_files_are_saved_the_others_beside_the_first(tmp_path):
    files = Files(a=picture("red"), b=picture("blue"))
    enclosures = Enclosures(files, [output("a"), output("b")])

    path = await enclosures.save(Folders([tmp_path]), tmp_path / "x.png")
    await enclosures.shown(100_000)

    assert path == str(tmp_path / "x.png")
    assert (tmp_path / "x-2.png").read_bytes() == picture("blue")
    assert enclosures.notes == [f"saved as well: {tmp_path / 'x-2.png'}"]
    assert files.asked == ["/artifacts/a", "/artifacts/b"]


async def test_what_cannot_be_saved_is_noted(tmp_path):
    (tmp_path / "x.png").write_bytes(b"mine")
    enclosures = Enclosures(Files(a=picture()), [output("a")])

    assert await enclosures.save(Folders([tmp_path]), tmp_path / "x.png") is None
    assert enclosures.notes[0].startswith("a.png was not saved: ")
    assert (tmp_path / "x.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("suffix", "expected"), [(".jpg", "JPEG"), (".webp", "WEBP"), (".png", "PNG"), (".mp4", "PNG")]
)
def test_picture_is_turned_into_what_its_name_says(suffix, expected):
    with Image.open(io.BytesIO(in_format(picture(), suffix, "x.bmp"))) as found:
        assert found.format == expected


def test_what_is_no_picture_stays_as_it_is():
    assert in_format(b"?", ".jpg", "x.png") == b"?"


def test_link_has_a_name_even_if_the_file_has_none():
    assert link_to(Output(id="a", resource="comfygen://artifacts/a", url="")).name == "a"


def test_words_leave_out_what_is_not_known():
    text = words(Job(status="pending", prompt_id="a", job_id="a")).text

    assert '"status":"pending"' in text
    assert "null" not in text


def test_picture_that_would_fill_the_memory_is_not_turned_into_another(monkeypatch):
    monkeypatch.setattr(enclosures, "MOST_PIXELS", 99)
    content = picture(size=(10, 10))

    assert in_format(content, ".jpg", "x.png") == content
