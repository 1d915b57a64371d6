"""What an installation sets, as frozen values: one class for each section of the configuration. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.config.faces import AgentOptions, ApiOptions, DialectOptions
from comfy_gen.storage.s3 import BucketOptions

if TYPE_CHECKING:
    from comfy_gen.comfyui.http import ClientOptions

DEFAULT_ENGINE = "http://127.0.0.1:8188"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SERVER_LEVELS = ("critical", "error", "warning", "info", "debug", "trace")


@dataclass(frozen=True, slots=True)
class ComfyUIOptions:
    """Where the engine is."""

    url: str = field(default="", repr=False)
    """The whole address, with its path and login if it has any; empty: made of the three that follow."""
    protocol: str = "http"
    host: str = "127.0.0.1"
    port: int = 8188
    timeout: float | None = 300
    """Seconds that a prompt is waited for; None waits for ever."""

    @property
    def address(self) -> str:
        """The engine's address, with the login if it has one: not for messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"{self.protocol}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class WebSocketOptions:
    """How events are received."""

    enable: bool = True
    """False polls queue and history instead."""
    reconnect_attempts: int | None = None
    """An engine that does not answer so many attempts has lost the prompts it had; None: the client's own patience."""
    reconnect_delay: float = 0.25
    """Seconds before the first attempt; it doubles."""


@dataclass(frozen=True, slots=True)
class WorkflowOptions:
    """What is done with a workflow that is to be sent."""

    validate_before_send: bool = True
    auto_queue: bool = True


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """What is done with results."""

    download_results: bool = True
    output_dir: Path = Path("outputs")
    save_metadata: bool = True


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How many workflows are processed."""

    max_concurrent: int = 3
    retry_on_failure: bool = True
    max_retries: int = 3


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """The engines that serve the queue."""

    engines: str = field(default="", repr=False)
    """Separated by blanks: ``URL`` or ``NAME=URL``, each with options such as ``#tags=xl,fast&weight=2&depth=3``.
    Empty: the one engine of ``comfyui``."""
    preload: tuple[str, ...] = ()
    """Models that a worker has engines load before any job asks for them: ``MODEL``, or ``ENGINE=MODEL``."""
    stuck_after: float = 120
    """Seconds: never is an engine called stuck before; like jobs teach what is usual beyond it."""


@dataclass(frozen=True, slots=True)
class JobOptions:
    """The durable queue."""

    data_dir: Path = field(default_factory=lambda: _home() / ".local/share/comfygen")
    """The folder of the database, the artifacts and the fetched assets."""
    database: str = field(default="", repr=False)
    """``postgresql://…``, or ``sqlite:///PATH``; empty: a file in ``data_dir``."""
    max_queue_size: int = 100_000
    """So many jobs may wait; more are refused."""
    preprocess_workers: int = 3
    generation_workers: int | None = None
    """How many jobs the engines have at a time; None: as many as they take."""
    postprocess_workers: int = 3
    max_attempts: int = 3
    """A job that failed so often through an engine's fault is quarantined."""
    allow_private_urls: bool = False
    """Whether assets and webhooks may be at addresses of this machine and its networks."""
    artifacts: str = "auto"
    """Where outputs are kept: ``local`` in ``data_dir``, ``s3`` in the bucket of ``storage``; ``auto`` is the bucket
    where a login to it is set."""
    modifiers_dir: Path | None = None
    """The folder of modifiers beside those that ship: their code is run."""

    @property
    def database_url(self) -> str:
        """The database's address, with the login if it has one: not for messages."""
        return self.database or f"sqlite:///{self.data_dir / 'comfygen.db'}"


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """Who is told of jobs that ended."""

    url: str = field(default="", repr=False)
    """Told of every job that names no webhook of its own; empty: nobody."""
    timeout: float = 30
    secret: str = field(default="", repr=False)
    """Signs what is sent, as Standard Webhooks has it: ``whsec_…``; empty: nothing is signed."""


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """Where what is asked for often is kept; losing it loses nothing."""

    kind: str = "memory"
    host: str = "localhost"
    port: int = 6379
    db: int = 0
    password: str = field(default="", repr=False)
    ttl: float = 3_600
    """Seconds."""


@dataclass(frozen=True, slots=True)
class CompositionOptions:
    """What prompts are composed of."""

    categories_dir: Path | None = None
    """The folder of categories beside those that ship; one of the same id takes the place of theirs."""
    wildcards_dir: Path | None = None
    """The folder of wildcards: ``__animals/small__`` is a line of ``animals/small.txt``."""
    models: tuple[str, ...] = ()
    """``NAME=FILE``: what an engine calls a model that recipes name, with ``*`` for any part of a name."""
    max_lora_strength: float = 2.0
    """Of all LoRAs of a recipe together."""


@dataclass(frozen=True, slots=True)
class PolicyOptions:
    """What pictures may show. The tiers are general, mature and explicit."""

    tier: str = "general"
    """Of a request that names none."""
    max_tier: str = "explicit"
    """The highest that anybody may ask for; keys have their own, too."""
    check_pictures: str = "auto"
    """Whether finished pictures of the general tier are looked at: ``yes``, ``no``, or ``auto``, if the extra
    ``safety`` is installed."""
    threshold: float = 0.8
    """A picture with this score, from 0 to 1, or a higher one is withheld."""


