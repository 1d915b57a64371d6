"""What may be shown of what a job was asked to do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_gen.config.masks import masked
from comfy_gen.jobs.extra_data import SEALED

if TYPE_CHECKING:
    from comfy_gen.jobs.request import JobRequest


def request_json(request: JobRequest) -> dict[str, Any]:
    """Return what a job was asked to do, without its secrets: logins, keys, those in the webhook's address."""
    facts = request.as_json()
    if request.webhook is not None:
        facts["webhook"] |= {"url": masked(request.webhook.url)}
    if request.destination is not None:  # sealed as it is, it is nobody's business
        del facts["destination"]["sealed"]
    if request.extra_data:
        facts["extra_data"] = {name: value for name, value in request.extra_data.items() if name != SEALED}
    return facts
