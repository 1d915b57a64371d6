"""What keeps a ComfyUI of this machine from being installed, started or stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class OperationError(ComfyGenError):
    """A ComfyUI of this machine did not do what it was told to."""

    code = "operation"


@dataclass(eq=False)
class ComfyUIFolderError(ConfigurationError):
    """There is no ComfyUI in the folder, or no Python that runs it."""

    directory: Path
    reason: str
    code: ClassVar[str] = "comfyui_folder"

    @property
    def message(self) -> str:
        return f"{self.directory} has no ComfyUI that can be started: {self.reason}"

    @property
    def hint(self) -> str:
        return "name its folder with COMFYUI_DIR or --dir, or install one: comfygen service install"


@dataclass(eq=False)
class InstanceNotFoundError(ConfigurationError):
    """No ComfyUI of this machine was ever started under this name."""

    name: str
    known: Sequence[str] = ()
    code: ClassVar[str] = "instance_not_found"

    @property
    def message(self) -> str:
        return f"no ComfyUI was started here under the name {self.name!r}"

    @property
    def hint(self) -> str:
        known = f"there are: {listing(self.known)}; " if self.known else ""
        return f"{known}this makes one: comfygen service start --instance {self.name}"


@dataclass(eq=False)
class AlreadyRunningError(OperationError):
    """The ComfyUI runs already, and not as it is to be started now."""

    name: str
    url: str
    reason: str
    """In what it is unlike that which was asked for."""
    code: ClassVar[str] = "already_running"

    @property
    def message(self) -> str:
        return f"{self.name!r} runs already, at {self.url}: {self.reason}"

    @property
    def hint(self) -> str:
        return f"start it anew with comfygen service restart --instance {self.name}, or another with --instance NAME."


@dataclass(eq=False)
class NotRunningError(OperationError):
    """There is nothing to be stopped, or nothing that was started here."""

    name: str
    reason: str
    code: ClassVar[str] = "not_running"

    @property
    def message(self) -> str:
        return f"{self.name!r} does not run: {self.reason}"

    @property
    def hint(self) -> str:
        return f"start it: comfygen service start --instance {self.name}"


@dataclass(eq=False)
class StillRunningError(OperationError):
    """A ComfyUI runs that would have to be stopped first."""

    name: str
    url: str
    code: ClassVar[str] = "still_running"

    @property
    def message(self) -> str:
        return f"{self.name!r} runs, at {self.url}, and cannot be forgotten meanwhile"

    @property
    def hint(self) -> str:
        return f"stop it first: comfygen service stop --instance {self.name}"


@dataclass(eq=False)
class StartFailedError(OperationError):
    """A ComfyUI was started and ended, or does not answer."""

    name: str
    reason: str
    log: Path | str
    """A file, or the command that shows it."""
    lines: Sequence[str] = ()
    """The last that it said."""
    code: ClassVar[str] = "start_failed"

    @property
    def message(self) -> str:
        said = "".join(f"\n  {line}" for line in self.lines)
        return f"{self.name!r} did not start: {self.reason}{f'; the last lines of its log:{said}' if said else ''}"

    @property
    def hint(self) -> str:
        return f"all that it said is in {self.log}."


@dataclass(eq=False)
class StopFailedError(OperationError):
    """A process did not end though it was told to."""

    name: str
    reason: str
    code: ClassVar[str] = "stop_failed"

    @property
    def message(self) -> str:
        return f"{self.name!r} could not be stopped: {self.reason}"

    @property
    def hint(self) -> str:
        return "whoever started it may end it; `comfygen service status` tells its process."


@dataclass(eq=False)
class InstallError(OperationError):
    """ComfyUI could not be installed; nothing that looks like one was left."""

    step: str
    reason: str
    advice: str = ""
    code: ClassVar[str] = "install_failed"

    @property
    def message(self) -> str:
        return f"ComfyUI could not be installed: {self.step}: {self.reason}"

    @property
    def hint(self) -> str:
        return self.advice


@dataclass(eq=False)
class ContainerError(OperationError):
    """Docker did not do what it was asked for."""

    container: str
    reason: str
    code: ClassVar[str] = "container"

    @property
    def message(self) -> str:
        return f"the container {self.container!r}: {self.reason}"

    @property
    def hint(self) -> str:
        return "see whether `docker ps --all` lists it and this user may ask docker."


@dataclass(eq=False)
class DiskSpaceError(OperationError):
    """A disk has too little room."""

    path: Path
    needed: int
    """Bytes."""
    free: int
    code: ClassVar[str] = "disk_space"

    @property
    def message(self) -> str:
        return f"{self.path} has {self.free / 1e9:.1f} GB of room, and {self.needed / 1e9:.1f} GB are needed"

    @property
    def hint(self) -> str:
        return "delete what is not needed there, or choose a folder on another disk."
