import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from comfy_gen.errors import InputImageError, OutputPathError
from comfy_gen.pipeline.postprocess import Destination, check, destination, recode, save, stem, unused
from comfy_gen.workflows.picture import read_metadata

GRAPH = '{"1": {"class_type": "SaveImage", "inputs": {}}}'


def png(graph=GRAPH):
    info = PngInfo()
    info.add_text("prompt", graph)
    target = io.BytesIO()
    Image.new("RGBA", (8, 8), "red").save(target, "PNG", pnginfo=info)
    return target.getvalue()


@pytest.mark.parametrize(
    ("prompt", "seed", "name"),
    [
        ("A lighthouse, at dusk!", 42, "a-lighthouse-at-dusk-42"),
        ("Café au lait", None, "cafe-au-lait"),
        ("灯台", 7, "picture-7"),
        ("../../etc/passwd", 1, "etc-passwd-1"),
        ("word " * 40, 3, "word-word-word-word-word-word-word-word-word-3"),
        ("x" * 300, 3, f"{'x' * 48}-3"),
        ("", None, "picture"),
    ],
)
def test_names_are_made_from_prompt_and_seed(prompt, seed, name):
    assert stem(prompt, seed) == name


@pytest.mark.parametrize(
    ("given", "suffix", "path"),
    [
        ("a.png", ".png", "a.png"),
        ("a.PNG", ".png", "a.PNG"),
        ("a.jpg", ".png", "a.jpg"),
        ("a", ".png", "a.png"),
        ("v1.5", ".png", "v1.5.png"),
        ("a.png", ".mp4", "a.mp4"),
        ("a.mp4", ".png", "a.png"),
        ("", ".png", "stem.png"),
    ],
)
def test_given_name_keeps_its_suffix_where_that_can_be_made(given, suffix, path):
    assert Destination(Path("o"), given).path("stem", suffix) == Path("o") / path


def test_several_results_are_counted():
    assert Destination(Path(), "a.png").path("stem", ".png", number=2, total=3) == Path("a-2.png")
    assert Destination(Path()).path("stem", ".png", number=2, total=3) == Path("stem-2.png")


def test_output_is_a_folder_if_it_is_one_or_looks_like_one(tmp_path):
    assert destination(None) == Destination(Path())
    assert destination(str(tmp_path)) == Destination(tmp_path)
    assert destination("gone/") == Destination(Path("gone"))
    assert destination("gone/a.png") == Destination(Path("gone"), "a.png")


@pytest.mark.parametrize("output", ["-", "a.bmp", "gone/a.TIFF", "x" * 300])
def test_file_that_cannot_be_is_refused(output):
    with pytest.raises(OutputPathError):
        destination(output)


def test_only_the_given_name_may_replace_a_file(tmp_path):
    place = Destination(tmp_path, "a.png")
    assert place.names(tmp_path / "a.png")
    assert not place.names(tmp_path / "a-1.png")
    assert not Destination(tmp_path).names(tmp_path / "a.png")


def test_missing_folder_is_found_before_anything_is_computed(tmp_path):
    check(Destination(tmp_path))
    with pytest.raises(OutputPathError, match="No such file"):
        check(Destination(tmp_path / "gone"))


def test_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputPathError, match="Not a directory"):
        check(Destination(tmp_path / "file"))


def test_made_up_names_replace_nothing(tmp_path):
    assert unused(tmp_path / "a.png") == tmp_path / "a.png"
    (tmp_path / "a.png").touch()
    (tmp_path / "a-2.png").touch()
    assert unused(tmp_path / "a.png") == tmp_path / "a-3.png"


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_saved_picture_carries_workflow_and_parameters(tmp_path, name):
    save(png(), tmp_path / name, suffix=".png", parameters="a fox, Größe\nSteps: 4, Seed: 1, Size: 8x8")
    record = read_metadata((tmp_path / name).read_bytes())
    assert record.workflow is not None
    assert record.workflow["1"]["class_type"] == "SaveImage"
    assert record.settings is not None
    assert (record.settings.prompt, record.settings.steps) == ("a fox, Größe", 4)


def test_what_is_no_picture_is_saved_byte_for_byte(tmp_path):
    save(b"film", tmp_path / "a.mp4", suffix=".mp4", parameters="a fox")
    assert (tmp_path / "a.mp4").read_bytes() == b"film"


def test_graph_too_large_for_a_jpeg_is_left_out_of_it():
    huge = '{"1": {"class_type": "%s", "inputs": {}}}' % ("x" * 70_000)
    with Image.open(io.BytesIO(recode(png(huge), ".jpg"))) as image:
        assert image.format == "JPEG"


def test_damaged_picture_is_not_recoded():
    with pytest.raises(InputImageError):
        recode(png()[:60], ".jpg")
