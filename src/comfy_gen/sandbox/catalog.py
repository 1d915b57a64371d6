"""Says which node classes the sandbox has, in the form of ``GET /object_info``. Pure but for reading its own table."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ClassInfo = dict[str, Any]
"""One class as ``GET /object_info`` describes it."""


@cache
def _table() -> dict[str, Any]:
    # node_classes.json: names, types, defaults and ranges of ComfyUI 0.3.75's own nodes, without its texts. Lists of
    # files stand there as {"models": folder}, {"files": folder} and {"named": list}.
    return json.loads(files("comfy_gen.sandbox").joinpath("node_classes.json").read_text(encoding="utf-8"))


@cache
def input_names(class_type: str) -> frozenset[str]:
    """Return the inputs that a class takes, the hidden ones apart."""
    declared = _table()["nodes"][class_type]["input"]
    return frozenset(declared.get("required", {})) | frozenset(declared.get("optional", {}))


def is_output(class_type: str) -> bool:
    """Tell whether a class is an output node."""
    return bool(_table()["nodes"][class_type].get("output_node"))


def object_info(models: Mapping[str, Sequence[str]], input_files: Sequence[str]) -> dict[str, ClassInfo]:
    """Return the whole ``object_info`` of a sandbox that has these models and input files."""
    lists = {"named": _table()["named"], "models": models, "files": {"input": input_files}}
    return {name: _expand(name, short, lists) for name, short in _table()["nodes"].items()}


def _expand(name: str, short: ClassInfo, lists: Mapping[str, Mapping[str, Sequence[str]]]) -> ClassInfo:
    inputs = {section: _section(section, declared, lists) for section, declared in short["input"].items()}
    return {
        "input": inputs,
        "input_order": {section: list(declared) for section, declared in inputs.items()},
        "output": short["output"],
        "output_is_list": [False] * len(short["output"]),
        "output_name": short.get("output_name", short["output"]),
        "name": name,
        "display_name": short.get("display_name", name),
        "description": "",
        "python_module": "comfy_gen.sandbox",
        "category": short["category"],
        "output_node": short.get("output_node", False),
        **{mark: True for mark in ("deprecated", "experimental") if short.get(mark)},
    }


def _section(
    section: str, declared: dict[str, Any], lists: Mapping[str, Mapping[str, Sequence[str]]]
) -> dict[str, Any]:
    if section == "hidden":
        return declared
    return {name: _spec(spec, lists) for name, spec in declared.items()}


def _spec(spec: list[Any], lists: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Any]:
    kind, *options = spec
    if options and "options" in options[0]:
        return [kind, {**options[0], "options": _listed(options[0]["options"], lists)}]
    return [_listed(kind, lists), *options]


def _listed(value: Any, lists: Mapping[str, Mapping[str, Sequence[str]]]) -> Any:
    if not isinstance(value, dict):
        return value
    [(source, name)] = cast("dict[str, str]", value).items()
    names = list(lists[source].get(name, ()))
    return [*names, "pixel_space"] if (source, name) == ("models", "vae") else names
