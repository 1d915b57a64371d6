"""What the worst texts cost that the HTTP service reads: nested, endless, misspelt, disguised, as long as they may be.

Each is sent to be previewed, composed, and generated as a prompt and as a text in a workflow. What counts is the time
that the service's process computes for an answer: nobody else is answered meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _engine import arguments, engine, verdict
from _serving import Connection, served

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_INPUT, LONGEST_PROMPT = 10_000, 100_000
BAR = 1.0
"""Seconds, for any of them."""
SHOWN = 10
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
    sampling = {"seed": 1, "steps": 1, "cfg": 1, "sampler_name": "euler", "scheduler": "normal", "denoise": 1}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    return {
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": text, "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
        "3": {"class_type": "KSampler", "inputs": {**sampling, **links}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "x"}},
    }


def computed(pid: int) -> float:
    """Return the seconds that a process has computed; Linux tells in hundredths."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(port: int, pid: int) -> list[tuple[float, str, str, int]]:
    """Return what each cost, the dearest first, with the status of its answer."""
    connection = await Connection.open(port)
    await connection.post("/queue/pause", {})  # what is accepted stays where it is
    await connection.post("/compose", {"input": "a fxo in the snow", "dry_run": True})  # all that is read once is read
    found: list[tuple[float, str, str, int]] = []
    for name, path, body in bodies():
        before = computed(pid)
        status, _ = await connection.post(path, body)
        found.append((computed(pid) - before, name, path, status))
    connection.close()
    return sorted(found, reverse=True)


def main() -> int:
    """Print the figures; 1 if the bar is missed, or an answer is a bug's."""
    asked = arguments((__doc__ or "").splitlines()[0]).parse_args()
    with engine(asked.engine) as address, served(address, "--host", "127.0.0.1") as service:
        found = asyncio.run(measure(service.port, service.pid))
    for seconds, name, path, status in found[:SHOWN]:
        print(f"  {seconds:.2f} s  {path}  {name}: {status}")
    bugs = [one for one in found if one[3] >= 500]
    is_good = found[0][0] <= BAR and not bugs
    print(f"{len(found)} texts, the dearest {found[0][0]:.2f} s; {BAR:g} s at most, no bugs: {verdict(is_good)}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
