"""The databases that tests of the library run on."""

from __future__ import annotations

from tests.contracts.job_stores import database_url, desk, store_url

__all__ = ["database_url", "desk", "store_url"]
