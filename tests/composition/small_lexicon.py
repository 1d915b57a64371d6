"""A lexicon for tests: few categories, with words that have all traits that matter."""

from __future__ import annotations

from comfy_gen.composition.categories.category import Category, Keywords, Kind
from comfy_gen.composition.texts.lexicon import Lexicon

SUBJECTS = {
    "cat": Keywords(primary=("cat", "kitten"), specific=("maine coon",)),
    "dog": Keywords(primary=("dog", "poodle", "wolfhound"), secondary=("boxer",)),
    "people": Keywords(primary=("people", "woman", "farmer"), secondary=("boxer", "worker")),
    "portrait": Keywords(primary=("portrait",)),
    "car": Keywords(primary=("car",), secondary=("convertible",)),
    "toy": Keywords(primary=("toy",), specific=("toy car", "rubber duck")),
    "bird": Keywords(primary=("duck",)),
    "animal": Keywords(primary=("animal", "wolf")),
    "train": Keywords(primary=("train", "locomotive")),
}
SETTINGS = {
    "beach": Keywords(primary=("beach", "seaside")),
    "city": Keywords(primary=("city",), secondary=("tower",)),
    "forest": Keywords(primary=("forest",), secondary=("tree",)),
    "park": Keywords(secondary=("park",), specific=("in the park",)),
}
MODIFIERS = {
    "golden-hour": Keywords(specific=("golden hour",), secondary=("warm",)),
    "night": Keywords(primary=("night",), specific=("after dark",)),
    "sunset": Keywords(primary=("sunset",)),
    "snow": Keywords(primary=("snow",)),
}
STYLES = {
    "anime": Keywords(primary=("anime",)),
    "watercolor": Keywords(primary=("watercolor",), secondary=("painting",)),
    "cyberpunk": Keywords(primary=("cyberpunk",), specific=("cyberpunk city",)),
    "black-and-white": Keywords(primary=("monochrome",), specific=("black and white",)),
}
KINDS = {Kind.SUBJECT: SUBJECTS, Kind.SETTING: SETTINGS, Kind.MODIFIER: MODIFIERS, Kind.STYLE: STYLES}

CATEGORIES = tuple(
    Category(id=name, kind=kind, display_name=name, description=f"About {name}.", keywords=keywords)
    for kind, those in KINDS.items()
    for name, keywords in those.items()
)
LEXICON = Lexicon.of(CATEGORIES)
