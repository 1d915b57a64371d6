"""Makes ``docs/images/studio.png``: the studio over a sandbox that has painted four pictures."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from comfy_gen.sandbox import SandboxOptions  # noqa: E402  # after the path
from tests.background import BackgroundSandbox  # noqa: E402
from tests.served import ServedProcess, environment_of  # noqa: E402
from tests.studio.browser import chromium, studio  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "studio.png"
PROMPTS = (
    "a quiet town at night, neon lights after the rain",
    "a wooden cabin in a pine forest, first snow",
    "a harbour with fishing boats on a summer morning",
    "a pine forest by a lake at golden hour, watercolor",
)
COLOURS = 256
"""In the picture that is kept: a third of the bytes, and nobody sees it."""


def main() -> None:
    """Have the pictures made in the studio, and keep what it shows."""
    with tempfile.TemporaryDirectory() as folder, BackgroundSandbox(SandboxOptions(step_time=0.001)) as engine:
        environment = environment_of(engine.url, Path(folder), COMFYGEN_QUALITY_MODEL="none")
        with ServedProcess(Path(folder), environment) as service:
            PICTURE.parent.mkdir(exist_ok=True)
            PICTURE.write_bytes(_reduced(_shown(service.url)))
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size // 1000} kB")


def _shown(url: str) -> bytes:
    with chromium() as browser, studio(browser, url, scheme="dark") as opened:
        page = opened.open("create")
        for number, prompt in enumerate(PROMPTS):
            page.get_by_role("textbox", name="Prompt", exact=True).fill(prompt)
            page.get_by_role("button", name="Generate").click()
            page.get_by_text("Done in").nth(number).wait_for()
        page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        return page.screenshot(animations="disabled")


def _reduced(content: bytes) -> bytes:
    reduced = io.BytesIO()
    Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, kmeans=2).save(reduced, "PNG", optimize=True)
    return reduced.getvalue()


if __name__ == "__main__":
    main()
