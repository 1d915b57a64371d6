"""The page of the HTTP service: every route, with what it takes and what it answers."""

from __future__ import annotations

from http import HTTPStatus
from itertools import starmap
from typing import TYPE_CHECKING, Any

from comfy_gen.api.dialects.spoken import dialects_of
from comfy_gen.api.documented import EVERYWHERE, MEANINGS
from comfy_gen.api.problems import status_of
from comfy_gen.config import DialectOptions
from scripts.reference.document import routes, spoken
from scripts.reference.errors import PLAIN
from scripts.reference.page import code, codes, link, page, paragraphs, sentence, table, told
from scripts.reference.schema import OBJECTS, OR_NULL, meaning_of, words_of
from tests.error_examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from comfy_gen.api.dialects.dialect import Dialect
    from scripts.reference.document import Route

HEAD = f"""\
The document of these routes is at `/openapi.json`, and `/docs` lets one try them. A key is sent as `Authorization:
Bearer KEY`, `X-API-Key: KEY`, or the password of HTTP's Basic; [how keys are made](../http-api.md#access) says what the
scopes `read`, `generate` and `admin` open. The objects that routes take and answer have [a page]({OBJECTS})."""

EVERY_ROUTE = f"""\
Every route may answer with {codes(EVERYWHERE)} when something is wrong;
others are named with the route. What is wrong is told as a [Problem]({OBJECTS}#problem), and has one of
[these codes](errors.md)."""

SPOKEN = """\
Programs for other services are answered [in their own words](../dialects.md), on these routes. Those that are there
with a long and a short path stand here with the long one."""


def render() -> str:
    """Return the page."""
    tags = dict.fromkeys(one.tag for one in routes())
    return page(
        "HTTP routes",
        HEAD,
        *(table([tag, "scope", "what it does"], map(_line, _of(tag))) for tag in tags),
        "## Statuses",
        EVERY_ROUTE,
        table(["status", "meaning", "codes"], map(_status, MEANINGS.items())),
        *(part for tag in tags for part in (f"## About {tag}", *map(_route, _of(tag)))),
        "## Dialects",
        SPOKEN,
        *(part for dialect in dialects_of(DialectOptions()) for part in _dialect(dialect)),
    )


def _of(tag: str) -> Sequence[Route]:
    return [one for one in routes() if one.tag == tag]


def _line(route: Route) -> tuple[str, str, str]:
    return link(code(route.name), route.name), route.scope, told(route.name, route.facts.get("summary"))


def _status(meaning: tuple[int, str]) -> tuple[str, str, str]:
    status, said = meaning
    classes = {one.code for one in EXAMPLES.values() if status_of(one) == status}
    plain = {name for name, (its, _) in PLAIN.items() if its == status}
    found = codes(sorted(classes | plain))
    return code(status), said, "all of [these](errors.md) that have it" if status == 422 else found


def _route(route: Route) -> str:
    return "\n\n".join(filter(None, _parts_of(route)))


def _parts_of(route: Route) -> Iterator[str]:
    facts = route.facts
    yield f"### {route.name}"
    yield paragraphs(facts["description"])
    yield f"Needs the scope `{route.scope}`." if route.scope else "Needs no key."
    yield table(["parameter", "in", "value", "meaning"], map(_parameter, facts.get("parameters", ())))
    yield from map(_body, facts.get("requestBody", {}).get("content", {}).items())
    good = {int(status): one for status, one in facts["responses"].items() if int(status) < 400}
    yield table(["answer", "what", "meaning"], [_answer(status, good[status]) for status in sorted(good)])
    if refusals := sorted({int(one) for one in facts["responses"]} - good.keys() - {*EVERYWHERE}):
        yield f"Also refuses with {codes(refusals)}."


def _parameter(facts: Mapping[str, Any]) -> tuple[str, str, str, str]:
    kind = words_of(facts["schema"]).removesuffix(OR_NULL)
    must = ", required" if facts["required"] and facts["in"] != "path" else ""
    meaning = meaning_of({**facts["schema"], "description": told(facts["name"], facts.get("description"))})
    return code(facts["name"]), facts["in"], f"{kind}{must}", meaning


def _body(body: tuple[str, Mapping[str, Any]]) -> str:
    media_type, facts = body
    schema: Mapping[str, Any] = facts.get("schema", {})
    fields = [f"{code(name)} ({words_of(one)})" for name, one in schema.get("properties", {}).items()]
    return f"Body, {code(media_type)}: {', '.join(fields) or words_of(schema)}."


def _answer(status: int, facts: Mapping[str, Any]) -> tuple[str, str, str]:
    said = facts["description"]
    usual = {200: ""}.get(status, HTTPStatus(status).phrase) if said == "Successful Response" else said
    kinds = [f"{_kind_of(one)}{_media(media_type)}" for media_type, one in facts.get("content", {}).items()]
    return code(status), ", or ".join(kinds), sentence(usual)


def _kind_of(facts: Mapping[str, Any]) -> str:
    return words_of(facts["schema"]) if facts.get("schema") else ""


def _media(media_type: str) -> str:
    return "" if media_type == "application/json" else f" {code(media_type)}"


def _dialect(dialect: Dialect) -> tuple[str, str]:
    return f"### Dialect {dialect.name}", table(["route", "what it does"], starmap(_spoken, spoken(dialect).items()))


def _spoken(route: tuple[str, str], methods: Sequence[str]) -> tuple[str, str]:
    path, said = route
    first = told(path, said.partition("\n")[0].partition(". ")[0])
    return code(f"{', '.join(sorted(methods))} {path}"), sentence(first)
