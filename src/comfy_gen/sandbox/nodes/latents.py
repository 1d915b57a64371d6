"""Latent nodes: making, encoding, decoding and editing what samplers work on. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageFilter, ImageOps

from comfy_gen.sandbox.nodes.images import resized
from comfy_gen.sandbox.pixels import resize
from comfy_gen.sandbox.values import Latent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from comfy_gen.sandbox.nodes.node import Node
    from comfy_gen.sandbox.values import Conditioning, Masks, Model, Pictures


def empty(*, width: int, height: int, batch_size: int = 1) -> tuple[Latent]:
    """EmptyLatentImage."""
    return (Latent(_whole(width, 8), _whole(height, 8), batch_size, channels=4),)


def empty_16(*, width: int, height: int, batch_size: int = 1) -> tuple[Latent]:
    """EmptySD3LatentImage, EmptyHunyuanImageLatent: for models whose latents have 16 channels."""
    return (Latent(_whole(width, 8), _whole(height, 8), batch_size, channels=16),)


def empty_video(*, width: int, height: int, length: int, batch_size: int = 1) -> tuple[Latent]:
    """EmptyHunyuanLatentVideo: one frame and then four for each step of the latent."""
    return (_video(width, height, length, batch_size),)


def video_from_image(
    *, width: int, height: int, length: int, batch_size: int = 1, start_image: Pictures = (), **_: Any
) -> tuple[Latent]:
    """Wan22ImageToVideoLatent."""
    return (_started(_video(width, height, length, batch_size), start_image),)


def wan_video_from_image(
    *,
    positive: Conditioning,
    negative: Conditioning,
    width: int,
    height: int,
    length: int,
    batch_size: int = 1,
    start_image: Pictures = (),
    **_: Any,
) -> tuple[Conditioning, Conditioning, Latent]:
    """WanImageToVideo, WanFirstLastFrameToVideo."""
    return positive, negative, _started(_video(width, height, length, batch_size), start_image)


def _whole(pixels: int, unit: int) -> int:
    return max(unit, pixels // unit * unit)


def _video(width: int, height: int, length: int, batch_size: int) -> Latent:
    return Latent(_whole(width, 8), _whole(height, 8), batch_size, (length - 1) // 4 * 4 + 1, channels=16)


def _started(latent: Latent, start: Pictures) -> Latent:
    return replace(latent, base=resized(start[:1], (latent.width, latent.height), "bilinear", "center"))


def encode(*, pixels: Pictures, **_: Any) -> tuple[Latent]:
    """VAEEncode, VAEEncodeTiled: sizes are cut to whole latent pixels."""
    width, height = _whole(pixels[0].width, 8), _whole(pixels[0].height, 8)
    base = tuple(ImageOps.fit(picture.convert("RGB"), (width, height)) for picture in pixels)
    return (Latent(width, height, len(pixels), base=base),)


def encode_for_inpaint(*, pixels: Pictures, mask: Masks, grow_mask_by: int = 6, **_: Any) -> tuple[Latent]:
    """VAEEncodeForInpaint: the masked part goes grey and is made anew."""
    (latent,) = encode(pixels=pixels)
    size = (latent.width, latent.height)
    spread = ImageFilter.MaxFilter(min(grow_mask_by, 40) // 2 * 2 + 1)
    grown = tuple(resize(one, size).filter(spread) for one in mask)
    grey = Image.new("RGB", size, (127, 127, 127))
    base = tuple(Image.composite(grey, one, grown[k % len(grown)]) for k, one in enumerate(latent.base))
    return (replace(latent, base=base, mask=grown),)


def decode(*, samples: Latent, vae: Model, **_: Any) -> tuple[Pictures]:
    """VAEDecode, VAEDecodeTiled: paints the picture.

    Raises:
        RuntimeError: the latent is for a VAE of another family, as far as the names tell.
    """
    if vae.latent_channels and samples.channels and samples.channels != vae.latent_channels:
        got = f"{samples.total}, {samples.channels}, {samples.height // 8}, {samples.width // 8}"
        # torch's own words: what a client sees when model and latent are of two families
        raise RuntimeError(
            f"Given groups=1, weight of size [64, 4, 3, 3], expected input[{got}] "
            f"to have 4 channels, but got {samples.channels} channels instead"
        )
    return (samples.pictures(),)


def mask_noise(*, samples: Latent, mask: Masks) -> tuple[Latent]:
    """SetLatentNoiseMask."""
    return (replace(samples, mask=mask),)


def upscale(*, samples: Latent, width: int, height: int, **_: Any) -> tuple[Latent]:
    """LatentUpscale: a side of 0 follows the other."""
    if width == 0 and height == 0:
        return (samples,)
    return (
        replace(
            samples,
            width=_whole(width or round(samples.width * height / samples.height), 8),
            height=_whole(height or round(samples.height * width / samples.width), 8),
        ),
    )


def upscale_by(*, samples: Latent, scale_by: float, **_: Any) -> tuple[Latent]:
    """LatentUpscaleBy."""
    width, height = round(samples.width * scale_by), round(samples.height * scale_by)
    return (replace(samples, width=_whole(width, 8), height=_whole(height, 8)),)


def repeat(*, samples: Latent, amount: int) -> tuple[Latent]:
    """RepeatLatentBatch."""
    flat = samples.flat()
    return (replace(flat, count=flat.count * amount, base=flat.base * amount),)


def take(*, samples: Latent, batch_index: int, length: int) -> tuple[Latent]:
    """LatentFromBatch: at least one."""
    flat = samples.flat()
    first = min(batch_index, samples.count - 1)
    count = max(1, min(length, samples.count - first))
    return (replace(flat, count=count, base=flat.base[first : first + count]),)


def trim(*, samples: Latent, trim_amount: int) -> tuple[Latent]:
    """TrimVideoLatent: drops frames from the beginning, four for each step of the latent."""
    return (replace(samples, frames=max(1, samples.frames - 4 * trim_amount)),)


def batch(*, samples1: Latent, samples2: Latent) -> tuple[Latent]:
    """LatentBatch: the second are brought to the first ones' size."""
    pictures = samples1.pictures() + samples2.pictures(samples1.width, samples1.height)
    return (replace(samples1, count=len(pictures), frames=1, base=pictures, layers=(), channels=None),)


