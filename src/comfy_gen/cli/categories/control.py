"""Does what the commands for categories were asked for."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from comfy_gen.atomic import replacing
from comfy_gen.cli.categories.card import card
from comfy_gen.cli.categories.table import category_table, headline
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.composition.categories.blank import blank
from comfy_gen.composition.categories.card import card_of, summary_of
from comfy_gen.composition.categories.category import Kind
from comfy_gen.composition.categories.checking import Checked, check
from comfy_gen.composition.categories.folder import SHIPPED, SUFFIXES
from comfy_gen.composition.categories.reading import ID_FORM, ID_SAID
from comfy_gen.composition.categories.registry import Categories, Registry, shipped
from comfy_gen.composition.tier import Tier
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError, OutputPathError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.composition.categories.category import Category

STDERR = Console(stderr=True)
Word = TypeVar("Word", bound=StrEnum)


def list_them(kind: str | None, tier: str | None, search: str | None, *, as_json: bool) -> None:
    """Print a line for each category that is wanted.

    Raises:
        InvalidParameterError: there is no such type or tier.
    """
    wanted_kind, wanted_tier = _word("type", kind, Kind), _word("tier", tier, Tier)
    found = _current().find(kind=wanted_kind, tier=wanted_tier, text=search)
    if as_json:
        print_json({"categories": [summary_of(one) for one in found], "total": len(found)})
    elif found:
        console = Console()
        console.print(category_table(found, console.width))
        STDERR.print(f"\n{headline(found)}", highlight=False, soft_wrap=True)
    else:
        STDERR.print("There is no such category; make one: comfygen categories new ID", highlight=False, soft_wrap=True)


def show(category_id: str, *, as_yaml: bool, as_json: bool) -> None:
    """Print a category.

    Raises:
        CategoryNotFoundError: there is none of this id.
    """
    category = _current().get(category_id)
    if as_json:
        print_json({"category": card_of(category) | {"source": str(file_of(category))}})
    elif as_yaml:
        sys.stdout.write(file_of(category).read_text(encoding="utf-8-sig"))
    else:
        console = Console()
        for part in card(category, file_of(category)):
            console.print(part)


def validate(paths: Sequence[Path], *, as_json: bool) -> None:
    """Print what is wrong with files, or else with what ships and your folder; leave with 1 if anything is."""
    checked = check(paths, _quiet().current()) if paths else _check_all()
    if as_json:
        print_json({"valid": not checked.problems, "categories": len(checked.categories), "problems": checked.problems})
    else:
        _print(checked)
    if checked.problems:
        raise typer.Exit(EXIT_FAILURE)


def new(category_id: str, kind: str, folder: Path | None, *, as_json: bool) -> None:
    """Write the file of a new category.

    Raises:
        InvalidParameterError: the id is none, there is no such type, or no folder for it.
        OutputPathError: the folder cannot be written, or has the category.
    """
    if not re.fullmatch(ID_FORM, category_id):
        raise InvalidParameterError("ID", category_id, ID_SAID)
    text = blank(category_id, _word("type", kind, Kind) or Kind.SUBJECT)
    place = folder or read_settings().composition.categories_dir
    if place is None:
        said = "a folder, or set as composition.categories_dir"
        raise InvalidParameterError("folder", None, said, "for instance: --folder categories")
    for path in (found for suffix in SUFFIXES for found in place.rglob(f"{category_id}{suffix}")):
        raise OutputPathError(path, "there is such a file, and it is kept")
    path = _write(place, category_id, text)
    if as_json:
        print_json({"file": str(path)})
        return
    replaced = " It takes the place of the one that ships." if category_id in shipped() else ""
    Console().print(f"{path} is written.{replaced}", markup=False, highlight=False, soft_wrap=True)


def _write(folder: Path, category_id: str, text: str) -> Path:
    path = folder / f"{category_id}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputPathError(folder, error.strerror or str(error)) from error
    with replacing(path) as file:
        file.write(text.encode())
    return path


def file_of(category: Category) -> Path:
    """Return the file that a category was read from."""
    return Path(category.source) if category.source else SHIPPED / f"{category.kind}s" / f"{category.id}.yaml"


def _current() -> Registry:
    return Categories(read_settings().composition.categories_dir).current()


def _quiet() -> Categories:
    """Return the categories for a command that tells their problems itself."""
    return Categories(read_settings().composition.categories_dir, tells=False)


def _check_all() -> Checked:
    categories = _quiet()
    return Checked(tuple(one.id for one in categories.current().all), categories.problems)


def _print(checked: Checked) -> None:
    console = Console()
    many = len(checked.categories)
    if not checked.problems:
        console.print(f"{many} {'category is' if many == 1 else 'categories are'} right.", highlight=False)
        return
    wrong = len(checked.problems)
    console.print(f"There {'is 1 problem' if wrong == 1 else f'are {wrong} problems'}:", highlight=False)
    for problem in checked.problems:
        console.print(Text(f"  - {problem}"), soft_wrap=True)


def _word(name: str, said: str | None, words: type[Word]) -> Word | None:
    if said is None or said in tuple(words):
        return None if said is None else words(said)
    raise InvalidParameterError(name, said, f"one of {', '.join(words)}")
