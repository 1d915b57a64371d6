"""Does what the commands that search for models, check and delete them were asked for."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, cast, get_args

import typer
from rich.console import Console

from comfy_gen.app.models import build_sources, open_models
from comfy_gen.cli.failures import EXIT_FAILURE, print_json
from comfy_gen.cli.jobs.table import size_of
from comfy_gen.cli.models.bars import ModelBars
from comfy_gen.cli.models.table import checked_table, found_table
from comfy_gen.cli.visible import visible
from comfy_gen.config import read_settings
from comfy_gen.errors import InvalidParameterError, listing
from comfy_gen.models.sources import Where
from comfy_gen.models.verification import missing_models, verify
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.models.folder import LocalModel

STDERR = Console(stderr=True)


def search(text: str, *, where: str, folder: str, limit: int, as_json: bool) -> None:
    """Print what the sources find.

    Raises:
        InvalidParameterError: there is no such source.
        ModelSourceError: no source answers.
    """
    if where not in get_args(Where):
        raise InvalidParameterError("--where", where, f"one of {', '.join(get_args(Where))}")
    sources = build_sources(read_settings())
    searched = asyncio.run(sources.search(text, where=cast("Where", where), folder=folder, limit=limit))
    if as_json:
        failures = [{"source": one.source, **one.as_json()} for one in searched.failures]
        print_json({"found": [one.as_json() for one in searched.found], "failures": failures})
        return
    for failure in searched.failures:
        STDERR.print(visible(f"{failure.message}."), style="yellow", markup=False, highlight=False, soft_wrap=True)
    if searched.found:
        Console().print(found_table(searched.found))
    else:
        STDERR.print(f"Nothing is found for {text!r}.", markup=False, highlight=False)


def verify_models(names: Sequence[str], *, as_json: bool) -> int:
    """Check the files of this machine, print what is found, and return the exit code.

    Raises:
        ComfyGenError: they cannot be checked.
    """
    local = open_models(read_settings())
    with ModelBars(STDERR, {}, is_silent=as_json) as observe:
        checked = asyncio.run(verify(local.folder, local.registry, names, observe))
    if as_json:
        shown = [
            {
                "folder": one.model.folder,
                "file": one.model.file,
                "state": one.state,
                "reason": one.reason,
                "sha256": one.sha256,
            }
            for one in checked
        ]
        print_json({"models": shown})
    elif checked:
        Console().print(checked_table(checked))
    else:
        STDERR.print(f"There is no model in {local.folder.root}.", markup=False, highlight=False, soft_wrap=True)
    return EXIT_FAILURE if any(one.state in ("damaged", "missing") for one in checked) else 0


def remove_models(names: Sequence[str], *, is_sure: bool, as_json: bool) -> int:
    """Delete files of this machine, and return the exit code.

    Raises:
        InvalidParameterError: there is none of a name, or there are several.
    """
    local = open_models(read_settings())
    files = [*local.folder.files(), *missing_models(local.folder, local.registry)]
    chosen = list(dict.fromkeys(local_model(name, files) for name in names))
    if not (is_sure or as_json) and sys.stdin.isatty():
        size = size_of(sum(one.size for one in chosen))
        what = " and ".join(f"{one.folder}/{one.file}" for one in chosen)
        if not typer.confirm(f"Really delete {what}, {size}?"):
            return EXIT_FAILURE
    freed = 0
    for one in chosen:
        if one.path.is_file():  # what is only listed is only forgotten
            freed += local.folder.remove(one.folder, one.file)
        local.registry.forget(one.folder, one.file)
    removed = [f"{one.folder}/{one.file}" for one in chosen]
    if as_json:
        print_json({"removed": removed, "freed": freed})
    else:
        said = f"Deleted {', '.join(removed)}; {size_of(freed)} are free again."
        Console().print(said, markup=False, highlight=False, soft_wrap=True)
    return 0


def local_model(name: str, files: Sequence[LocalModel]) -> LocalModel:
    """Return the file of this machine that a name means.

    Raises:
        InvalidParameterError: there is none, or there are several.
    """
    found = [one for one in files if name in (one.file, f"{one.folder}/{one.file}")]
    if not found:
        near = nearest_names(name, [f"{one.folder}/{one.file}" for one in files])
        advice = f"nearest: {listing(near)}." if near else ""
        raise InvalidParameterError("the file", name, "one that `comfygen models list --local` lists", advice)
    if len(found) > 1:
        places = " or ".join(f"{one.folder}/{one.file}" for one in found)
        raise InvalidParameterError("the file", name, f"told with its folder: {places}")
    return found[0]
