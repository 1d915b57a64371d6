"""What a ComfyUI gets beside a workflow: the editor's own graph, and keys of paid nodes, which nobody may read here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.storage.seal import Seal

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS = ("api_key_comfy_org", "auth_token_comfy_org")
"""What ComfyUI itself keeps out of its history, too."""
SEALED = "sealed"
"""What they are kept under."""
_PURPOSE = b"comfygen extra data"
_FEATURE = "a key for paid nodes in a request"


class SealedExtra:
    """Keeps the secrets of extra data from whoever reads the database."""

    def __init__(self, secret: str) -> None:
        self._seal = Seal(secret, _PURPOSE)

    def sealed(self, extra: Mapping[str, Any]) -> dict[str, Any]:
        """Return extra data as it may be kept.

        Raises:
            MissingExtraError: it has a secret, and ``cryptography`` is not installed.
        """
        kept = {name: value for name, value in extra.items() if name not in {*SECRETS, SEALED}}
        secrets = {name: extra[name] for name in SECRETS if extra.get(name)}
        return {**kept, SEALED: self._seal.seal_data(secrets, feature=_FEATURE)} if secrets else kept

    def opened(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Return the extra data of which this was kept.

        Raises:
            SealError: it was sealed with another secret, or changed since.
            MissingExtraError: ``cryptography`` is not installed.
        """
        extra = {name: value for name, value in kept.items() if name != SEALED}
        if SEALED not in kept:
            return extra
        return extra | self._seal.open_data(kept[SEALED], what="the key for paid nodes", feature=_FEATURE)
