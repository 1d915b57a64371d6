"""Does what ``comfygen presets`` was asked for."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console

from comfy_gen.cli.failures import print_json
from comfy_gen.cli.presets.table import preset_card, preset_table
from comfy_gen.library.presets import Presets
from comfy_gen.pipeline.request import parse_lora

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.app import JobQueue

STDERR = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Wish:
    """The preset that somebody wants to have."""

    name: str
    owner: str
    values: Mapping[str, Any]
    description: str
    may_replace: bool


async def list_presets(queue: JobQueue, owner: str | None, *, as_json: bool) -> None:
    """Print each preset."""
    found = await _presets(queue).list(owner)
    if as_json:
        print_json({"presets": [asdict(one) for one in found]})
    elif found:
        Console().print(preset_table(found))
    else:
        STDERR.print("There is no preset. Save one: comfygen presets save NAME --steps 30", highlight=False)


async def show(queue: JobQueue, owner: str, name: str, *, as_json: bool) -> None:
    """Print what a preset sets.

    Raises:
        PresetNotFoundError: there is none of this name.
    """
    found = await _presets(queue).get(owner, name)
    print_json(asdict(found)) if as_json else Console().print(preset_card(found))


async def save(queue: JobQueue, wish: Wish, *, as_json: bool) -> None:
    """Keep values under a name.

    Raises:
        InvalidParameterError: the name or a value cannot work, or the name is taken.
    """
    said = {name: value for name, value in wish.values.items() if value is not None}
    saved = await _presets(queue).save(
        wish.owner, wish.name, said, wish.description, now=time.time(), may_replace=wish.may_replace
    )
    use = f"comfygen compose --preset {saved.name}"
    print_json(asdict(saved)) if as_json else _say(f"The preset {saved.name} is saved; to use it: {use}")


async def delete(queue: JobQueue, owner: str, name: str, *, as_json: bool) -> None:
    """Forget a preset.

    Raises:
        PresetNotFoundError: there is none of this name.
    """
    await _presets(queue).delete(owner, name)
    print_json({"deleted": name}) if as_json else _say(f"The preset {name} is deleted.")


def read_loras(said: Sequence[str] | None) -> list[dict[str, Any]] | None:
    """Return LoRAs as presets keep them.

    Raises:
        InvalidParameterError: one cannot be read.
    """
    return [parse_lora(one)._asdict() for one in said] if said else None


def _presets(queue: JobQueue) -> Presets:
    return Presets(queue.store.transactions)


def _say(what: str) -> None:
    Console().print(what, markup=False, highlight=False, soft_wrap=True)
