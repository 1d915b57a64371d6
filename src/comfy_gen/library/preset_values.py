"""What a preset may say: the values of a request that are worth keeping without its words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from comfy_gen.composition.recipe import MAX_STRENGTH
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.parameter import Parameter

_LONGEST = 10_000
_LONGEST_NAME = 80
_MOST = 32
"""LoRAs or categories of one preset."""
_SCALARS = {
    one.name: one
    for one in (
        *(Parameter(name=name, type="string") for name in ("negative_prompt", "workflow", "model")),
        *(Parameter(name=name, type="string") for name in ("sampler", "scheduler")),
        Parameter(name="steps", type="integer", minimum=1, maximum=10_000),
        Parameter(name="cfg", type="number", minimum=0, maximum=100),
        Parameter(name="denoise", type="number", minimum=0, maximum=1),
        *(
            Parameter(name=name, type="integer", minimum=16, maximum=16_384, multiple_of=8)
            for name in ("width", "height")
        ),
    )
}
_LISTS = ("loras", "categories")
_MOST_FAULTS = 50
"""That are told: somebody may send a hundred thousand, and to look for what each of them means takes long."""
NAMES = (*_SCALARS, *_LISTS)
"""What a preset may have."""
_STRENGTH = Parameter(name="strength", type="number", minimum=-MAX_STRENGTH, maximum=MAX_STRENGTH)


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a preset keeps them: without those that are None.

    Raises:
        InvalidParameterError: values are wrong or unknown, or there is none; it names them.
    """
    if errors := [*islice(_faults(values), _MOST_FAULTS)]:
        errors[0].others = tuple(errors[1:])
        raise errors[0]
    said = {name: values[name] for name in NAMES if values.get(name) is not None}
    if not said:
        raise InvalidParameterError("values", dict(values), f"one or more of {', '.join(NAMES)}")
    if "loras" in said:
        said["loras"] = [{"name": one["name"], "strength": float(one.get("strength", 1.0))} for one in said["loras"]]
    return said | ({"categories": [*said["categories"]]} if "categories" in said else {})


def _faults(values: Mapping[str, Any]) -> Iterator[InvalidParameterError]:
    for name, value in values.items():
        if name in _SCALARS:
            yield from _scalar_faults(_SCALARS[name], value)
        elif name in _LISTS:
            yield from _list_faults(name, value)
        else:
            yield _unknown(name[:_LONGEST_NAME], value)


def _unknown(name: str, value: object) -> InvalidParameterError:
    nearest = ", ".join(nearest_names(name, NAMES, 3))
    return InvalidParameterError(name, value, "left out: presets keep no such value", f"nearest: {nearest}.")


def _scalar_faults(parameter: Parameter, value: Any) -> Iterator[InvalidParameterError]:
    if fault := parameter.fault(value):
        yield fault
    elif isinstance(value, str) and len(value) > _LONGEST:
        yield InvalidParameterError(parameter.name, f"{value[:50]} …", f"{_LONGEST:,} characters at most")


def _list_faults(name: str, value: object) -> Iterator[InvalidParameterError]:
    if value is None:
        return
    if not isinstance(value, (list, tuple)):
        yield InvalidParameterError(name, value, "a list")
        return
    items = cast("Sequence[object]", value)
    if len(items) > _MOST:
        yield InvalidParameterError(name, len(items), f"{_MOST} at most")
        return
    is_fine, expected = (_is_lora, "an object with name and strength") if name == "loras" else (_is_name, "an id")
    for place, item in enumerate(items):
        if not is_fine(item):
            yield InvalidParameterError(f"{name}[{place}]", item, expected)


def _is_name(item: object) -> bool:
    return isinstance(item, str) and 0 < len(item) <= 255


def _is_lora(item: object) -> bool:
    if not isinstance(item, Mapping):
        return False
    fields = cast("Mapping[str, Any]", item)
    is_strong = _STRENGTH.fault(fields.get("strength", 1.0)) is None and fields.get("strength", 1.0) is not None
    return not set(fields) - {"name", "strength"} and _is_name(fields.get("name")) and is_strong
