from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import psycopg
import pytest

from comfy_gen.jobs.dispatch.installing import _scripts, install

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOTE = "SELECT obj_description('procrastinate_jobs'::regclass, 'pg_class')"


@pytest.fixture
def connection(postgres_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_url) as opened:
        yield opened


def test_tables_are_made_once(connection: psycopg.Connection):
    install(connection)
    install(connection)
    assert connection.execute(_NOTE).fetchone() == (f"for comfygen, procrastinate {version('procrastinate')}",)


def test_failed_start_leaves_nothing(connection: psycopg.Connection):
    install(connection)
    connection.rollback()
    assert connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,)


def test_tables_of_another_program_get_our_indexes_alone(connection: psycopg.Connection):
    install(connection)
    connection.execute("COMMENT ON TABLE procrastinate_jobs IS NULL")
    connection.execute("DROP INDEX comfygen_rows")
    install(connection)
    assert connection.execute("SELECT to_regclass('comfygen_rows')").fetchone() != (None,)


def test_tables_of_an_older_version_get_what_came_since():
    before, *_ = scripts = list(_scripts("3.3.0", "3.10.0"))
    assert len(scripts) == 2
    assert "procrastinate_retry_job_v2" in before


def test_tables_of_a_version_with_the_same_schema_get_nothing():
    assert list(_scripts("3.9.1", "3.10.0")) == []