def mix(*, samples1: Latent, samples2: Latent, **share: float) -> tuple[Latent]:
    """LatentBlend, LatentInterpolate, LatentAdd, LatentSubtract: the two laid over each other."""
    weight = 1 - next(iter(share.values()), 0.5)
    others = samples2.pictures(samples1.width, samples1.height)
    pictures = (Image.blend(one, others[k % len(others)], weight) for k, one in enumerate(samples1.pictures()))
    return (replace(samples1, base=tuple(pictures), layers=()),)


def composite(*, samples_to: Latent, samples_from: Latent, x: int, y: int, **_: Any) -> tuple[Latent]:
    """LatentComposite: one pasted onto the other."""
    above = samples_from.pictures()

    def pasted(index: int, picture: Image.Image) -> Image.Image:
        canvas = picture.copy()
        canvas.paste(above[index % len(above)], (x // 8 * 8, y // 8 * 8))
        return canvas

    pictures = tuple(pasted(k, picture) for k, picture in enumerate(samples_to.pictures()))
    return (replace(samples_to, base=pictures, layers=()),)


def crop(*, samples: Latent, width: int, height: int, x: int, y: int) -> tuple[Latent]:
    """LatentCrop."""
    left, top = min(x, samples.width - 8) // 8 * 8, min(y, samples.height - 8) // 8 * 8
    box = (left, top, min(left + _whole(width, 8), samples.width), min(top + _whole(height, 8), samples.height))
    return (_turned(samples, lambda picture: picture.crop(box)),)


def rotate(*, samples: Latent, rotation: str) -> tuple[Latent]:
    """LatentRotate: clockwise."""
    degrees = 0 if rotation == "none" else int(rotation.partition(" ")[0])
    return (_turned(samples, lambda picture: picture.rotate(-degrees, expand=True)),)


def flip(*, samples: Latent, flip_method: str) -> tuple[Latent]:
    """LatentFlip."""
    return (_turned(samples, ImageOps.flip if flip_method.startswith("x") else ImageOps.mirror),)


def _turned(samples: Latent, turn: Callable[[Image.Image], Image.Image]) -> Latent:
    base = tuple(turn(picture) for picture in samples.pictures())
    return replace(samples, width=base[0].width, height=base[0].height, base=base, layers=())


def same(*, samples: Latent, **_: Any) -> tuple[Latent]:
    """LatentMultiply: the picture stays."""
    return (samples,)


NODES: Mapping[str, Node] = {
    "EmptyLatentImage": empty,
    "EmptySD3LatentImage": empty_16,
    "EmptyHunyuanImageLatent": empty_16,
    "EmptyHunyuanLatentVideo": empty_video,
    "Wan22ImageToVideoLatent": video_from_image,
    "WanImageToVideo": wan_video_from_image,
    "WanFirstLastFrameToVideo": wan_video_from_image,
    "VAEEncode": encode,
    "VAEEncodeTiled": encode,
    "VAEEncodeForInpaint": encode_for_inpaint,
    "VAEDecode": decode,
    "VAEDecodeTiled": decode,
    "SetLatentNoiseMask": mask_noise,
    "LatentUpscale": upscale,
    "LatentUpscaleBy": upscale_by,
    "RepeatLatentBatch": repeat,
    "LatentFromBatch": take,
    "TrimVideoLatent": trim,
    "LatentBatch": batch,
    "LatentBlend": mix,
    "LatentInterpolate": mix,
    "LatentAdd": mix,
    "LatentSubtract": mix,
    "LatentMultiply": same,
    "LatentComposite": composite,
    "LatentCrop": crop,
    "LatentRotate": rotate,
    "LatentFlip": flip,
}
