"""Where a copy of a job's outputs goes, because its request says so. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Destination:
    """A bucket that a request named, with the login to it sealed: it is kept with the job, and nobody can read it."""

    endpoint_url: str
    bucket: str
    region: str
    sealed: str = field(repr=False)
    """Both parts of the login, as `storage.seal` writes them."""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "endpoint_url": self.endpoint_url,
            "bucket": self.bucket,
            "region": self.region,
            "sealed": self.sealed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Destination:
        """Return what `as_json` made this of."""
        return cls(data["endpoint_url"], data["bucket"], data["region"], data["sealed"])