@dataclass(frozen=True, slots=True)
class QualityOptions:
    """How pictures are compared with their prompts, where somebody asks for it."""

    model: str = "openai/clip-vit-base-patch32"
    """A CLIP or SigLIP model: its name on Hugging Face, or a folder; ``none``: nothing compares them."""
    device: str = "auto"
    """``auto``, ``cpu``, ``cuda``, ``mps``."""
    batch_size: int = 16
    """Pictures that it is given at a time."""
    offline: bool = False
    """Whether nothing may be fetched: the model is here already."""

    @property
    def has_model(self) -> bool:
        """Whether something compares them."""
        return self.model not in {"", "none"}


@dataclass(frozen=True, slots=True)
class TrackingOptions:
    """The MLflow server that is told of each generation."""

    url: str = field(default="", repr=False)
    """Empty: none is."""
    experiment: str = "comfygen"


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """The ComfyUI of this machine that is started and stopped here."""

    directory: Path | None = None
    """Its folder; None: where `comfygen service install` puts one, in ``jobs.data_dir``."""
    python: Path | None = None
    """What runs it; None: the Python of a virtual environment in its folder."""
    container: str = ""
    """The Docker container that it is instead; empty: none."""
    arguments: tuple[str, ...] = ()
    """What it is given besides, such as ``--preview-method auto``."""


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Where models are kept, and where they come from."""

    directory: Path | None = None
    """ComfyUI's folder of models; None: that of the ComfyUI of ``service``."""
    manifest: Path | None = None
    """Your models and sets, beside those that ship."""
    huggingface_token: str = field(default="", repr=False)
    """Empty: the one that ``hf auth login`` has kept, if any."""
    civitai_token: str = field(default="", repr=False)
    huggingface_url: str = "https://huggingface.co"
    civitai_url: str = "https://civitai.com"
    connections: int = 4
    """Parts of a file that are fetched at a time."""


@dataclass(frozen=True, slots=True)
class LoggingOptions:
    """What is logged, and where to."""

    level: str = "WARNING"
    file: Path | None = None
    console: bool = True
    """Whether stderr gets it."""
    format: str = "text"
    """``text`` for people, or ``json`` for programs: one object a line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation sets."""

    comfyui: ComfyUIOptions = field(default_factory=ComfyUIOptions)
    websocket: WebSocketOptions = field(default_factory=WebSocketOptions)
    workflow: WorkflowOptions = field(default_factory=WorkflowOptions)
    output: OutputOptions = field(default_factory=OutputOptions)
    batch: BatchOptions = field(default_factory=BatchOptions)
    fleet: FleetOptions = field(default_factory=FleetOptions)
    jobs: JobOptions = field(default_factory=JobOptions)
    webhook: WebhookOptions = field(default_factory=WebhookOptions)
    api: ApiOptions = field(default_factory=ApiOptions)
    cache: CacheOptions = field(default_factory=CacheOptions)
    composition: CompositionOptions = field(default_factory=CompositionOptions)
    policy: PolicyOptions = field(default_factory=PolicyOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tracking: TrackingOptions = field(default_factory=TrackingOptions)
    service: ServiceOptions = field(default_factory=ServiceOptions)
    models: ModelOptions = field(default_factory=ModelOptions)
    mcp: AgentOptions = field(default_factory=AgentOptions)
    dialects: DialectOptions = field(default_factory=DialectOptions)
    logging: LoggingOptions = field(default_factory=LoggingOptions)
    bucket: BucketOptions = field(default_factory=BucketOptions)

    @property
    def engine_url(self) -> str:
        """The engine's address, with the login if it has one: not for messages."""
        return self.comfyui.address

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged."""
        tokens = (self.models.huggingface_token, self.models.civitai_token)
        others = (self.bucket.secret_key, *self.webhook.secret.split(), self.cache.password)
        return tuple(filter(None, (self.api.key, self.api.secret_key, self.mcp.key, *others, *tokens)))

    @property
    def comfyui_dir(self) -> Path:
        """The folder of the ComfyUI of this machine, whether there is one or not."""
        return self.service.directory or self.jobs.data_dir / "comfyui"

    @property
    def instances_dir(self) -> Path:
        """Where it is kept what of the ComfyUIs of this machine runs, with their logs."""
        return self.jobs.data_dir / "instances"

    @property
    def models_dir(self) -> Path:
        """ComfyUI's folder of models on this machine."""
        return self.models.directory or self.comfyui_dir / "models"

    @property
    def keeps_in_bucket(self) -> bool:
        """Whether outputs are kept in the bucket rather than in a folder."""
        has_login = bool(self.bucket.access_key and self.bucket.secret_key)
        return self.jobs.artifacts == "s3" or (self.jobs.artifacts == "auto" and has_login)

    def client_options(self) -> ClientOptions:
        """Return how a client of the engine behaves; what is not set stays as the client has it."""
        # Late: the client brings an HTTP library, and who only reads settings need not wait for it.
        from comfy_gen.comfyui.http import ClientOptions  # noqa: PLC0415

        usual = ClientOptions()
        delay = self.websocket.reconnect_delay
        longest = max(delay, usual.reconnect_delay_max)
        attempts = self.websocket.reconnect_attempts
        return ClientOptions(
            use_websocket=self.websocket.enable,
            read_timeout=min(self.comfyui.timeout or usual.read_timeout, usual.read_timeout),
            reconnect_delay=delay,
            reconnect_delay_max=longest,
            give_up=usual.give_up if attempts is None else _time_of(attempts, delay, longest),
        )


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:  # a service's user may have none
        return Path()


def _time_of(attempts: int, delay: float, longest: float) -> float:
    """Return how many seconds so many attempts take, each delay twice the one before and none beyond the longest."""
    return sum(min(delay * 2**number, longest) for number in range(attempts))
