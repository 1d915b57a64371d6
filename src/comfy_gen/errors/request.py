"""What the caller asked for or set up cannot work, whatever the workflow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing
from comfy_gen.errors.workflow import InvalidWorkflowError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(eq=False)
class InvalidParameterError(ConfigurationError):
    """A value is outside what can work."""

    name: str
    value: object
    expected: str
    advice: str = ""
    others: Sequence[InvalidParameterError] = ()
    """More values of the same request that are wrong."""
    code: ClassVar[str] = "invalid_parameter"

    @property
    def message(self) -> str:
        own = f"{self.name} is {self.value!r}, but must be {self.expected}"
        return "; ".join([own, *(other.message for other in self.others)])

    @property
    def hint(self) -> str:
        return " ".join(filter(None, [self.advice, *(other.hint for other in self.others)]))


@dataclass(eq=False)
class InvalidRequestError(ConfigurationError):
    """Several things that were asked for cannot work; ``errors`` has each of them."""

    errors: Sequence[ComfyGenError]
    undone: str = "sent"
    """What nothing was, because of them."""
    code: ClassVar[str] = "invalid_request"

    @property
    def message(self) -> str:
        lines = [line for error in self.errors for line in _lines(error)]
        return f"{len(lines)} things in this request cannot work:" + "".join(f"\n  - {line}" for line in lines)

    @property
    def hint(self) -> str:
        return f"change them all; nothing was {self.undone}."


def _lines(error: ComfyGenError) -> Sequence[str]:
    """Return what is wrong, each with what to do about it."""
    if isinstance(error, InvalidWorkflowError):
        return error.problems
    return [f"{error.message} ({error.hint.rstrip('.')})" if error.hint else error.message]


@dataclass(eq=False)
class ModelNotFoundError(ConfigurationError):
    """The engine has no model file of this name."""

    name: str
    folder: str
    nearest: Sequence[str] = ()
    code: ClassVar[str] = "missing_model"

    @property
    def message(self) -> str:
        return f"the engine has no {self.name!r} in its {self.folder}"

    @property
    def hint(self) -> str:
        if self.nearest:
            return f"nearest that it has: {listing(self.nearest)}."
        return f"fetch it with comfygen models download, or put the file into ComfyUI's models/{self.folder} folder."


@dataclass(eq=False)
class InputImageError(ConfigurationError):
    """An input picture cannot be used."""

    source: str
    reason: str
    code: ClassVar[str] = "invalid_image"

    @property
    def message(self) -> str:
        return f"cannot use {self.source} as an input picture: {self.reason}"

    @property
    def hint(self) -> str:
        return "give a PNG, JPEG or WebP that an image viewer opens."


@dataclass(eq=False)
class AssetFetchError(ConfigurationError):
    """What a URL points to cannot be had."""

    url: str
    reason: str
    code: ClassVar[str] = "asset_fetch_failed"

    @property
    def message(self) -> str:
        return f"cannot fetch {_without_secrets(self.url)}: {self.reason}"

    @property
    def hint(self) -> str:
        return "download it yourself and give the file's path."


def _without_secrets(url: str) -> str:
    """Return an address without its login and its query, which may be a signature."""
    head, mark, _ = url.partition("?")
    scheme, slashes, rest = head.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}{'?…' if mark else ''}"


@dataclass(eq=False)
class MetadataNotFoundError(ConfigurationError):
    """A picture carries no record of how it was made."""

    source: str
    code: ClassVar[str] = "no_metadata"

    @property
    def message(self) -> str:
        return f"{self.source} carries neither a ComfyUI workflow nor generation parameters"

    @property
    def hint(self) -> str:
        return "use the file as ComfyUI or ComfyGen saved it: chat programs and image editors strip this data."


@dataclass(eq=False)
class OutputPathError(ConfigurationError):
    """The place for the result cannot be written."""

    path: Path
    reason: str
    code: ClassVar[str] = "output_path"

    @property
    def message(self) -> str:
        return f"cannot write {self.path}: {self.reason}"

    @property
    def hint(self) -> str:
        return "choose an existing, writable folder with room on its disk."


@dataclass(eq=False)
class ConfigFileError(ConfigurationError):
    """The configuration says what cannot work: its file, or the environment."""

    problems: Sequence[str]
    """Everything that is wrong, each with where."""
    file: str = ""
    """The file that is wrong, if it is."""
    code: ClassVar[str] = "config_file"

    @property
    def message(self) -> str:
        if len(self.problems) == 1:
            return f"the configuration cannot work: {self.problems[0]}"
        lines = [f"\n  - {problem}" for problem in self.problems[:20]]
        rest = len(self.problems) - len(lines)
        more = f"\n  - and {rest} more" if rest else ""
        return f"{len(self.problems)} things in the configuration cannot work:{''.join(lines)}{more}"

    @property
    def hint(self) -> str:
        if not self.file:
            return "set it to what it must be, or unset it."
        return f"correct {self.file}; if it is another program's, name your own with --config FILE or COMFYGEN_CONFIG."


@dataclass(eq=False)
class PortInUseError(ConfigurationError):
    """A server cannot listen where it was told to."""

    host: str
    port: int
    reason: str
    advice: str = ""
    """What to do, where more is known than that it is taken."""
    code: ClassVar[str] = "port_in_use"

    @property
    def message(self) -> str:
        return f"cannot listen on {self.host} port {self.port}: {self.reason}"

    @property
    def hint(self) -> str:
        return self.advice or "choose another port with --port, or stop the program that has this one."


@dataclass(eq=False)
class MissingExtraError(ConfigurationError):
    """A feature needs an optional dependency that is not installed."""

    feature: str
    extra: str
    code: ClassVar[str] = "missing_extra"

    @property
    def message(self) -> str:
        return f"{self.feature} needs the optional extra {self.extra!r}, which is not installed"

    @property
    def hint(self) -> str:
        return f"install it: pip install 'comfygen-server[{self.extra}]'"


@dataclass(eq=False)
class DuplicateJobError(ConfigurationError, ValueError):
    """A queue has a job of this id already."""

    job_id: str
    code: ClassVar[str] = "duplicate_job"

    @property
    def message(self) -> str:
        return f"there is a job {self.job_id!r} already"

    @property
    def hint(self) -> str:
        return "give it another id, or forget the one that ended: clear_completed()."
