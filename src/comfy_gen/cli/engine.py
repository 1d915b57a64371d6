"""The engine that a command talks to: the one named, or that of the settings."""

from __future__ import annotations

from comfy_gen.comfyui.aio import AsyncComfyUIClient
from comfy_gen.config import read_settings


def open_engine(url: str | None) -> AsyncComfyUIClient:
    """Return a client, to be used as a context manager, that behaves as the settings say.

    Raises:
        ConfigFileError: the settings are wrong.
        InvalidParameterError: the address is.
    """
    settings = read_settings()
    return AsyncComfyUIClient(url=url or settings.engine_url, options=settings.client_options())
