"""Image nodes that put pictures together or take them apart: cropping, padding, stitching, batches, alpha. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageOps

from comfy_gen.sandbox.nodes.images import resized
from comfy_gen.sandbox.pixels import resize
from comfy_gen.sandbox.values import Video

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.sandbox.nodes.node import Node
    from comfy_gen.sandbox.values import Masks, Pictures


def crop(*, image: Pictures, width: int, height: int, x: int, y: int) -> tuple[Pictures]:
    """ImageCrop: a box that begins inside the picture and is cut at its edges."""
    across, down = image[0].size
    left, top = min(x, across - 1), min(y, down - 1)
    box = (left, top, min(left + width, across), min(top + height, down))
    return (tuple(picture.crop(box) for picture in image),)


def pad(*, image: Pictures, left: int, top: int, right: int, bottom: int, feathering: int) -> tuple[Pictures, Masks]:
    """ImagePadForOutpaint: grey around the picture, and a mask that is white there."""
    border = (left, top, right, bottom)
    padded = tuple(ImageOps.expand(picture.convert("RGB"), border, fill=(127, 127, 127)) for picture in image)
    width, height = image[0].size
    inner = Image.new("L", (width, height), 0)
    if feathering > 0 and 2 * feathering < min(width, height):
        sides = [bool(side) for side in border]
        inner = ImageChops.invert(_feathered((width, height), sides, feathering))
    return padded, (ImageOps.expand(inner, border, fill=255),)


def _feathered(size: tuple[int, int], sides: list[bool], feathering: int) -> Image.Image:
    left, top, right, bottom = sides
    width, height = size
    row = [255] * width
    column = [255] * height
    for k in range(feathering):
        shade = round(255 * (1 - (1 - k / feathering) ** 2))
        for line, first, last in ((row, left, right), (column, top, bottom)):
            if first:
                line[k] = min(line[k], shade)
            if last and k:  # ComfyUI counts from 0 on one side and from 1 on the other
                line[-k] = min(line[-k], shade)
    across = resize(Image.frombytes("L", (width, 1), bytes(row)), size)
    down = resize(Image.frombytes("L", (1, height), bytes(column)), size)
    return ImageChops.darker(across, down)  # the nearer edge counts


def batch(*, image1: Pictures, image2: Pictures) -> tuple[Pictures]:
    """ImageBatch: the second are brought to the first ones' size."""
    return ((*image1, *resized(image2, image1[0].size, "bilinear", "center")),)


def repeat(*, image: Pictures, amount: int) -> tuple[Pictures]:
    """RepeatImageBatch."""
    return (image * amount,)


def take(*, image: Pictures, batch_index: int, length: int) -> tuple[Pictures]:
    """ImageFromBatch: at least one."""
    first = min(batch_index, len(image) - 1)
    return (image[first : first + max(1, length)],)


def stitch(
    *,
    image1: Pictures,
    direction: str,
    match_image_size: bool,
    spacing_width: int,
    spacing_color: str,
    image2: Pictures = (),
) -> tuple[Pictures]:
    """ImageStitch: two pictures beside or above each other."""
    if not image2:
        return (image1,)
    count = max(len(image1), len(image2))
    beside = direction in {"right", "left"}
    pairs = [(image1[k % len(image1)], image2[k % len(image2)]) for k in range(count)]
    matched = [(one, _matched(two, one, beside=beside) if match_image_size else two) for one, two in pairs]
    ordered = [pair if direction in {"right", "down"} else pair[::-1] for pair in matched]
    return (tuple(_joined(*pair, beside=beside, gap=spacing_width, fill=spacing_color) for pair in ordered),)


def _matched(picture: Image.Image, model: Image.Image, *, beside: bool) -> Image.Image:
    factor = model.height / picture.height if beside else model.width / picture.width
    return resize(picture, (max(1, round(picture.width * factor)), max(1, round(picture.height * factor))))


def _joined(first: Image.Image, second: Image.Image, *, beside: bool, gap: int, fill: str) -> Image.Image:
    width, height = max(first.width, second.width), max(first.height, second.height)
    size = (first.width + gap + second.width, height) if beside else (width, first.height + gap + second.height)
    joined = Image.new("RGB", size, fill)
    begin = 0
    for picture in (first, second):  # each in the middle of the direction in which they are not joined
        aside = (height - picture.height) // 2 if beside else (width - picture.width) // 2
        joined.paste(picture, (begin, aside) if beside else (aside, begin))
        begin += gap + (picture.width if beside else picture.height)
    return joined


def composite(
    *, destination: Pictures, source: Pictures, x: int, y: int, resize_source: bool, mask: Masks = ()
) -> tuple[Pictures]:
    """ImageCompositeMasked: the source over the destination, where the mask is white."""
    if resize_source:
        source = resized(source, destination[0].size, "bilinear")
    made: list[Image.Image] = []
    for k, below in enumerate(destination):
        above = source[k % len(source)].convert("RGB")
        canvas = below.convert("RGB")
        canvas.paste(above, (x, y), resize(mask[k % len(mask)], above.size) if mask else None)
        made.append(canvas)
    return (tuple(made),)


def join_alpha(*, image: Pictures, alpha: Masks) -> tuple[Pictures]:
    """JoinImageWithAlpha: what the mask is white on becomes transparent."""
    joined: list[Image.Image] = []
    for k, picture in enumerate(image):
        canvas = picture.convert("RGB")
        canvas.putalpha(ImageChops.invert(resize(alpha[k % len(alpha)], canvas.size)))
        joined.append(canvas)
    return (tuple(joined),)


def split_alpha(*, image: Pictures) -> tuple[Pictures, Masks]:
    """SplitImageWithAlpha."""
    masks = tuple(ImageChops.invert(picture.convert("RGBA").getchannel("A")) for picture in image)
    return tuple(picture.convert("RGB") for picture in image), masks


def make_video(*, images: Pictures, fps: float, **_: Any) -> tuple[Video]:
    """CreateVideo."""
    return (Video(images, fps),)


def video_parts(*, video: Video) -> tuple[Pictures, None, float]:
    """GetVideoComponents: the frames, no sound, and the speed."""
    return video.frames, None, video.fps


NODES: Mapping[str, Node] = {
    "ImageCrop": crop,
    "ImagePadForOutpaint": pad,
    "ImageBatch": batch,
    "RepeatImageBatch": repeat,
    "ImageFromBatch": take,
    "ImageStitch": stitch,
    "ImageCompositeMasked": composite,
    "JoinImageWithAlpha": join_alpha,
    "SplitImageWithAlpha": split_alpha,
    "CreateVideo": make_video,
    "GetVideoComponents": video_parts,
}
