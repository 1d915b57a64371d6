"""What the worst texts cost that the HTTP service reads: nested, endless, misspelt, disguised, as long as they may be.

Each is sent to be previewed, composed, and generated as a prompt and as a text in a workflow. What counts is the time
that the service's process computes for an answer: nobody else is answered meanwhile.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from benchmarks.finding import Bar, Finding
from benchmarks.parts.connection import Connection
from benchmarks.parts.engines import sandboxes
from benchmarks.parts.graphs import sampled
from benchmarks.parts.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.conditions import Conditions
    from benchmarks.parts.serving import Served

LONGEST_INPUT, LONGEST_PROMPT = 10_000, 100_000
DEAREST = 1.0
"""Seconds, for any of them."""
UNITS = {
    "words": "portrait of a woman in the city ",
    "typos": "portrat citty sunst womn ",
    "tags": "@portrait ",
    "at signs": "@",
    "variants": "{a|b}",
    "braces that open": "{a|",
    "amounts": "{9$$a|b|c}",
    "weights": "(a:1.2)",
    "parentheses that open": "(",
    "half weights": "(a:1.",
    "brackets": "[",
    "LoRAs that open": "<lora:",
    "wildcards that open": "__a",
    "backslashes": "\\",
    "negations": "no not without never ",
    "what is not wanted": "no people, ",
    "ages": "12 year old ",
    "separated": "n u d e ",
    "points between": "n.u.d.e ",
    "look-alikes": "nud\N{CYRILLIC SMALL LETTER IE} ",
    "digits for letters": "nud3 ",
    "one word": "x",
    "marks on a letter": "n\u0301\u0302",
    "letters that unfold": "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}",
    "nothing to see": "n\N{ZERO WIDTH SPACE}",
}


def measure(_: Conditions) -> Iterator[Finding]:
    """Yield the seconds of each; there are no fewer of them when it is to be quick."""
    with sandboxes(1) as (engine,), served(engine) as service:
        found = asyncio.run(costs(service))
    bars = [Bar(path, DEAREST, "worst") for path in found]
    yield Finding("computed for an answer", "s", found, bars=bars, note="Linux tells it in hundredths of a second.")


def texts(length: int) -> Iterator[tuple[str, str]]:
    """Yield each text with its name."""
    for name, unit in UNITS.items():
        yield name, (unit * (length // len(unit) + 1))[:length]
    yield "nested variants", "{a|" * (length // 4) + "}" * (length // 4)
    yield "nested parentheses", "(" * (length // 2) + ")" * (length // 2)
    yield "tags that there are not", " ".join(f"@t{number:x}" for number in range(length // 8))
    yield "words that there are not", " ".join(f"w{number:x}q" for number in range(length // 8))


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what is sent: the name of its text, the path, and the body."""
    for name, text in texts(LONGEST_INPUT):
        yield name, "/compose/preview", {"input": text}
        yield name, "/compose", {"input": text, "dry_run": True}
        yield name, "/compose", {"input": f"@cat {text}"[:LONGEST_INPUT], "dry_run": True, "policy_tier": "explicit"}
    for name, text in texts(LONGEST_PROMPT):
        yield name, "/generate", {"prompt": text, "workflow": "sd15", "policy_tier": "explicit"}
        yield name, "/generate", {"input": {"workflow_json": graph(text)}}


def graph(text: str) -> dict[str, Any]:
    """Return a workflow with a text that says what to paint."""
    made = sampled()
    made["2"]["inputs"]["text"] = text
    return made


async def costs(service: Served) -> dict[str, list[float]]:
    """Return the seconds that each answer cost, by path.

    Raises:
        RuntimeError: an answer was a bug's.
    """
    connection = await Connection.open(service.port)
    await connection.wanted(200, "POST", "/queue/pause")  # what is accepted stays where it is
    await connection.wanted(200, "POST", "/compose", {"input": "a fxo in the snow", "dry_run": True})  # all is read
    found: dict[str, list[float]] = {}
    for name, path, body in bodies():
        before = service.computed()
        status, answer = await connection.ask("POST", path, json.dumps(body).encode())
        found.setdefault(path, []).append(service.computed() - before)
        if status >= 500:
            raise RuntimeError(f"{path}, {name}: {status} {answer!r}")
    connection.close()
    return found
