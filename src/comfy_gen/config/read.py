"""Reads the configuration of this process: the one reader of the environment and of ``config.yaml``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.config.layers import Layer, default_layer, environment_layer, file_layer, flag_layer
from comfy_gen.config.merge import compose, merge
from comfy_gen.errors import ConfigFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from comfy_gen.config.settings import Settings
    from comfy_gen.config.values import Value

FILE_NAME = "config.yaml"
"""What the file in the working folder is called."""
FILE_VARIABLE = "COMFYGEN_CONFIG"
"""The environment variable that names another file."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, and where each of their values came from."""

    settings: Settings
    values: Mapping[str, Value]
    """By their path, ``section.name``."""
    file: Path | None
    """The file that was read."""


def read_settings(
    environ: Mapping[str, str] = os.environ,
    *,
    file: str | os.PathLike[str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Settings:
    """Return the settings: defaults, overridden by the file, by the environment, by flags.

    Args:
        environ: the environment variables; one that is empty counts as not set.
        file: the file to read, in place of the one that `find_file` finds.
        flags: values by their path, such as ``batch.max_concurrent``; None is not given.

    Raises:
        ConfigFileError: with everything that is wrong, wherever it was said.
    """
    return read_configuration(environ, file=file, flags=flags).settings


def read_configuration(
    environ: Mapping[str, str] = os.environ,
    *,
    file: str | os.PathLike[str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Configuration:
    """Return the settings as `read_settings` does, with where each value came from.

    Raises:
        ConfigFileError: with everything that is wrong, wherever it was said.
    """
    place = find_file(environ, file)
    layers = [default_layer(), _read_file(place), environment_layer(environ), flag_layer(flags or {})]
    problems = [problem for layer in layers for problem in layer.problems]
    if problems:
        raise ConfigFileError(problems, str(place) if layers[1].problems else "")
    values = merge(layers)
    return Configuration(compose(values), values, place)


def use_file(path: str | os.PathLike[str]) -> None:
    """Have this process, and those that it starts, read that file from now on."""
    os.environ[FILE_VARIABLE] = os.fspath(path)


def find_file(environ: Mapping[str, str] = os.environ, file: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the file to read: the one named, that of ``COMFYGEN_CONFIG``, or the working folder's, if it is there."""
    named = file or environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    usual = Path(FILE_NAME)
    return usual if usual.is_file() else None


def _read_file(place: Path | None) -> Layer:
    if place is None:
        return Layer()
    # Late: most calls find no file, and need no YAML.
    from comfy_gen.config.parser import MAX_BYTES, read_document  # noqa: PLC0415

    try:
        with place.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)  # whatever it is, no more gets into memory
    except OSError as error:
        return Layer(problems=[f"{place}: it cannot be read: {error.strerror or error}"])
    return file_layer(read_document(content), str(place))
