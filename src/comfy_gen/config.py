"""The one reader of the environment: what an installation sets, as one frozen value.

============================  =====================================================  ===========================
variable                      what it sets                                           default
============================  =====================================================  ===========================
``COMFYUI_API_BASE``          the engine's address                                   ``http://127.0.0.1:8188``
``S3_ENDPOINT_URL``           the bucket's server; also ``MINIO_ENDPOINT``           ``http://127.0.0.1:9000``
``S3_ACCESS_KEY_ID``          also ``MINIO_ACCESS_KEY``                              found by boto3 itself
``S3_SECRET_ACCESS_KEY``      also ``MINIO_SECRET_KEY``                              found by boto3 itself
``S3_BUCKET_NAME``            also ``MINIO_BUCKET``                                  ``comfy-gen``
``S3_REGION``                 the region                                             ``us-east-1``
``S3_PUBLIC_URL``             what people reach the bucket's server by, if another   the endpoint
============================  =====================================================  ===========================
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comfy_gen.storage.s3 import BucketOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_ENGINE = "http://127.0.0.1:8188"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation sets."""

    engine_url: str = DEFAULT_ENGINE
    bucket: BucketOptions = field(default_factory=BucketOptions)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings; a variable that is empty counts as not set."""
    return Settings(engine_url=_first(environ, "COMFYUI_API_BASE") or DEFAULT_ENGINE, bucket=_bucket(environ))


def _bucket(environ: Mapping[str, str]) -> BucketOptions:
    given = {
        "endpoint_url": _address(_first(environ, "S3_ENDPOINT_URL", "MINIO_ENDPOINT")),
        "access_key": _first(environ, "S3_ACCESS_KEY_ID", "MINIO_ACCESS_KEY"),
        "secret_key": _first(environ, "S3_SECRET_ACCESS_KEY", "MINIO_SECRET_KEY"),
        "name": _first(environ, "S3_BUCKET_NAME", "MINIO_BUCKET"),
        "region": _first(environ, "S3_REGION"),
        "public_url": _first(environ, "S3_PUBLIC_URL"),
    }
    return BucketOptions(**{name: value for name, value in given.items() if value})


def _first(environ: Mapping[str, str], *names: str) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def _address(endpoint: str) -> str:
    """Complete ``host:port``, as MinIO's own tools are given it."""
    return endpoint if not endpoint or "://" in endpoint else f"http://{endpoint}"
