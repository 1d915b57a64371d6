"""The keys of the configuration: what each may be, and the environment variables that set it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comfy_gen.composition.tier import Tier
from comfy_gen.config import kinds
from comfy_gen.config.faces import DIALECTS
from comfy_gen.config.settings import LEVELS, SERVER_LEVELS, Settings

PREFIX = "COMFYGEN_"


@dataclass(frozen=True, slots=True)
class Key:
    """One value that can be set."""

    section: str
    name: str
    kind: kinds.Kind
    meaning: str
    also: tuple[str, ...] = ()
    """Environment variables that set it beside its own."""
    attribute: str = ""
    """What the section's class calls it, where that is another name."""
    is_secret: bool = False

    @property
    def path(self) -> str:
        """What people call it: ``section.name``."""
        return f"{self.section}.{self.name}"

    @property
    def variables(self) -> tuple[str, ...]:
        """Environment variables that set it; the first that is set counts."""
        return (f"{PREFIX}{self.section}_{self.name}".upper(), *self.also)

    @property
    def default(self) -> Any:
        """What it is where nobody sets it."""
        return getattr(getattr(_DEFAULTS, attribute_of(self.section)), self.attribute or self.name)


_DEFAULTS = Settings()

_KEYS = (
    Key(
        "comfyui",
        "url",
        kinds.or_empty(kinds.url()),
        "the engine's whole address, in place of the next three",
        ("COMFYUI_API_BASE",),
    ),
    Key("comfyui", "protocol", kinds.word("http", "https"), "how the engine is spoken to"),
    Key("comfyui", "host", kinds.host(), "the engine's host"),
    Key("comfyui", "port", kinds.whole(1, 65535), "the engine's port"),
    Key("comfyui", "timeout", kinds.or_nothing(kinds.seconds()), "how long a prompt is waited for"),
    Key("websocket", "enable", kinds.flag(), "listen to the engine's events; otherwise poll"),
    Key(
        "websocket",
        "reconnect_attempts",
        kinds.or_nothing(kinds.whole(1, 10_000)),
        "after so many in vain an engine has lost its prompts",
    ),
    Key("websocket", "reconnect_delay", kinds.seconds(), "seconds before the first attempt; it doubles"),
    Key("workflow", "validate_before_send", kinds.flag(), "check a workflow before it is sent"),
    Key("workflow", "auto_queue", kinds.flag(), "queue a workflow as soon as it is loaded"),
    Key("output", "download_results", kinds.flag(), "fetch what a workflow made"),
    Key("output", "output_dir", kinds.path(), "the folder of results"),
    Key("output", "save_metadata", kinds.flag(), "keep with a result how it was made"),
    Key("batch", "max_concurrent", kinds.whole(1, 10_000), "workflows on the engines at a time"),
    Key("batch", "retry_on_failure", kinds.flag(), "try again what failed"),
    Key("batch", "max_retries", kinds.whole(0, 1_000), "how many times"),
    Key("logging", "level", kinds.word(*LEVELS), "the least that is logged"),
    Key("logging", "file", kinds.or_nothing(kinds.path()), "the log file"),
    Key("logging", "console", kinds.flag(), "log to stderr"),
    Key("logging", "format", kinds.word("text", "json"), "text for people, json for programs"),
    Key("storage", "endpoint_url", kinds.endpoint(), "the bucket's server", ("S3_ENDPOINT_URL", "MINIO_ENDPOINT")),
    Key("storage", "access_key", kinds.text(), "empty: boto3 looks for it", ("S3_ACCESS_KEY_ID", "MINIO_ACCESS_KEY")),
    Key(
        "storage",
        "secret_key",
        kinds.text(),
        "empty: boto3 looks for it",
        ("S3_SECRET_ACCESS_KEY", "MINIO_SECRET_KEY"),
        is_secret=True,
    ),
    Key("storage", "bucket", kinds.text(), "the bucket's name", ("S3_BUCKET_NAME", "MINIO_BUCKET"), attribute="name"),
    Key("storage", "region", kinds.text(), "the bucket's region", ("S3_REGION",)),
    Key(
        "storage",
        "public_url",
        kinds.or_empty(kinds.endpoint()),
        "what readers reach the bucket's server by",
        ("S3_PUBLIC_URL",),
    ),
    Key("fleet", "engines", kinds.text(), "the engines: URL or NAME=URL, separated by blanks", ("COMFYGEN_ENGINES",)),
    Key("fleet", "preload", kinds.words(), "models that engines load at a worker's start: MODEL or ENGINE=MODEL"),
    Key("fleet", "stuck_after", kinds.seconds(), "seconds without progress before an engine may be called stuck"),
    Key("jobs", "data_dir", kinds.path(), "the folder of database, artifacts and fetched assets"),
    Key("jobs", "database", kinds.text(), "postgresql://… or sqlite:///PATH; empty: a file in data_dir"),
    Key("jobs", "max_queue_size", kinds.whole(1), "so many jobs may wait", ("MAX_QUEUE_SIZE",)),
    Key("jobs", "preprocess_workers", kinds.whole(1, 1_000), "jobs prepared at a time", ("PREPROCESS_WORKERS",)),
    Key(
        "jobs",
        "generation_workers",
        kinds.or_nothing(kinds.whole(1, 10_000)),
        "jobs on the engines at a time; null: as many as they take",
        ("GENERATION_WORKERS",),
    ),
    Key("jobs", "postprocess_workers", kinds.whole(1, 1_000), "jobs fetched at a time", ("POSTPROCESS_WORKERS",)),
    Key("jobs", "max_attempts", kinds.whole(1, 100), "failures of engines before a job is quarantined"),
    Key("jobs", "allow_private_urls", kinds.flag(), "fetch from, and call, addresses of private networks"),
    Key("jobs", "artifacts", kinds.word("auto", "local", "s3"), "where outputs are kept; auto: s3 if it has a login"),
    Key(
        "jobs",
        "modifiers_dir",
        kinds.or_nothing(kinds.path()),
        "the folder of your modifiers, whose code is run",
        ("MODIFIERS_DIR",),
    ),
    Key("webhook", "url", kinds.or_empty(kinds.target()), "told of each job that names no other", ("WEBHOOK_URL",)),
    Key("webhook", "timeout", kinds.seconds(), "how long a webhook may take", ("WEBHOOK_TIMEOUT",)),
    Key(
        "webhook",
        "secret",
        kinds.or_empty(kinds.signing()),
        "signs what is sent: whsec_…",
        ("WEBHOOK_SECRET",),
        is_secret=True,
    ),
    Key("api", "host", kinds.host(), "where the HTTP service listens", ("API_HOST",)),
    Key("api", "port", kinds.whole(1, 65535), "and at which port", ("API_PORT",)),
    Key("api", "workers", kinds.whole(1, 64), "processes that serve", ("API_WORKERS",)),
    Key("api", "reload", kinds.flag(), "serve anew when the code changes", ("API_RELOAD",)),
    Key("api", "with_worker", kinds.flag(), "do the jobs too; false: comfygen worker does them"),
    Key("api", "log_level", kinds.word(*SERVER_LEVELS), "the least that the server logs", ("API_LOG_LEVEL",)),
    Key("api", "access", kinds.word("auto", "keys", "open"), "who may ask; auto: this machine, or who has a key"),
    Key("api", "key", kinds.or_empty(kinds.secret()), "a key for everything", is_secret=True),
    Key(
        "api",
        "secret_key",
        kinds.or_empty(kinds.secret()),
        "signs links, seals logins; empty: one is made",
        is_secret=True,
    ),
    Key("api", "allowed_hosts", kinds.words(), "names that the service is reached by"),
    Key("api", "cors_origins", kinds.words(), "other sites whose pages may ask"),
    Key("api", "public_url", kinds.or_empty(kinds.endpoint()), "what links to artifacts begin with"),
    Key("api", "rate", kinds.rate(), "requests by each key"),
    Key("api", "max_waiting", kinds.or_nothing(kinds.whole(1)), "so many jobs of one key may wait"),
    Key("api", "max_body", kinds.whole(1_024), "bytes of a request"),
    Key("api", "max_uploads", kinds.or_nothing(kinds.whole(1)), "bytes of all uploads together; null: any number"),
    Key("api", "max_nodes", kinds.whole(1), "nodes of a workflow"),
    Key("api", "allowed_nodes", kinds.words(), "node classes that workflows may use; none: all"),
    Key("api", "denied_nodes", kinds.words(), "node classes that they may not use"),
    Key("api", "link_lifetime", kinds.seconds(), "how long a link to an artifact is good"),
    Key("cache", "kind", kinds.word("memory", "redis"), "where results are cached", ("API_CACHE",)),
    Key("cache", "host", kinds.host(), "of Redis", ("REDIS_HOST",)),
    Key("cache", "port", kinds.whole(1, 65535), "of Redis", ("REDIS_PORT",)),
    Key("cache", "db", kinds.whole(0, 65535), "of Redis", ("REDIS_DB",)),
    Key("cache", "password", kinds.text(), "of Redis", ("REDIS_PASSWORD",), is_secret=True),
    Key("cache", "ttl", kinds.seconds(), "seconds that something is cached"),
    Key("composition", "categories_dir", kinds.or_nothing(kinds.path()), "the folder of your categories"),
    Key("composition", "wildcards_dir", kinds.or_nothing(kinds.path()), "the folder of your wildcards"),
    Key("composition", "models", kinds.words(), "what your engines call models that recipes name: NAME=FILE"),
    Key("composition", "max_lora_strength", kinds.number(0, 20), "of all LoRAs of a recipe together"),
    Key("policy", "tier", kinds.word(*Tier), "what a request may show that does not say"),
    Key("policy", "max_tier", kinds.word(*Tier), "the most that any request may show"),
    Key("policy", "check_pictures", kinds.word("auto", "yes", "no"), "look at pictures of the general tier"),
    Key("policy", "threshold", kinds.number(0, 1), "the score from which they are withheld"),
    Key("quality", "model", kinds.text(), "compares pictures with prompts: CLIP or SigLIP, a name, a folder, or none"),
    Key("quality", "device", kinds.word("auto", "cpu", "cuda", "mps"), "what it runs on"),
    Key("quality", "batch_size", kinds.whole(1, 256), "pictures that it is given at a time"),
    Key("quality", "offline", kinds.flag(), "fetch nothing: the model is here"),
    Key(
        "tracking",
        "url",
        kinds.or_empty(kinds.text()),
        "the MLflow server that is told of each generation",
        ("MLFLOW_TRACKING_URI",),
    ),
    Key("tracking", "experiment", kinds.text(), "what it files them under", ("MLFLOW_EXPERIMENT_NAME",)),
    Key(
        "service", "directory", kinds.or_nothing(kinds.path()), "the folder of this machine's ComfyUI", ("COMFYUI_DIR",)
    ),
    Key("service", "python", kinds.or_nothing(kinds.path()), "the Python that runs it", ("COMFYUI_PYTHON",)),
    Key("service", "container", kinds.text(), "the Docker container that it is instead", ("COMFYUI_CONTAINER",)),
    Key("service", "arguments", kinds.words(), "what it is given besides, such as --preview-method auto"),
    Key("models", "directory", kinds.or_nothing(kinds.path()), "ComfyUI's folder of models"),
    Key("models", "manifest", kinds.or_nothing(kinds.path()), "your models and sets of models, a YAML file"),
    Key(
        "models",
        "huggingface_token",
        kinds.text(),
        "for models not open to all",
        ("HF_TOKEN",),
        is_secret=True,
    ),
    Key(
        "models",
        "civitai_token",
        kinds.text(),
        "for models not open to all",
        ("CIVITAI_TOKEN",),
        is_secret=True,
    ),
    Key("models", "huggingface_url", kinds.endpoint(), "Hugging Face, or a mirror of it", ("HF_ENDPOINT",)),
    Key("models", "civitai_url", kinds.endpoint(), "Civitai, or a mirror of it"),
    Key("models", "connections", kinds.whole(1, 16), "parts of a file fetched at a time"),
    Key("mcp", "url", kinds.or_empty(kinds.url()), "the service that `comfygen mcp` asks; none: it has its own queue"),
    Key("mcp", "key", kinds.text(), "a key of that service", is_secret=True),
    Key("mcp", "folders", kinds.paths(), "where agents may have pictures saved"),
    Key("mcp", "image_budget", kinds.whole(10_000, 10_000_000), "bytes of each picture that an agent is shown"),
    Key("mcp", "patience", kinds.number(1, 45), "seconds that one call of an agent waits for a job"),
    Key("mcp", "workflow_tools", kinds.flag(), "each saved workflow is a tool of its own"),
    Key("dialects", "enabled", kinds.several(*DIALECTS), "other services' APIs that are spoken, too"),
    Key("dialects", "comfyui_path", kinds.mount(), "what begins the paths of a ComfyUI's own API"),
    Key(
        "dialects",
        "comfyui_port",
        kinds.or_nothing(kinds.whole(1, 65535)),
        "where that is served without it, as by a ComfyUI",
    ),
    Key("dialects", "openai_models", kinds.words(), "what models mean that OpenAI's clients name: NAME=WORKFLOW"),
)

KEYS = {key.path: key for key in _KEYS}
"""All keys by their path, in the order people read them."""

SECRETS = frozenset(variable for key in _KEYS if key.is_secret for variable in key.variables)
"""Environment variables that no other program is to see."""

SECTIONS = tuple(dict.fromkeys(key.section for key in _KEYS))


def attribute_of(section: str) -> str:
    """Return what `Settings` calls a section."""
    return "bucket" if section == "storage" else section
