import io

import pytest
from PIL import ExifTags, Image

from comfy_gen.pipeline.thumbnail import thumbnail


def small(image):
    return Image.open(io.BytesIO(thumbnail(image)))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1024, 512), (256, 128)), ((100, 2560), (10, 256)), ((64, 32), (64, 32)), ((900, 1), (256, 1))],
)
def test_longer_side_is_at_most_256(size, expected):
    picture = small(Image.new("RGB", size))
    assert (picture.format, picture.size) == ("WEBP", expected)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "CMYK", "I;16", "F", "RGBA", "LA"])
def test_every_kind_of_picture_has_one(mode):
    assert small(Image.new(mode, (512, 512))).mode == ("RGBA" if mode in {"RGBA", "LA"} else "RGB")


def test_turned_picture_stands_upright():
    image = Image.new("RGB", (400, 200))
    image.getexif()[ExifTags.Base.Orientation] = 6
    assert small(image).size == (128, 256)
