"""The service in this process, for the tests of what it withstands."""

from tests.api.conftest import serve, served

__all__ = ["serve", "served"]
