"""Everything that the service can be asked to do, as its own document has it: a new route is tested with the others."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import quote

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from tests.api.conftest import picture_graph

DOCUMENT = create_app(Settings()).openapi()
SAFE = {"GET", "HEAD", "OPTIONS"}
UNSAID = {"priority": 1}
"""Values for properties without an example."""


class Operation(NamedTuple):
    """A method at a path."""

    method: str
    path: str
    """With the names of its parameters in braces."""
    parameters: frozenset[str] = frozenset()
    """Those of the path."""
    body: object = None
    """One that it takes; None where it takes none."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, **values: str) -> str:
        """Return its path with these values in it."""
        return self.path.format(**{name: quote(value, safe="") for name, value in values.items()})

    @property
    def content(self) -> dict[str, Any]:
        """What a client sends."""
        if self.body is None:
            return {}
        if isinstance(self.body, bytes):
            return {"content": self.body, "headers": {"Content-Type": "application/octet-stream"}}
        return {"content": json.dumps(self.body), "headers": {"Content-Type": "application/json"}}


def operations() -> list[Operation]:
    """Return all of them."""
    return [
        Operation(method.upper(), path, _parameters(said), _body(said))
        for path, methods in DOCUMENT["paths"].items()
        for method, said in methods.items()
    ]


def _parameters(said: dict[str, Any]) -> frozenset[str]:
    return frozenset(one["name"] for one in said.get("parameters", ()) if one["in"] == "path")


def _body(said: dict[str, Any]) -> object:
    content = said.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return b"no picture" if content else None
    kind = content["application/json"]
    if "examples" in kind:
        return picture_graph()
    schema = _schema(kind["schema"])
    if "examples" in schema:
        return schema["examples"][0]
    return {name: UNSAID[name] for name in schema["required"]}


def _schema(said: dict[str, Any]) -> dict[str, Any]:
    for several in ("anyOf", "oneOf"):
        if several in said:
            return _schema(said[several][0])
    if "$ref" in said:
        return DOCUMENT["components"]["schemas"][said["$ref"].rpartition("/")[2]]
    return said


ALL = operations()
