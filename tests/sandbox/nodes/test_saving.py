from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from comfy_gen.sandbox.nodes import saving
from comfy_gen.sandbox.nodes.node import ReportedError
from comfy_gen.sandbox.values import Video

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.nodes.bench import Bench

PICTURES = tuple(Image.new("RGB", (16, 8), colour) for colour in ("red", "green"))


def stored(bench: Bench, shown: saving.Shown, number: int = 0) -> Path:
    file = shown.ui["images"][number]
    return bench.files.folder(file["type"]) / file["subfolder"] / file["filename"]


def test_pictures_are_saved_with_their_prompt_and_the_mark(bench: Bench):
    shown = saving.save_images(bench, images=PICTURES, filename_prefix="sub/p")
    assert [file["filename"] for file in shown.ui["images"]] == ["p_00001_.png", "p_00002_.png"]
    with Image.open(stored(bench, shown, 1)) as picture:
        assert picture.getpixel((0, 0)) == (0, 128, 0)
        assert json.loads(picture.info["prompt"]) == {"1": {}}
        assert picture.info[saving.MARK] == saving.MARK_TEXT


def test_batch_number_may_stand_in_the_name(bench: Bench):
    shown = saving.save_images(bench, images=PICTURES, filename_prefix="p%batch_num%")
    assert [file["filename"] for file in shown.ui["images"]] == ["p0_00001_.png", "p1_00002_.png"]


def test_previews_go_into_the_temp_folder_under_a_new_name(bench: Bench):
    first, second = (saving.preview_images(bench, images=PICTURES) for _ in range(2))
    assert first.ui["images"][0]["type"] == "temp"
    assert stored(bench, first).name.startswith("ComfyUI_temp_")
    assert stored(bench, first) != stored(bench, second)
    assert saving.preview_mask(bench, mask=(Image.new("L", (4, 4)),)).ui["images"]


def test_prefix_that_leads_out_is_the_error_of_a_real_server(bench: Bench):
    with pytest.raises(ReportedError, match="Saving image outside the output folder is not allowed") as caught:
        saving.save_images(bench, images=PICTURES, filename_prefix="../../evil")
    assert caught.value.name == "Exception"


def test_corrupt_output_is_half_a_file(bench: Bench):
    whole = stored(bench, saving.save_images(bench, images=PICTURES[:1]))
    bench.corrupts_output = True
    half = stored(bench, saving.save_images(bench, images=PICTURES[:1]))
    assert half.read_bytes() == whole.read_bytes()[: whole.stat().st_size // 2]


def test_animations_have_all_frames_and_the_prompt(bench: Bench):
    webp = saving.save_webp(
        bench, images=PICTURES, filename_prefix="a", fps=6.0, lossless=True, quality=80, method="fastest"
    )
    png = saving.save_animated_png(bench, images=PICTURES, filename_prefix="a", fps=6.0, compress_level=1)
    for shown in (webp, png):
        assert shown.ui["animated"] == (True,)
        with Image.open(stored(bench, shown)) as animation:
            assert animation.n_frames == 2  # pyright: ignore[reportAttributeAccessIssue]
    with Image.open(stored(bench, webp)) as animation:
        assert animation.getexif()[0x0110] == 'prompt:{"1": {}}'


def test_videos_are_stored_with_their_suffix(bench: Bench):
    mp4 = saving.save_video(bench, video=Video(PICTURES, 8.0), filename_prefix="video/v", format="auto", codec="auto")
    webm = saving.save_webm(bench, images=PICTURES, filename_prefix="v", fps=8.0, codec="vp9", crf=32.0)
    assert mp4.ui == {
        "images": [{"filename": "v_00001_.mp4", "subfolder": "video", "type": "output"}],
        "animated": (True,),
    }
    assert saving.MARK.encode() in stored(bench, mp4).read_bytes()
    assert stored(bench, webm).suffix == ".webm"
