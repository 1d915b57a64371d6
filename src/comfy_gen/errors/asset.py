"""Assets: files that somebody sent for workflows to work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from comfy_gen.errors.base import ComfyGenError, ConfigurationError, listing

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(eq=False)
class MissingAssetError(ConfigurationError):
    """A workflow names assets that it cannot work on."""

    missing: Mapping[str, str]
    """Why, of each that it names."""
    code: ClassVar[str] = "missing_asset"

    @property
    def message(self) -> str:
        said = [f"{ascii(name)[1:-1]} ({why})" for name, why in self.missing.items()]
        return f"the workflow names what it cannot work on: {listing(said)}"

    @property
    def hint(self) -> str:
        return "send the files as assets, and name them by the ids that they get."


@dataclass(eq=False)
class HashMismatchError(ComfyGenError):
    """What arrived is not what was said to be sent."""

    declared: str
    computed: str
    code: ClassVar[str] = "hash_mismatch"

    @property
    def message(self) -> str:
        return f"the content that arrived has the hash {self.computed}, not {self.declared}"

    @property
    def hint(self) -> str:
        return "send it again: nothing of it was kept."


@dataclass(eq=False)
class BlobNotFoundError(ComfyGenError):
    """Who asks has sent no content of this hash."""

    hash: str
    code: ClassVar[str] = "blob_not_found"

    @property
    def message(self) -> str:
        return f"no content of yours has the hash {ascii(self.hash)[1:-1]}"

    @property
    def hint(self) -> str:
        return "send the content itself: a hash alone proves nothing."


@dataclass(eq=False)
class AssetInUseError(ComfyGenError):
    """An asset is needed, and so cannot be deleted."""

    asset_id: str
    code: ClassVar[str] = "asset_in_use"

    @property
    def message(self) -> str:
        return f"the asset {self.asset_id} is still needed"

    @property
    def hint(self) -> str:
        return "a job's output goes with its job; what a job works on can be deleted once that has ended."
