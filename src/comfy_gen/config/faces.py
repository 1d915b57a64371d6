"""What an installation sets of its faces: the HTTP service, what it speaks besides, and what agents get. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DIALECTS = ("comfy", "comfyui", "openai", "runpod")
"""Other services' APIs that the HTTP service speaks beside its own."""


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """The HTTP service: where it listens, and what it lets whom do."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    """Processes; more than one needs PostgreSQL to share the work of the engines."""
    reload: bool = False
    with_worker: bool = True
    """Whether the service does the jobs too; else ``comfygen worker`` has to."""
    log_level: str = "info"
    access: str = "auto"
    """``keys``: nobody without a key; ``open``: everybody who reaches it; ``auto``: keys once there is one, and until
    then this machine alone."""
    key: str = field(default="", repr=False)
    """A key for everything, beside those that ``comfygen keys`` makes."""
    secret_key: str = field(default="", repr=False)
    """Signs links and seals logins; empty: one is made and kept in ``jobs.data_dir``."""
    allowed_hosts: tuple[str, ...] = ()
    """Names that the service is reached by, besides its host and this machine's own."""
    cors_origins: tuple[str, ...] = ()
    """Other sites whose pages may ask, such as ``https://app.example.com``."""
    public_url: str = ""
    """What begins links to artifacts; empty: the address that the request came to."""
    rate: str = "1200/minute"
    """Requests by each key, or each address where there are none."""
    max_waiting: int | None = None
    """So many jobs of one key may wait; None: as many as of all."""
    max_body: int = 20 * 1024**2
    """Bytes of a request."""
    max_uploads: int | None = 50 * 10**9
    """Bytes of all uploads together; None: as many as there is room for."""
    max_nodes: int = 2_000
    """Of a workflow."""
    allowed_nodes: tuple[str, ...] = ()
    """Classes that workflows may use, with ``*`` for any part of a name; empty: all."""
    denied_nodes: tuple[str, ...] = ()
    """Classes that they may not use."""
    link_lifetime: float = 86_400
    """Seconds for which a link to an artifact is good."""

    @property
    def address(self) -> str:
        """What people on this machine open: for an address that means all of this machine's, its own."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # a name, nothing is bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@dataclass(frozen=True, slots=True)
class DialectOptions:
    """Other services' APIs, which programs that were written for them find here."""

    enabled: tuple[str, ...] = DIALECTS
    """Those that are spoken: of ``comfy`` (Comfy API v2), ``comfyui`` (a ComfyUI's own), ``openai``, ``runpod``."""
    comfyui_path: str = "/comfyui"
    """What begins the paths of a ComfyUI's own API, whose paths are ours, too."""
    comfyui_port: int | None = None
    """Where a ComfyUI's own API is served without that; None: nowhere."""
    openai_models: tuple[str, ...] = ()
    """``NAME=WORKFLOW``: what a model that OpenAI's clients name means here; others mean what no name does."""


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """What agents are given that speak the Model Context Protocol (MCP)."""

    url: str = field(default="", repr=False)
    """The service that ``comfygen mcp`` asks; empty: the queue of this machine, which it works on itself."""
    key: str = field(default="", repr=False)
    """A key of that service."""
    folders: tuple[Path, ...] = ()
    """Where agents may have pictures saved; relative paths are in the first. None: nowhere through the HTTP service,
    and in ``output.output_dir`` through ``comfygen mcp``."""
    image_budget: int = 400_000
    """Bytes of each picture that an agent is shown; the artifact stays as it is."""
    patience: float = 40
    """Seconds that one call waits for a job, at most."""
    workflow_tools: bool = False
    """Whether each workflow that was saved is a tool of its own."""
