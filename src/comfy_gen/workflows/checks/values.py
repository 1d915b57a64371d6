"""Checks one plain value of a workflow: its type, its range, its place on a list, and whether a file is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.checks.findings import Fault, Finding, Place
from comfy_gen.workflows.checks.problem import Problem
from comfy_gen.workflows.graph import is_link
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.workflows.checks.declarations import FileCheck, Input

_CONVERSIONS: dict[object, Callable[[Any], object]] = {"INT": int, "FLOAT": float, "STRING": str, "BOOLEAN": bool}
_LONG = 20
"""ComfyUI does not print lists that are longer."""
_FOLDERS = frozenset({"", ".", ".."})
"""No files, but there: ComfyUI lets them through and fails when it reads them."""


def unwrap(value: Any) -> Any:
    """Return what ``{"__value__": …}`` stands for: ComfyUI's way to write a list that is not a link."""
    if isinstance(value, dict) and "__value__" in value:
        return cast("dict[str, Any]", value)["__value__"]
    return cast("Any", value)


def convert(declared: Input, value: Any) -> Any:
    """Return the value as ComfyUI hands it to the node.

    Raises:
        TypeError, ValueError, OverflowError: it cannot be converted to the input's type.
    """
    value = unwrap(value)
    conversion = None if isinstance(declared.type, list) else _CONVERSIONS.get(declared.type)
    return conversion(value) if conversion else value


def examine_value(place: Place, given: Any) -> list[Finding]:
    """Return what is wrong with a value that is no link.

    Raises:
        TypeError: the value cannot be compared with the input's range.
    """
    declared = place.declared
    try:
        value = convert(declared, given)
    except (TypeError, ValueError, OverflowError) as error:
        return [_unconvertible(place, unwrap(given), error)]
    if place.scope.declarations.file_check(place.class_type, declared.name):
        return []
    problem = _out_of_range(place, value) or _not_in_list(place, value)
    return [problem] if problem else []


def examine_file(place: Place, inputs: Any) -> list[Finding]:
    """Return what is wrong with the name of a file, if the class looks for it itself.

    Files are there when they are among the choices, which are the engine's files as ``object_info`` was made, or
    among the known files. A real engine would also take the absolute path of any file it can read.
    """
    name = place.declared.name
    check = place.scope.declarations.file_check(place.class_type, name)
    if not check:
        return []
    if name not in inputs:
        cause = TypeError(f"{check.checker} missing 1 required positional argument: {name!r}")
        return [Fault(cause, f"it needs the input {name}, which is missing", name)]
    value = unwrap(inputs[name])
    if not isinstance(value, str):
        # ComfyUI resolves a link to nothing here, whatever feeds it.
        found = "NoneType" if is_link(value) else type(value).__name__
        cause = AttributeError(f"{found!r} object has no attribute 'endswith'")
        return [Fault(cause, f"{name} is {value!r}, but must be the name of a file", name)]
    return [] if _has_file(place, value) else [_no_file(place, check, value)]


def _has_file(place: Place, value: str) -> bool:
    present = {*place.scope.known_files, *(place.declared.choices or ())}
    # A name may say which of ComfyUI's folders it is in; input is the one meant where it does not.
    return value in present or (value.endswith(" [input]") and value.removesuffix(" [input]") in present)


def _no_file(place: Place, check: FileCheck, value: str) -> Problem:
    name = place.declared.name
    present = [*(place.declared.choices or ()), *sorted(place.scope.known_files)]
    return Problem(
        type="custom_validation_failed",
        message="Custom validation failed for node",
        details=f"{name} - Invalid {check.kind} file: {value}",
        claim=f"{name} is {value!r}, a file that the engine does not have",
        extra_info={"input_name": name},
        node_id=place.node_id,
        class_type=place.class_type,
        input_name=name,
        nearest=nearest_names(value, [str(choice) for choice in present]),
        is_refused=value not in _FOLDERS,
    )


def _unconvertible(place: Place, value: object, error: Exception) -> Problem:
    declared = place.declared
    return place.problem(
        "invalid_input_type",
        f"Failed to convert an input value to a {declared.type} value",
        f"{declared.name} is {value!r}, which is no {declared.type}",
        details=f"{declared.name}, {value}, {error}",
        input_config=declared.config,
        received_value=value,
        exception_message=str(error),
    )


def _out_of_range(place: Place, value: Any) -> Problem | None:
    declared = place.declared
    name, options = declared.name, declared.options
    facts: dict[str, Any] = {"input_config": declared.config, "received_value": value}
    if "min" in options and value < options["min"]:
        message = f"Value {value} smaller than min of {options['min']}"
        claim = f"{name} is {value}, below the smallest allowed, {options['min']}"
        return place.problem("value_smaller_than_min", message, claim, **facts)
    if "max" in options and value > options["max"]:
        message = f"Value {value} bigger than max of {options['max']}"
        claim = f"{name} is {value}, above the largest allowed, {options['max']}"
        return place.problem("value_bigger_than_max", message, claim, **facts)
    return None


def _not_in_list(place: Place, value: object) -> Problem | None:
    declared, choices = place.declared, place.declared.choices
    if choices is None or _is_chosen(declared, choices, value):
        return None
    if declared.is_upload and isinstance(value, str) and value in place.scope.known_files:
        return None
    is_long = len(choices) > _LONG
    shown = f"(list of length {len(choices)})" if is_long else str(choices)
    return place.problem(
        "value_not_in_list",
        "Value not in list",
        f"{declared.name} is {value!r}, which the engine does not have",
        details=f"{declared.name}: '{value}' not in {shown}",
        nearest=nearest_names(str(value), [str(choice) for choice in choices]),
        is_refused=not declared.is_combo,
        input_config=None if is_long else declared.config,
        received_value=value,
    )


def _is_chosen(declared: Input, choices: list[Any], value: object) -> bool:
    if declared.is_combo and declared.options.get("multiselect") and isinstance(value, list):
        return all(one in choices for one in cast("list[object]", value))
    return value in choices
