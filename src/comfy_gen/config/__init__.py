"""The configuration: what an installation sets, as one frozen value.

    settings = read_settings()  # defaults < config.yaml < environment < flags
    client = ComfyUIClient(url=settings.engine_url, options=settings.client_options())

``config.yaml`` is read from the working folder, or from where ``COMFYGEN_CONFIG`` or ``file=`` says. Each of its values
has an environment variable, ``COMFYGEN_<SECTION>_<KEY>``; some have the names that other tools use, too:

============================  =====================================================
variable                      what it sets
============================  =====================================================
``COMFYUI_API_BASE``          ``comfyui.url``
``COMFYGEN_ENGINES``          ``fleet.engines``
``MAX_QUEUE_SIZE``            ``jobs.max_queue_size``
``PREPROCESS_WORKERS``        ``jobs.preprocess_workers``
``GENERATION_WORKERS``        ``jobs.generation_workers``
``POSTPROCESS_WORKERS``       ``jobs.postprocess_workers``
``WEBHOOK_URL``               ``webhook.url``
``WEBHOOK_TIMEOUT``           ``webhook.timeout``
``WEBHOOK_SECRET``            ``webhook.secret``
``MODIFIERS_DIR``             ``jobs.modifiers_dir``
``API_HOST``                  ``api.host``
``API_PORT``                  ``api.port``
``API_WORKERS``               ``api.workers``
``API_RELOAD``                ``api.reload``
``API_LOG_LEVEL``             ``api.log_level``
``API_CACHE``                 ``cache.kind``
``REDIS_HOST``                ``cache.host``
``REDIS_PORT``                ``cache.port``
``REDIS_DB``                  ``cache.db``
``REDIS_PASSWORD``            ``cache.password``
``S3_ENDPOINT_URL``           ``storage.endpoint_url``; also ``MINIO_ENDPOINT``
``S3_ACCESS_KEY_ID``          ``storage.access_key``; also ``MINIO_ACCESS_KEY``
``S3_SECRET_ACCESS_KEY``      ``storage.secret_key``; also ``MINIO_SECRET_KEY``
``S3_BUCKET_NAME``            ``storage.bucket``; also ``MINIO_BUCKET``
``S3_REGION``                 ``storage.region``
``S3_PUBLIC_URL``             ``storage.public_url``
``MLFLOW_TRACKING_URI``       ``tracking.url``
``MLFLOW_EXPERIMENT_NAME``    ``tracking.experiment``
``COMFYUI_DIR``               ``service.directory``
``COMFYUI_PYTHON``            ``service.python``
``COMFYUI_CONTAINER``         ``service.container``
``HF_TOKEN``                  ``models.huggingface_token``
``HF_ENDPOINT``               ``models.huggingface_url``
``CIVITAI_TOKEN``             ``models.civitai_token``
============================  =====================================================

`keys.KEYS` is the list of all values. What is wrong anywhere is told at once, with its line, and nothing is used.
"""

from comfy_gen.config.faces import AgentOptions, ApiOptions, DialectOptions
from comfy_gen.config.log import configure_logging
from comfy_gen.config.masks import masked, masked_address
from comfy_gen.config.read import Configuration, find_file, read_configuration, read_settings, use_file
from comfy_gen.config.settings import (
    DEFAULT_ENGINE,
    BatchOptions,
    CacheOptions,
    ComfyUIOptions,
    CompositionOptions,
    FleetOptions,
    JobOptions,
    LoggingOptions,
    ModelOptions,
    OutputOptions,
    PolicyOptions,
    QualityOptions,
    ServiceOptions,
    Settings,
    TrackingOptions,
    WebhookOptions,
    WebSocketOptions,
    WorkflowOptions,
)

__all__ = [
    "DEFAULT_ENGINE",
    "AgentOptions",
    "ApiOptions",
    "BatchOptions",
    "CacheOptions",
    "ComfyUIOptions",
    "CompositionOptions",
    "Configuration",
    "DialectOptions",
    "FleetOptions",
    "JobOptions",
    "LoggingOptions",
    "ModelOptions",
    "OutputOptions",
    "PolicyOptions",
    "QualityOptions",
    "ServiceOptions",
    "Settings",
    "TrackingOptions",
    "WebSocketOptions",
    "WebhookOptions",
    "WorkflowOptions",
    "configure_logging",
    "find_file",
    "masked",
    "masked_address",
    "read_configuration",
    "read_settings",
    "use_file",
]
