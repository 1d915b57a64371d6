"""Reads what a file says of a category, and everything that is wrong with it, each with its line. Pure."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.categories.block import Block, Notes
from comfy_gen.composition.categories.category import (
    SCHEMA_VERSION,
    Category,
    Condition,
    Fragments,
    Keywords,
    Kind,
    Loras,
    LoraUse,
    Range,
    Rules,
    SettingWishes,
    WorkflowWishes,
)
from comfy_gen.composition.categories.document import Problem, read_document
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import CategoryFileError
from comfy_gen.yaml_tree import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES = ("sd15", "sdxl", "sd3.5", "flux", "qwen-image")
CAPABILITIES = ("negative-prompt", "loras", "cfg", "size", "seed", "video")
ID_FORM = r"[a-z0-9][a-z0-9-]{0,47}"
ID_SAID = "lower-case letters, digits and hyphens, 48 at most, and begin with no hyphen"
_WORD = r"[a-z0-9_]+"
_WORD_SAID = "lower-case letters, digits and _"
_STEEPEST = 8
"""The longer side of a picture is at most so many times the shorter one."""


class Marked(NamedTuple):
    """A category, and where its file says what it says."""

    category: Category
    places: Mapping[tuple[str, str], int]
    """The lines of texts, by field and text."""


def read_category(text: str, source: str) -> Category:
    """Return the category that a file's text describes; ``source`` is what to call the file.

    Raises:
        CategoryFileError: something is wrong with it; with everything that is.
    """
    return read_marked(text, source).category


def read_marked(text: str, source: str) -> Marked:
    """Return the category that a file's text describes, with the lines of its texts.

    Raises:
        CategoryFileError: something is wrong with it; with everything that is.
    """
    notes = Notes()
    try:
        root = Block(read_document(text.removeprefix("\ufeff")), notes)
    except UnreadableError as error:
        raise CategoryFileError(said([Problem(error.line, error.said)], source)) from error
    _check_version(root)
    category = _category(root, source)
    root.close()
    _check_whole(category, root)
    if notes.problems:
        raise CategoryFileError(said(notes.problems, source))
    return Marked(category, notes.places)


def said(problems: list[Problem], source: str) -> tuple[str, ...]:
    """Return problems as they are told, in the order of their lines."""
    return tuple(f"{source}, line {line}: {words}" for line, words in sorted(problems, key=lambda one: one.line))


def _category(root: Block, source: str) -> Category:
    prompts = root.block("prompts")
    return Category(
        id=_id(root, source),
        # A file with another word is refused in the end; reading goes on to find what else is wrong.
        kind=Kind(root.word("type", tuple(Kind)) or Kind.SUBJECT),
        display_name=root.text("display_name"),
        description=root.text("description"),
        icon=root.text("icon", "category", form=_WORD, expected=_WORD_SAID),
        tier=Tier(root.word("policy_tier", tuple(Tier), Tier.GENERAL)),
        keywords=_keywords(root.block("keywords")),
        positive=_fragments(prompts.block("positive_fragments")),
        negative=_fragments(prompts.block("negative_fragments")),
        loras=_loras(root.block("loras")),
        settings=_settings(root.block("settings")),
        workflows=_workflows(root.block("workflows")),
        models=root.block("models").texts("preferred"),
        rules=_rules(root.block("composition")),
        source=source,
    )


def _id(root: Block, source: str) -> str:
    own = root.text("id", form=ID_FORM, expected=ID_SAID)
    stem = PurePath(source).stem
    if own and own != stem:
        root.note(root.line_at("id"), f"id is {own!r}, and the file is called {stem!r}: they must be the same")
    return own


def _check_version(root: Block) -> None:
    version = root.number("schema_version", 1, 10**6, SCHEMA_VERSION, is_whole=True)
    if version > SCHEMA_VERSION:
        wants = f"schema_version is {version:g}, and this ComfyGen reads {SCHEMA_VERSION}: a newer one is needed"
        root.note(root.line_at("schema_version"), wants)


def _keywords(block: Block) -> Keywords:
    levels = {level: _folded(block, level) for level in ("primary", "secondary", "specific")}
    if not any(levels.values()):
        block.note(block.line, "keywords is missing, or has no word: what should the category be known by?")
    seen = dict[str, str]()
    for level, words in levels.items():
        for word in words:
            if word in seen:
                block.note(_line(block, level, word), f"keywords has {word!r} twice: as {seen[word]} and as {level}")
            seen.setdefault(word, level)
    return Keywords(**levels)


def _folded(block: Block, level: str) -> tuple[str, ...]:
    words = block.texts(level)
    for word in words:
        if word != word.lower():
            block.note(_line(block, level, word), f"keywords.{level} has {word!r}; words are in lower case")
        elif "," in word or not any(map(str.isalnum, word)):
            block.note(_line(block, level, word), f"keywords.{level} has {word!r}, which is no single word or phrase")
    return words


def _fragments(block: Block) -> Fragments:
    required, optional = block.texts("required"), block.texts("optional")
    for level, fragments in (("required", required), ("optional", optional)):
        for one in fragments:
            if "," in one:
                said = f"{block.path(level)} has {one!r}; each part between commas is an entry of its own"
                block.note(_line(block, level, one), said)
    _check_apart(block, ("required", required), ("optional", optional))
    return Fragments(required, optional)


def _loras(block: Block) -> Loras:
    required = tuple(map(_lora, block.blocks("required")))
    recommended = tuple(map(_lora, block.blocks("recommended")))
    avoid = block.texts("avoid")
    for use in (*required, *recommended):
        if use.filename in avoid:
            block.note(_line(block, "avoid", use.filename), f"loras.avoid has {use.filename!r}, which it wants too")
    return Loras(required, recommended, avoid)


def _lora(block: Block) -> LoraUse:
    when = block.block("when")
    return LoraUse(
        filename=block.text("filename"),
        strength=block.number("strength", -2, 2, 1.0),
        triggers=block.texts("triggers"),
        when=Condition(
            families=when.words("families", FAMILIES),
            workflows=when.texts("workflows"),
            categories=when.texts("categories"),
            without=when.texts("without"),
        ),
    )


def _settings(block: Block) -> SettingWishes:
    return SettingWishes(
        steps=_range(block, "steps", 1, 1000, is_whole=True),
        cfg=_range(block, "cfg", 0, 100),
        denoise=_range(block, "denoise", 0, 1),
        aspect_ratio=_aspect_ratio(block.block("size")),
        sampler=block.text("sampler", "", form=_WORD, expected=_WORD_SAID) or None,
        scheduler=block.text("scheduler", "", form=_WORD, expected=_WORD_SAID) or None,
    )


def _range(parent: Block, key: str, low: float, high: float, *, is_whole: bool = False) -> Range | None:
    if not parent.has(key):
        return None
    block = parent.block(key)
    found = Range(*(block.number(name, low, high, is_whole=is_whole) for name in ("min", "max", "default")))
    if all(map(block.has, ("min", "max", "default"))) and not found.minimum <= found.default <= found.maximum:
        least, best, most = (f"{value:g}" for value in (found.minimum, found.default, found.maximum))
        problem = f"{block.name} must have min <= default <= max, and has {least}, {best}, {most}"
        block.note(block.line_at("default"), problem)
    return found


def _aspect_ratio(block: Block) -> tuple[int, int] | None:
    written = block.text("aspect_ratio", "", form=r"[1-9]\d{0,2}:[1-9]\d{0,2}", expected='width:height, such as "3:4"')
    if not written:
        return None
    width, height = map(int, written.split(":"))
    if max(width, height) > _STEEPEST * min(width, height):
        problem = f"{block.path('aspect_ratio')} is {written}; one side is at most {_STEEPEST} times the other"
        block.note(block.line_at("aspect_ratio"), problem)
    return width, height


def _workflows(block: Block) -> WorkflowWishes:
    preferred, excluded = block.texts("preferred"), block.texts("excluded")
    _check_apart(block, ("preferred", preferred), ("excluded", excluded))
    return WorkflowWishes(preferred, block.words("required_capabilities", CAPABILITIES), excluded)


def _rules(block: Block) -> Rules:
    return Rules(
        priority=int(block.number("priority", 0, 100, 50, is_whole=True)),
        conflicts_with=block.texts("conflicts_with"),
        requires=block.texts("requires"),
        enhances=block.texts("enhances"),
        max_per_type=int(block.number("max_per_type", 1, 10, is_whole=True)) if block.has("max_per_type") else None,
    )


def _check_whole(category: Category, root: Block) -> None:
    """Note what no field is wrong about by itself."""
    for one in dict.fromkeys((*category.positive.required, *category.positive.optional)):
        if one in (*category.negative.required, *category.negative.optional):
            problem = f"prompts has {one!r} among the positive and among the negative fragments"
            root.note(root.line_at("prompts"), problem)
    for name in ("conflicts_with", "requires", "enhances"):
        if category.id and category.id in getattr(category.rules, name):
            line = root.notes.places["composition." + name, category.id]
            root.note(line, f"composition.{name} has {category.id!r}, the category itself")


def _check_apart(block: Block, one: tuple[str, tuple[str, ...]], other: tuple[str, tuple[str, ...]]) -> None:
    """Note what two lists have in common that exclude each other."""
    for text in one[1]:
        if text in other[1]:
            line = _line(block, other[0], text)
            block.note(line, f"{block.path(other[0])} has {text!r}, and so has {block.path(one[0])}")


def _line(block: Block, key: str, text: str) -> int:
    return block.notes.places[block.path(key), text]
