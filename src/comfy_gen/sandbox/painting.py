"""Paints a pleasant landscape from a prompt: always the same one for the same prompt, seed, steps and size. Pure.

It stands where a diffusion model would be. Colour and place words of the prompt steer it; fewer steps leave more grain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from hashlib import blake2b
from random import Random
from typing import TypeAlias

from PIL import Image, ImageChops, ImageDraw, ImageOps

from comfy_gen.sandbox.pixels import recolour, resize

Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scene:
    """What to paint, and the moment of it where it moves."""

    text: str
    seed: int
    negative: str = ""
    steps: int = 20
    cfg: float = 7.0
    style: str = ""
    """The names of model and LoRAs: another model, another picture."""
    time: float = 0.0
    """0 to 1 through a video."""

    def at(self, number: int, time: float) -> Scene:
        """Return the scene of the batch's ``number``th picture at this time."""
        return replace(self, seed=self.seed + number, time=time)


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of a landscape."""

    top: Colour
    horizon: Colour
    sun: Colour
    land: Colour
    is_night: bool = False


_MOODS = {
    "day": Mood((74, 138, 214), (214, 232, 244), (255, 250, 224), (58, 122, 86)),
    "sunset": Mood((62, 52, 120), (250, 156, 96), (255, 226, 150), (66, 44, 84)),
    "dawn": Mood((98, 142, 196), (250, 206, 190), (255, 244, 214), (76, 96, 120)),
    "night": Mood((8, 12, 36), (40, 56, 104), (236, 238, 250), (14, 24, 44), is_night=True),
    "mist": Mood((150, 164, 176), (222, 226, 226), (244, 244, 236), (92, 112, 116)),
    "desert": Mood((86, 156, 208), (246, 224, 178), (255, 248, 222), (198, 140, 84)),
    "snow": Mood((118, 158, 206), (232, 240, 248), (255, 255, 246), (206, 220, 236)),
}
_MOOD_WORDS = {
    "sunset": "sunset dusk evening golden autumn fire warm",
    "dawn": "dawn sunrise morning spring pastel pink",
    "night": "night moon midnight dark star stars starry space galaxy neon cyberpunk",
    "mist": "mist fog misty foggy rain storm grey gray cloudy",
    "desert": "desert sand dune dunes beach canyon savanna",
    "snow": "snow winter ice arctic frozen glacier snowy",
    "day": "day sunny summer meadow field garden blue",
}
_COLOURS: dict[str, Colour] = {
    "red": (206, 52, 48),
    "orange": (238, 138, 44),
    "yellow": (244, 208, 72),
    "green": (64, 148, 84),
    "teal": (40, 148, 148),
    "cyan": (64, 190, 214),
    "blue": (52, 104, 204),
    "purple": (126, 72, 176),
    "violet": (126, 72, 176),
    "pink": (238, 138, 180),
    "brown": (130, 88, 58),
    "gold": (222, 178, 68),
    "golden": (222, 178, 68),
    "white": (240, 240, 238),
    "black": (26, 26, 32),
}
_WATER_WORDS = frozenset(
    ["sea", "ocean", "lake", "river", "water", "beach", "island", "boat", "ship", "coast", "harbor", "harbour"]
)
_TREE_WORDS = frozenset(["forest", "tree", "trees", "wood", "woods", "pine", "jungle", "park", "garden"])
_CITY_WORDS = frozenset(["city", "town", "street", "skyline", "building", "buildings", "tower", "castle", "cyberpunk"])


def paint(scene: Scene, width: int, height: int) -> Image.Image:
    """Paint the scene."""
    words = frozenset(scene.text.lower().replace(",", " ").replace(".", " ").split())
    dice = _dice(scene)
    mood = _mood(words, dice)
    picture = _sky(mood, (width, height))
    _light(picture, mood, dice, scene.time)
    _hills(picture, mood, dice, scene.time)
    if words & _WATER_WORDS:
        _water(picture, mood, dice, scene.time)
    if words & _CITY_WORDS:
        _city(picture, mood, dice)
    if words & _TREE_WORDS:
        _trees(picture, mood, dice)
    return _grain(picture, dice, amount=0.04 + 0.5 / (2 + scene.steps))


def unfinished(picture: Image.Image, *, done: float, seed: int) -> Image.Image:
    """Return the picture as it looks with only ``done`` (0 to 1) of the noise taken away."""
    noise = resize(_noise(Random(seed), 64), picture.size, Image.Resampling.NEAREST)  # noqa: S311  # not a secret
    return Image.blend(Image.merge("RGB", (noise,) * 3), picture, min(1.0, max(0.0, done)))


def _dice(scene: Scene) -> Random:
    # The moment is left out: the frames of one video show one landscape.
    key = f"{scene.text}|{scene.negative}|{scene.seed}|{scene.cfg:g}|{scene.style}"
    return Random(blake2b(key.encode(), digest_size=8).digest())  # noqa: S311  # repeatable is what it must be


def _mood(words: frozenset[str], dice: Random) -> Mood:
    fitting = [name for name, marks in _MOOD_WORDS.items() if words & set(marks.split())]
    mood = _MOODS[dice.choice(fitting or list(_MOODS))]
    named = [_COLOURS[word] for word in sorted(words & _COLOURS.keys())]
    if not named:
        return mood
    # A named colour tints light and land, so that "a red mountain" is one without losing the mood.
    tint = dice.choice(named)
    return replace(mood, horizon=_mix(mood.horizon, tint, 0.35), land=_mix(mood.land, tint, 0.7))


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _sky(mood: Mood, size: tuple[int, int]) -> Image.Image:
    gradient = ImageOps.colorize(Image.linear_gradient("L"), mood.top, mood.horizon)
    return resize(gradient.crop((0, 0, 1, 180)), size, Image.Resampling.BILINEAR)


def _light(picture: Image.Image, mood: Mood, dice: Random, time: float) -> None:
    width, height = picture.size
    across, up, radius = dice.uniform(0.2, 0.8), dice.uniform(0.18, 0.42), dice.uniform(0.05, 0.09)
    x, y = (across + 0.25 * time) * width, (up - 0.05 * time) * height
    draw = ImageDraw.Draw(picture)
    for _ in range(70 if mood.is_night else 0):
        spot = dice.randrange(width), dice.randrange(max(1, height * 2 // 3))
        draw.point(spot, fill=_mix(mood.top, (255, 255, 255), dice.uniform(0.3, 0.95)))
    glow = max(8, round(min(width, height) * radius * 6))
    halo = resize(ImageChops.invert(Image.radial_gradient("L")), (glow, glow))
    halo = recolour(halo, lambda value: max(0, value - 76) * 2 / 3)  # 76 is the gradient at the edge: no square shows
    picture.paste(mood.sun, (round(x - glow / 2), round(y - glow / 2)), halo)
    disc = min(width, height) * radius
    draw.ellipse((x - disc, y - disc, x + disc, y + disc), fill=mood.sun)


def _hills(picture: Image.Image, mood: Mood, dice: Random, time: float) -> None:
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    ranges = dice.randint(3, 5)
    for number in range(ranges):
        near = (number + 1) / ranges
        ridge = _ridge(dice, width, base=height * (0.48 + 0.4 * near), tall=height * 0.16, shift=time * near)
        draw.polygon([*ridge, (width, height), (0, height)], fill=_mix(mood.horizon, mood.land, 0.25 + 0.75 * near))


def _ridge(dice: Random, width: int, *, base: float, tall: float, shift: float) -> list[tuple[float, float]]:
    waves = [(dice.uniform(0.6, 1.4) * 2**k, dice.uniform(0, math.tau), tall / 2**k) for k in range(4)]
    edges = 64
    return [
        (
            width * edge / edges,
            base
            - sum(
                size * 0.5 * (1 + math.sin(math.tau * rate * (edge / edges + shift) + phase))
                for rate, phase, size in waves
            )
            / 2,
        )
        for edge in range(edges + 1)
    ]


def _water(picture: Image.Image, mood: Mood, dice: Random, time: float) -> None:
    width, height = picture.size
    shore = round(height * 0.74)
    mirrored = ImageOps.flip(picture.crop((0, max(0, 2 * shore - height), width, shore)))
    picture.paste(Image.blend(mirrored, Image.new("RGB", mirrored.size, mood.top), 0.45), (0, shore))
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        y = dice.randrange(shore, max(shore + 1, height))
        x, length = (dice.random() + time) % 1 * width, dice.uniform(0.02, 0.12) * width
        draw.line((x, y, x + length, y), fill=_mix(mood.horizon, mood.sun, dice.random()))


def _city(picture: Image.Image, mood: Mood, dice: Random) -> None:
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for number in range(24):
        x, wide = width * number / 24, width * dice.uniform(0.03, 0.05)
        top = height * (0.9 - dice.uniform(0.1, 0.42))
        draw.rectangle((x, top, x + wide, height), fill=_mix(mood.land, (20, 20, 34), dice.uniform(0.35, 0.7)))
        for _ in range(8):
            spot = x + dice.random() * wide, top + dice.random() * (height - top)
            draw.rectangle((*spot, spot[0] + width / 200, spot[1] + height / 160), fill=mood.sun)


def _trees(picture: Image.Image, mood: Mood, dice: Random) -> None:
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for _ in range(36):
        x, foot, tall = dice.random() * width, height * dice.uniform(0.84, 1.02), height * dice.uniform(0.08, 0.22)
        shade = _mix(mood.land, (10, 40, 24), dice.uniform(0.4, 0.8))
        for share in (1.0, 0.75, 0.5):
            half = tall * 0.26 * share
            draw.polygon(
                [(x - half, foot - tall * (1 - share)), (x + half, foot - tall * (1 - share)), (x, foot - tall)],
                fill=shade,
            )


def _grain(picture: Image.Image, dice: Random, *, amount: float) -> Image.Image:
    noise = resize(_noise(dice, 128), picture.size)
    return Image.blend(picture, ImageChops.soft_light(picture, Image.merge("RGB", (noise,) * 3)), min(1.0, amount * 2))


def _noise(dice: Random, side: int) -> Image.Image:
    return Image.frombytes("L", (side, side), dice.randbytes(side * side))
