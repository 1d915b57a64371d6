import io
import json

import pytest
from PIL import Image, PngImagePlugin

from comfy_gen.errors import InputImageError, MetadataNotFoundError
from comfy_gen.workflows.parameters import parameters_text
from comfy_gen.workflows.picture import PictureMetadata, read_metadata, read_picture, with_parameters
from tests.workflows.samples import node, plain

TEXT = "a fox für 狐\nNegative prompt: bad\nSteps: 3, Seed: 4"


def png(**texts):
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "orange").save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def with_exif(kind, tags=(), user_comment=None, **save):
    image = Image.new("RGB", (8, 8), "orange")
    exif = image.getexif()
    for tag, value in tags:
        exif[tag] = value
    if user_comment is not None:
        exif.get_ifd(0x8769)[0x9286] = user_comment
    buffer = io.BytesIO()
    image.save(buffer, kind, exif=exif, **save)
    return buffer.getvalue()


def test_workflow_and_parameters_of_a_png_are_read():
    ui = {"nodes": [], "links": []}
    found = read_metadata(png(prompt=json.dumps(plain()), workflow=json.dumps(ui), parameters=TEXT))
    assert found == PictureMetadata(workflow=plain(), ui_workflow=ui, parameters=TEXT)
    assert found.settings is not None
    assert (found.settings.prompt, found.settings.seed) == ("a fox für 狐", 4)


def test_notes_that_comfyui_made_for_itself_are_left_out():
    """ComfyUI behaviour: LoadImage's node in the embedded prompt carries ``is_changed``, and would be believed."""
    graph = {"1": node("LoadImage", image="a.png")}
    noted = {"1": {**graph["1"], "is_changed": ["0123abcd"]}}
    assert read_metadata(png(prompt=json.dumps(noted))).workflow == graph


def test_parameters_are_added_beside_the_workflow():
    marked = with_parameters(png(prompt=json.dumps(plain())), parameters_text(plain()))
    found = read_metadata(marked)
    assert found.workflow == plain()
    assert found.parameters == parameters_text(plain())


def test_settings_are_none_where_there_is_no_text():
    assert read_metadata(png(prompt=json.dumps(plain()))).settings is None


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
def test_comfyui_s_exif_is_read(kind):
    """ComfyUI behaviour: the prompt stands under Model (0x0110), the rest from Make (0x010f) downwards."""
    tags = [(0x0110, "prompt:" + json.dumps(plain())), (0x010F, 'workflow:{"nodes": []}')]
    found = read_metadata(with_exif(kind, tags))
    assert (found.workflow, found.ui_workflow) == (plain(), {"nodes": []})


@pytest.mark.parametrize("kind", ["WEBP", "JPEG"])
@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + TEXT.encode("utf-16-be"),
        b"UNICODE\0" + TEXT.encode("utf-16-le"),
        b"\0\0\0\0\0\0\0\0" + TEXT.encode(),
        b"ASCII\0\0\0" + TEXT.encode(),
        "ASCII\0\0\0" + "x\nSteps: 3",
    ],
)
def test_a1111_s_user_comment_is_read(kind, comment):
    found = read_metadata(with_exif(kind, user_comment=comment))
    assert found.settings is not None
    assert found.settings.steps == 3


def test_json_without_a_name_is_read():
    both = json.dumps({"prompt": plain(), "workflow": {"nodes": []}})
    assert read_metadata(with_exif("JPEG", [(0x010E, both)])).workflow == plain()


def test_jpeg_comment_is_read():
    assert read_metadata(with_exif("JPEG", comment=TEXT.encode())).parameters == TEXT


@pytest.mark.parametrize(
    "data",
    [
        png(),
        png(prompt="a fox"),
        png(prompt="[1]"),
        png(prompt='{"a": 1}'),
        png(prompt="{}"),
        png(Software="x"),
        png(prompt="[" * 100_000),
        with_exif("JPEG", [(0x0110, "Camera X"), (0x0112, 1)]),
        with_exif("WEBP"),
    ],
)
def test_picture_without_a_record_is_told(data):
    with pytest.raises(MetadataNotFoundError) as caught:
        read_metadata(data, source="cat.png")
    assert str(caught.value) == "cat.png carries neither a ComfyUI workflow nor generation parameters"


@pytest.mark.parametrize("data", [b"", b"no picture", png()[:40], with_exif("JPEG")[:10]])
def test_what_is_no_picture_is_told(data):
    with pytest.raises(InputImageError, match=r"cannot use cat\.jpg as an input picture"):
        read_metadata(data, source="cat.jpg")


def test_picture_file_is_read(tmp_path):
    (tmp_path / "a.png").write_bytes(png(parameters=TEXT))
    assert read_picture(tmp_path / "a.png").parameters == TEXT


def test_missing_picture_file_is_told(tmp_path):
    with pytest.raises(InputImageError, match="No such file or directory"):
        read_picture(str(tmp_path / "no.png"))


def test_only_a_png_takes_parameters():
    with pytest.raises(InputImageError, match="it is not a PNG"):
        with_parameters(with_exif("JPEG"), "x")
