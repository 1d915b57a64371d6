"""MLflow's own client: how it is loaded, and what its errors mean."""

from __future__ import annotations

import importlib
import os
from typing import Any

_USUAL = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # its makers would be told of each call
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT": "30",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # whoever tells tries again, and waits longer each time
}
"""What is set where nobody set it: MLflow takes these from the environment alone."""
_LONGEST = 300
"""Characters of a reason."""


def load() -> Any:
    """Return MLflow's client library. Takes seconds the first time."""
    for name, value in _USUAL.items():
        os.environ.setdefault(name, value)
    return importlib.import_module("mlflow.tracking.client")


def reason_of(error: BaseException, url: str, address: str) -> str:
    """Return in a few words why a call failed, without the login that an address may carry."""
    root = _root(error)
    words = root.strerror if isinstance(root, OSError) and root.strerror else str(root) or type(root).__name__
    return " ".join(words.replace(url.rstrip("/"), address).split())[:_LONGEST]


def _root(error: BaseException) -> BaseException:
    """Return what an error began with: the libraries below MLflow wrap each other's several times."""
    seen: list[BaseException] = [error]
    while (cause := seen[-1].__cause__ or seen[-1].__context__) is not None and cause not in seen:
        seen.append(cause)
    return seen[-1]
