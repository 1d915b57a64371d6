"""What tests of composing ask again and again."""

from __future__ import annotations


async def dry(served, text, client=None, headers=None, **said):
    """Compose without a job, and return the answer."""
    body = {"input": text, "dry_run": True, **said}
    return await (client or served.client).post("/compose", json=body, headers=headers)


def refused(answer):
    """Return the status and the code of an answer that is an error."""
    return answer.status_code, answer.json()["error"]["code"]
