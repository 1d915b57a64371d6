import io

import pytest
from PIL import Image

from comfy_gen.errors import InputImageError, InvalidParameterError
from comfy_gen.pipeline.preprocess import fit, load, open_picture, prepare, upload_name

RED, BLUE = (255, 0, 0), (0, 0, 255)


def halves(width=200, height=100):
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def encoded(image, kind="PNG", **options):
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def test_without_a_mode_the_picture_is_stretched():
    assert fit(halves(), (50, 80), None).size == (50, 80)


@pytest.mark.parametrize("mode", ["cover", "center"])
def test_cover_cuts_off_both_sides_and_leaves_no_bars(mode):
    fitted = fit(halves(), (50, 50), mode)
    assert fitted.size == (50, 50)
    assert fitted.getpixel((5, 25)) == RED
    assert fitted.getpixel((45, 25)) == BLUE
    assert (0, 0, 0) not in {color for _, color in fitted.getcolors(2500)}


def test_contain_keeps_all_and_pads_with_black():
    fitted = fit(halves(), (100, 100), "contain")
    assert [fitted.getpixel(at) for at in ((50, 5), (50, 95))] == [(0, 0, 0)] * 2
    assert [fitted.getpixel(at) for at in ((5, 50), (95, 50))] == [RED, BLUE]


@pytest.mark.parametrize(("mode", "side"), [("center", 100), ("cover", 100), ("contain", 200)])
def test_cropping_without_a_size_makes_a_square(mode, side):
    assert fit(halves(), None, mode).size == (side, side)


def test_nothing_asked_for_changes_nothing():
    image = halves()
    assert fit(image, None, None) is image
    content = encoded(image)
    assert prepare(content, source="x.png") is content


@pytest.mark.parametrize(("size", "mode"), [((0, 10), None), ((20000, 10), "cover"), ((10, 10), "stretch")])
def test_impossible_sizes_and_unknown_modes_are_refused(size, mode):
    with pytest.raises(InvalidParameterError):
        fit(halves(), size, mode)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_prepared_picture_keeps_its_format(kind):
    with Image.open(io.BytesIO(prepare(encoded(halves(), kind), source="x", resize=(64, 64)))) as image:
        assert (image.format, image.size) == (kind, (64, 64))


def test_prepared_picture_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    content = encoded(halves(), "JPEG", exif=exif)
    with Image.open(io.BytesIO(prepare(content, source="x", resize=(50, 100)))) as image:
        red, _, blue = image.getpixel((25, 5))
        assert red > blue  # what was left is above now


def test_what_is_no_picture_is_refused_by_name():
    with pytest.raises(InputImageError, match=r"notes\.txt as an input picture: it is not a picture"):
        open_picture(b"plain text", source="notes.txt")


def test_truncated_picture_is_refused():
    content = encoded(halves(), "JPEG")
    with pytest.raises(InputImageError, match="truncated"):
        open_picture(content[: len(content) // 2], source="half.jpg")


def test_format_that_cannot_be_written_becomes_png(monkeypatch):
    content = encoded(halves(), "BMP")
    monkeypatch.delitem(Image.SAVE, "BMP")
    with Image.open(io.BytesIO(prepare(content, source="x.bmp", resize=(8, 8)))) as image:
        assert image.format == "PNG"


def test_picture_beyond_all_use_is_refused(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(InputImageError, match="more pixels"):
        open_picture(encoded(halves()), source="huge.png")


def test_upload_name_is_that_of_the_content():
    one, other = encoded(halves()), encoded(halves(20, 20), "JPEG")
    assert upload_name(one) == upload_name(one) != upload_name(other)
    assert upload_name(one).endswith(".png")
    assert upload_name(other).endswith(".jpeg")


async def test_file_is_loaded_once_it_is_known_to_open(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(halves()))
    assert await load(str(path)) == path.read_bytes()


async def test_missing_file_says_so(tmp_path):
    with pytest.raises(InputImageError, match="No such file"):
        await load(str(tmp_path / "gone.png"))
