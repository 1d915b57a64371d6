"""What is known of a model: as a manifest names it, and as a source gives it away. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.models.reference import without_login

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One file of weights."""

    file: str
    """As ComfyUI names it: the file's name, perhaps in folders of its own, with forward slashes."""
    folder: str
    """ComfyUI's folder under ``models``: checkpoints, loras, vae …; empty where nobody knows."""
    name: str = ""
    """What people ask for it by, such as ``sdxl-base``; empty: the file's name."""
    title: str = ""
    source: str = ""
    """Where it comes from: ``hf:OWNER/REPOSITORY/FILE``, ``civitai:VERSION`` or a URL; empty where nobody knows."""
    sha256: str = ""
    """In lower case; empty where it is not known."""
    size: int | None = None
    """Bytes."""
    licence: str = ""
    base: str = ""
    """The family that it is made for: sdxl, sd15, flux …"""
    triggers: tuple[str, ...] = ()
    """Words that a prompt needs for it to show."""
    page: str = ""
    """Where its makers tell of it."""

    def as_json(self) -> dict[str, Any]:
        """Return what a program is told of it."""
        return {
            "name": self.name or self.file,
            "file": self.file,
            "folder": self.folder,
            "title": self.title,
            "source": without_login(self.source),
            "sha256": self.sha256,
            "size": self.size,
            "licence": self.licence,
            "base": self.base,
            "triggers": list(self.triggers),
            "page": self.page,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model that a source has, and how its file is asked for."""

    model: Model
    """With what the source says of it: hash, size, licence."""
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Sent to the URL's own host and to no other, for they may hold a login."""
