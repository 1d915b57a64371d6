"""One ComfyUI of this machine as somebody wants it to run, and the command that starts it so. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from comfy_gen.errors import InvalidParameterError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.supervisor.layout import Layout

DEFAULT = "default"
"""The name of the instance that is somebody's own ComfyUI, with the folders that it has always had."""
FRONT_END = "front-end"
"""An empty folder: what came from PyPI brings no pages, and does not start without a place for them."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.IGNORECASE)
_OURS = {
    "--listen": "the host",
    "--port": "the port",
    "--cpu": "the CPU option",
    "--cuda-device": "the CUDA device",
    "--base-directory": "the folder",
    "--auto-launch": "nothing: a service opens no browser",
    "--tls-keyfile": "a proxy with TLS before it",
    "--tls-certfile": "a proxy with TLS before it",
}
"""ComfyUI's options that are told in another way here, and in which."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One ComfyUI, and how it is to run."""

    name: str
    directory: Path
    python: Path | None = None
    """None: the one of its folder's virtual environment."""
    container: str = ""
    """The Docker container that it is instead; of the rest only host and port matter then."""
    host: str = "127.0.0.1"
    port: int = 8188
    is_cpu: bool = False
    cuda_device: int | None = None
    arguments: tuple[str, ...] = ()
    is_supervised: bool = False
    """Whether it is started again when it ends."""

    @property
    def url(self) -> str:
        """Where it answers, for somebody on this machine."""
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def reachable_host(self) -> str:
        """The host at which somebody on this machine reaches it."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # read, not listened on

    @property
    def is_default(self) -> bool:
        """Whether it is the person's own, which nothing is moved of."""
        return self.name == DEFAULT

    def differences(self, other: Instance) -> str:
        """Return in what another is unlike it, as a person would say it; empty where they are equal."""
        values = ((field.name, getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        unlike = ((name.removeprefix("is_").replace("_", " "), mine, theirs) for name, mine, theirs in values)
        return "; ".join(f"{name}: {_plain(mine)}, not {_plain(his)}" for name, mine, his in unlike if mine != his)

    def may_share(self, other: Instance) -> bool:
        """Tell whether another may listen while this one does."""
        hosts = {self.host, other.host}
        return self.port != other.port or (len(hosts) > 1 and not hosts & {"0.0.0.0", "::"})  # noqa: S104  # read only

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept, and as programs are told of it."""
        python = None if self.python is None else str(self.python)
        return {**asdict(self), "directory": str(self.directory), "python": python, "arguments": list(self.arguments)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return it as it was kept; raises KeyError, TypeError or ValueError for what was not."""
        python = kept.get("python")
        known: dict[str, Any] = {field.name: kept[field.name] for field in fields(cls) if field.name in kept}
        known["directory"] = Path(kept["directory"])
        known["python"] = Path(python) if python else None
        known["port"] = int(kept["port"])
        known["arguments"] = tuple(kept["arguments"])
        return cls(**known)


def check_instance(instance: Instance) -> None:
    """Make sure that an instance can be meant.

    Raises:
        InvalidParameterError: it cannot.
        InvalidRequestError: several things of it cannot.
    """
    problems = list(_problems(instance))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InvalidRequestError(problems)


def command_of(instance: Instance, layout: Layout, state_folder: Path) -> list[str]:
    """Return the command that starts it, to be run in the folder of its program.

    Its own arguments come last, so that they count where ComfyUI takes the last of several.
    """
    return [
        *(str(layout.python), "main.py", "--listen", instance.host, "--port", str(instance.port)),
        "--disable-auto-launch",
        *_device(instance),
        *_packaged(layout, state_folder),
        *_own_folders(instance, state_folder),
        *_database(instance, layout, state_folder),
        *instance.arguments,
    ]


def folders_of(instance: Instance, layout: Layout, state_folder: Path) -> list[Path]:
    """Return the folders that must be there before it starts."""
    base = layout.base
    wanted = [] if base is None else [base / name for name in ("custom_nodes", "input", "models", "output", "user")]
    if layout.is_packaged:
        wanted.append(state_folder / FRONT_END)
    if not instance.is_default:
        wanted += [state_folder / name for name in ("output", "user")]
    return wanted


def _device(instance: Instance) -> Iterator[str]:
    if instance.is_cpu:
        yield "--cpu"
    if instance.cuda_device is not None:
        yield from ("--cuda-device", str(instance.cuda_device))


def _packaged(layout: Layout, state_folder: Path) -> Iterator[str]:
    """Yield what a ComfyUI needs that lies inside a package: its folders are elsewhere, and it has no pages."""
    if layout.base is not None:
        yield from ("--base-directory", str(layout.base))
    if layout.is_packaged:
        yield from ("--front-end-root", str(state_folder / FRONT_END), "--disable-all-custom-nodes")
        yield "--disable-api-nodes"


def _own_folders(instance: Instance, state_folder: Path) -> Iterator[str]:
    """Yield what keeps those apart that share a program: each empties its temp folder when it starts and ends."""
    if instance.is_default:
        return
    yield from ("--temp-directory", str(state_folder))  # ComfyUI makes its folder temp in it
    yield from ("--output-directory", str(state_folder / "output"), "--user-directory", str(state_folder / "user"))


def _database(instance: Instance, layout: Layout, state_folder: Path) -> Iterator[str]:
    """Yield where its database is: of its own if it is not the person's own, and never inside a package."""
    folder = (layout.base and layout.base / "user") if instance.is_default else state_folder
    if folder is not None and layout.has_database:
        yield from ("--database-url", f"sqlite:///{folder / 'comfyui.db'}")


def _problems(instance: Instance) -> Iterator[InvalidParameterError]:
    if not _NAME.fullmatch(instance.name):
        yield InvalidParameterError("instance", instance.name, "small letters, digits, dots and dashes, 64 at most")
    if not 0 < instance.port < 65536:
        yield InvalidParameterError("port", instance.port, "from 1 to 65535")
    if not _is_host(instance.host):
        yield InvalidParameterError("host", instance.host, "one address or name of this machine")
    if instance.is_cpu and instance.cuda_device is not None:
        yield InvalidParameterError("cuda_device", instance.cuda_device, "absent where the CPU is to compute")
    if instance.cuda_device is not None and instance.cuda_device < 0:
        yield InvalidParameterError("cuda_device", instance.cuda_device, "0 or more")
    yield from (_argument_problem(argument) for argument in instance.arguments if argument.split("=")[0] in _OURS)
    if instance.container:
        yield from _container_problems(instance)


def _argument_problem(argument: str) -> InvalidParameterError:
    instead = _OURS[argument.split("=", maxsplit=1)[0]]
    return InvalidParameterError("arguments", argument, "an option that has no place of its own", f"use {instead}.")


def _container_problems(instance: Instance) -> Iterator[InvalidParameterError]:
    """Yield what was asked for that only who made the container can decide."""
    asked = {
        "arguments": instance.arguments,
        "cpu": instance.is_cpu,
        "cuda_device": instance.cuda_device is not None,
        "supervise": instance.is_supervised,
    }
    for name, value in asked.items():
        if value:
            advice = "the container was made with its own; see `docker run` and `docker update`."
            yield InvalidParameterError(name, getattr(instance, name, value), "absent for a container", advice)


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(host)) and not host.replace(".", "").isdigit()
    return True


def _plain(value: Any) -> str:
    """Return an option's value as a person would say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value in {"", ()}:
        return "none"
    return " ".join(value) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType]
