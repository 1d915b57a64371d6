"""Installs a ComfyUI on this machine: from its source with git, or from PyPI alone.

What is interrupted goes on when it is asked for again, and looks like no ComfyUI until it is one.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from comfy_gen.atomic import replacing
from comfy_gen.errors import DiskSpaceError, InstallError, InvalidParameterError, listing
from comfy_gen.supervisor.clone import OFFICIAL, Clone
from comfy_gen.supervisor.environment import Environment, find_device, torch_lines, torch_options, torch_step
from comfy_gen.supervisor.layout import UNFINISHED, absolute
from comfy_gen.supervisor.recipe import fingerprint, install_recipe
from comfy_gen.supervisor.steps import AGAIN, Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from comfy_gen.supervisor.environment import Device

Source = Literal["git", "pypi"]
MARK = ".installed"
"""Written last; says what was installed."""
FOLDERS = frozenset({"models", "input", "output", "temp", "user", "custom_nodes"})
"""What may be in a folder before: somebody has fetched models already, or keeps those of an earlier one."""
ROOM = {("pypi", "cpu"): 2.5e9, ("git", "cpu"): 4e9, ("pypi", "cuda"): 10e9, ("git", "cuda"): 12e9}
"""Bytes that it takes while it is installed, with what pip unpacks aside."""
ROOM_ELSE = 25e9
"""With ROCm, whose libraries are in the package."""
VERSION = re.compile(r"__version__\s*=\s*[\"']([^\"']+)")


@dataclass(frozen=True, slots=True)
class Installed:
    """A ComfyUI that was installed here."""

    directory: Path
    version: str
    python: Path
    is_new: bool
    """Whether this call installed it; False if it was there."""
    source: Source
    device: str
    """cpu, cuda or rocm: what its torch computes with."""

    def as_json(self) -> dict[str, Any]:
        """Return it as programs are told of it."""
        return asdict(self) | {"directory": str(self.directory), "python": str(self.python)}


@dataclass(frozen=True, slots=True)
class _Mark:
    """What the mark of an installed one says."""

    source: Source
    version: str = ""
    ref: str = ""
    """What git calls it."""
    device: str = "cpu"
    fingerprint: str = ""


def install(
    directory: Path,
    *,
    source: Source,
    version: str = "",
    repository: str = OFFICIAL,
    device: Device = "auto",
    on_step: Callable[[str], None] = lambda _: None,
) -> Installed:
    """Have a ComfyUI in the folder: what is there already stays, unless another version is asked for.

    Raises:
        DiskSpaceError: there is too little room for it.
        InstallError: a step failed, or the folder holds something else.
        InvalidParameterError: a version is asked for that this source cannot have.
    """
    directory = absolute(directory)
    if source == "pypi" and version:
        raise InvalidParameterError("version", version, "empty: from PyPI there is one version only, which is tested")
    _check_folder(directory, source)
    current = find_current(directory, version=version, device=device)
    if current:
        return current
    there = read_installed(directory)
    computes_with = find_device(device)
    if not there:
        _check_room(directory, ROOM.get((source, computes_with), ROOM_ELSE))
    with _alone(directory):
        environment = Environment(directory, Steps(on_step))
        if there and there.device != computes_with:
            environment.remove()  # pip takes one torch for as good as another
        if source == "pypi":
            _install_from_pypi(environment, computes_with)
        else:
            _install_from_git(environment, computes_with, version=version, repository=repository)
    return _installed(directory, _read_mark(directory) or _Mark(source), is_new=True)


def find_current(directory: Path, *, version: str = "", device: Device = "auto") -> Installed | None:
    """Return what is installed in a folder if it is what is asked for; None if something would have to be done."""
    return None if _is_outdated(directory, version, device) else read_installed(directory)


def read_installed(directory: Path) -> Installed | None:
    """Return what was installed in a folder, by its mark; None for one that was not, or not to its end."""
    mark = _read_mark(directory)
    if mark is None or not _python(directory).exists():
        return None
    return _installed(directory, mark, is_new=False)


def _install_from_pypi(environment: Environment, device: str) -> None:
    (environment.directory / MARK).unlink(missing_ok=True)
    environment.remove()
    environment.make()
    tree = install_recipe(environment, device)
    for name in sorted(FOLDERS):
        (environment.directory / name).mkdir(exist_ok=True)
    _write_mark(environment.directory, _Mark("pypi", _version_of(tree), device=device, fingerprint=fingerprint()))


def _install_from_git(environment: Environment, device: str, *, version: str, repository: str) -> None:
    """Fetch the files, install what they need, and lay them out last of all."""
    clone = Clone(environment.directory, repository, environment.steps)
    ref = clone.find_version(version)
    commit = clone.fetch(ref)
    environment.make()
    _install_requirements(environment, clone.requirements(commit), device)
    clone.lay_out(commit)
    found = _version_of(environment.directory) or commit[:12]
    _write_mark(environment.directory, _Mark("git", found, ref=ref, device=device))


def _install_requirements(environment: Environment, requirements: str, device: str) -> None:
    torch = torch_lines(requirements)
    if torch:  # before the others: their list would bring the usual one
        step = torch_step(device, torch)
        environment.steps.tell(step)
        environment.install(step, *torch_options(device), *torch)
    step = "installing the packages of its requirements.txt"
    environment.steps.tell(step)
    listed = environment.directory / "venv" / "requirements.txt"
    listed.write_text(requirements)
    environment.install(step, "--requirement", listed)


def _check_folder(directory: Path, source: Source) -> None:
    """Refuse a folder that holds something else, so that nothing of it is overwritten."""
    step = f"looking at {directory}"
    mark = _read_mark(directory)
    if mark and mark.source != source:
        raise InstallError(step, f"it has one from {mark.source} already", "name another folder with --dir.")
    if mark or (directory / UNFINISHED).exists() or not directory.exists():
        return
    if not directory.is_dir():
        raise InstallError(step, "that is a file", "name a folder with --dir.")
    others = sorted(path.name for path in directory.iterdir() if path.name not in FOLDERS)
    if "main.py" in others or "ComfyUI" in others:
        advice = f"start it as it is: comfygen service start --dir {directory}; or name another folder with --dir."
        raise InstallError(step, "it has a ComfyUI that was not installed by this command", advice)
    if others:
        raise InstallError(step, f"other things are in it: {listing(others)}", "name an empty or a new one with --dir.")


def _is_outdated(directory: Path, version: str, device: Device) -> bool:
    """Tell whether what was installed is not what is asked for now."""
    mark = _read_mark(directory)
    if mark is None or device not in {"auto", mark.device}:
        return True
    if mark.source == "pypi":
        return mark.fingerprint != fingerprint()
    return version not in {"", mark.version, mark.ref, f"v{mark.version}"}


def _check_room(directory: Path, needed: float) -> None:
    there = next(path for path in (directory, *directory.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise DiskSpaceError(directory, int(needed), free)


@contextmanager
def _alone(directory: Path) -> Generator[None]:
    """Have the folder, and be the only one who installs there; the sign that it is unfinished goes when all is well."""
    step = f"making {directory}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        sign = (directory / UNFINISHED).open("w")
    except OSError as error:
        raise InstallError(step, error.strerror or str(error), "name another folder with --dir.") from error
    with sign:
        try:
            fcntl.flock(sign, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InstallError(step, "somebody is installing there now", "wait until that has ended.") from error
        try:
            yield
        except OSError as error:
            raise InstallError(f"writing into {directory}", error.strerror or str(error), AGAIN) from error
        Path(sign.name).unlink(missing_ok=True)


def _read_mark(directory: Path) -> _Mark | None:
    try:
        told = json.loads((directory / MARK).read_text())
        return _Mark(**{str(name): str(value) for name, value in told.items()})  # pyright: ignore[reportArgumentType]  # our own file, or refused below
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, AttributeError):
        return _Mark("pypi")  # of an earlier recipe, whose mark was a hash: to be replaced


def _write_mark(directory: Path, mark: _Mark) -> None:
    with replacing(directory / MARK) as file:
        file.write(json.dumps(asdict(mark), indent=1).encode())


def _installed(directory: Path, mark: _Mark, *, is_new: bool) -> Installed:
    return Installed(directory, mark.version, _python(directory), is_new, mark.source, mark.device)


def _python(directory: Path) -> Path:
    return Environment(directory, Steps(lambda _: None)).python


def _version_of(tree: Path) -> str:
    """Return the version that ComfyUI's files say they are; empty if they do not."""
    try:
        match = VERSION.search((tree / "comfyui_version.py").read_text())
    except OSError:
        return ""
    return match.group(1) if match else ""
