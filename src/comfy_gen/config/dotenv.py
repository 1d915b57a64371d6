"""Reads a ``.env`` file: variables of the environment for a service that is started in its folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.errors import ConfigFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

FILE_NAME = ".env"

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_QUOTED = re.compile(r"""(?P<quote>['"])(?P<value>.*?)(?P=quote)\s*(?:#.*)?""")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def use_env_file(path: Path | None = None, environ: MutableMapping[str, str] = os.environ) -> bool:
    """Set what a file sets and the environment does not, and tell whether there was a file.

    Raises:
        ConfigFileError: the file cannot be read, or has a line that sets nothing.
    """
    place = path or Path(FILE_NAME)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return False
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigFileError([f"{place}: it cannot be read: {error}"], str(place)) from error
    variables, wrong = parse_env(text)
    if wrong:
        raise ConfigFileError(
            [f"{place}:{line}: a line must be NAME=VALUE, or a comment" for line in wrong], str(place)
        )
    for name, value in variables.items():
        environ.setdefault(name, value)
    return True


def parse_env(text: str) -> tuple[Mapping[str, str], Sequence[int]]:
    """Return the variables of a file, and the numbers of the lines that make no sense. Nothing is expanded."""
    variables: dict[str, str] = {}
    wrong: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        match = _LINE.fullmatch(said)
        if match is None:
            wrong.append(number)
        else:
            variables[match["name"]] = _value_of(match["value"])
    return variables, wrong


def _value_of(said: str) -> str:
    quoted = _QUOTED.fullmatch(said)
    return quoted["value"] if quoted else _COMMENT.sub("", said, count=1).strip()
