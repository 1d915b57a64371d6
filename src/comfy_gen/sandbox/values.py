"""What travels along the links of a graph that the sandbox runs: no tensors, only what painting needs to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from PIL import Image, ImageChops

from comfy_gen.sandbox.painting import Scene, paint
from comfy_gen.sandbox.pixels import resize

if TYPE_CHECKING:
    from typing import Self

Pictures: TypeAlias = tuple[Image.Image, ...]
"""An IMAGE: a batch of RGB (or RGBA) pictures of one size."""

Masks: TypeAlias = tuple[Image.Image, ...]
"""A MASK: a batch of greyscale pictures, white where it is 1."""


@dataclass(frozen=True, slots=True)
class Model:
    """A MODEL, CLIP, VAE or any other loaded file: its name and what was put into it."""

    name: str
    loras: tuple[str, ...] = ()

    @property
    def latent_channels(self) -> int | None:
        """4 where the name says that it is of the first generations; None where it could be anything."""
        return 4 if any(mark in self.name.lower() for mark in ("sd15", "v1-5", "sd_xl", "sdxl")) else None

    def with_lora(self, name: str) -> Self:
        """Return the model with one more LoRA in it."""
        return replace(self, loras=(*self.loras, name))


@dataclass(frozen=True, slots=True)
class Conditioning:
    """A CONDITIONING: the text, and the pictures that guide it (ControlNet, references)."""

    text: str
    guides: Pictures = ()


@dataclass(frozen=True, slots=True)
class Sigmas:
    """A SIGMAS: how many steps, and how much of the picture they make anew."""

    steps: int
    denoise: float = 1.0


@dataclass(frozen=True, slots=True)
class Noise:
    """A NOISE: a seed, or None for no noise."""

    seed: int | None


@dataclass(frozen=True, slots=True)
class Guider:
    """A GUIDER: what steers a SamplerCustomAdvanced."""

    model: Model
    positive: Conditioning
    negative: Conditioning
    cfg: float


@dataclass(frozen=True, slots=True)
class Video:
    """A VIDEO: frames and their speed."""

    frames: Pictures
    fps: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One sampling: the scene, how strongly it covers what was there, and where."""

    scene: Scene
    strength: float = 1.0
    mask: Masks = ()


@dataclass(frozen=True, slots=True)
class Latent:
    """A LATENT: what it would show when decoded. Sizes are in pixels of the decoded picture."""

    width: int
    height: int
    count: int = 1
    frames: int = 1
    channels: int | None = None
    """None once a model has sampled it: then it fits that model's VAE."""
    base: Pictures = ()
    mask: Masks = ()
    layers: tuple[Layer, ...] = ()

    @property
    def total(self) -> int:
        """How many pictures it decodes to."""
        return self.count * self.frames

    def sampled(self, scene: Scene, strength: float) -> Latent:
        """Return the latent after one more sampling."""
        return replace(self, layers=(*self.layers, Layer(scene, strength, self.mask)), channels=None)

    def pictures(self, width: int = 0, height: int = 0) -> Pictures:
        """Paint all of it, at another size where one is given."""
        size = (width or self.width, height or self.height)
        return tuple(self._picture(index, size) for index in range(self.total))

    def glimpse(self, width: int, height: int) -> Image.Image:
        """Paint its first picture at this size."""
        return self._picture(0, (width, height))

    def flat(self) -> Latent:
        """Return the same with its layers painted into the base, so that pixels can be worked on."""
        return replace(self, base=self.pictures(), layers=()) if self.layers else self

    def _picture(self, index: int, size: tuple[int, int]) -> Image.Image:
        picture = self.base[index % len(self.base)].convert("RGB") if self.base else None
        if picture and picture.size != size:
            picture = resize(picture, size)
        for layer in self.layers:
            picture = _cover(picture, layer, self._moment(index), size)
        return picture or Image.new("RGB", size, (127, 127, 127))

    def _moment(self, index: int) -> tuple[int, float]:
        number, frame = divmod(index, self.frames)
        return number, frame / self.frames


def _cover(below: Image.Image | None, layer: Layer, moment: tuple[int, float], size: tuple[int, int]) -> Image.Image:
    number, time = moment
    above = paint(layer.scene.at(number, time), *size)
    if below is None:
        return above
    strength = max(0.0, min(1.0, layer.strength))
    if not layer.mask:
        return Image.blend(below, above, strength)
    mask = resize(layer.mask[number % len(layer.mask)], size)
    return Image.composite(above, below, ImageChops.multiply(mask, Image.new("L", size, round(255 * strength))))
