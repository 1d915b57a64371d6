"""The keys of the HTTP service, as they were made and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from comfy_gen.composition.tier import Tier
from comfy_gen.errors import InvalidParameterError, KeyNotFoundError
from comfy_gen.jobs.api_key import ApiKey
from comfy_gen.jobs.sql.rows import fields_of
from comfy_gen.jobs.tables import api_keys
from comfy_gen.workflows.nearest import nearest_names

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from comfy_gen.jobs.sql.change import Change
    from comfy_gen.jobs.sql.rows import AnyRow


def all_keys(connection: Connection) -> list[ApiKey]:
    """Return them, the oldest first."""
    query = select(*api_keys.c).order_by(api_keys.c.created, api_keys.c.key_id)
    return [_key(row) for row in connection.execute(query)]


def add(change: Change, key: ApiKey) -> None:
    """Enter a new key.

    Raises:
        InvalidParameterError: one that is good has the name.
    """
    if any(one.name == key.name and one.revoked is None for one in all_keys(change.connection)):
        raise InvalidParameterError("name", key.name, "that of no other key", "revoke the other one first.")
    change.connection.execute(insert(api_keys).values(_row(key)))


def revoke(change: Change, wanted: str, *, now: float) -> ApiKey:
    """Revoke the key with this id or name; one that was revoked already stays as it is.

    Raises:
        KeyNotFoundError: there is none.
    """
    known = all_keys(change.connection)
    meant = [key for key in known if key.key_id == wanted] or [key for key in known if key.name == wanted]
    if not meant:
        raise KeyNotFoundError(wanted, nearest_names(wanted, [key.name for key in known if key.revoked is None]))
    is_meant = api_keys.c.key_id.in_([key.key_id for key in meant]), api_keys.c.revoked.is_(None)
    change.connection.execute(update(api_keys).where(*is_meant).values(revoked=now))
    return next(key for key in all_keys(change.connection) if key.key_id == meant[-1].key_id)


def _row(key: ApiKey) -> dict[str, Any]:
    names = ("key_id", "name", "owner", "digest", "rate", "max_waiting", "created", "revoked", "tier")
    return {**{name: getattr(key, name) for name in names}, "scopes": sorted(key.scopes)}


def _key(row: AnyRow) -> ApiKey:
    values: dict[str, Any] = {**fields_of(row)}
    values["scopes"] = frozenset(values["scopes"])
    values["tier"] = Tier(values["tier"]) if values["tier"] in set(Tier) else Tier.GENERAL  # of a later version
    return ApiKey(**values)
