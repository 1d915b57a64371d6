"""Builds what keeps, finds and fetches models, from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.models.download import DownloadOptions
from comfy_gen.models.fetching import Fetcher
from comfy_gen.models.folder import ModelFolder
from comfy_gen.models.registry import FILE_NAME, Registry

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.config import Settings
    from comfy_gen.models.sources import Sources


@dataclass(frozen=True, slots=True)
class LocalModels:
    """The models on this machine, and what is known of them."""

    folder: ModelFolder
    registry: Registry


def open_models(settings: Settings, root: Path | None = None) -> LocalModels:
    """Return the models on this machine; those in ``root`` where one is given."""
    folder = ModelFolder(root or settings.models_dir)
    return LocalModels(folder, Registry(folder.root / FILE_NAME))


def build_sources(settings: Settings, *, allow_private: bool = False) -> Sources:
    """Return where models come from."""
    from comfy_gen.models.sources import Sources  # noqa: PLC0415  # heavy: who only looks need not wait

    options = settings.models
    return Sources(
        huggingface_url=options.huggingface_url,
        huggingface_token=options.huggingface_token,
        civitai_url=options.civitai_url,
        civitai_token=options.civitai_token,
        allow_private=allow_private,
    )


def build_fetcher(
    settings: Settings, root: Path | None = None, *, allow_pickle: bool = False, allow_private: bool = False
) -> Fetcher:
    """Return what fetches models into the folders of this machine, or of ``root``.

    From private networks where somebody says so now, or the settings do.
    """
    local = open_models(settings, root)
    allow_private = allow_private or settings.jobs.allow_private_urls
    options = DownloadOptions(
        connections=settings.models.connections, allow_pickle=allow_pickle, allow_private=allow_private
    )
    return Fetcher(local.folder, local.registry, build_sources(settings, allow_private=allow_private), options)
