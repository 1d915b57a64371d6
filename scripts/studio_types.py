"""Write down what the service says, for the check of the studio's modules: its OpenAPI document, as types.

Needs Node, and the tools of ``tests/studio/package.json``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings

TOOLS = Path(__file__).parents[1] / "tests" / "studio"
TYPES = TOOLS / "generated" / "openapi.d.ts"


def main() -> int:
    """Write the types; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(create_app(Settings()).openapi()), encoding="utf-8")
        TYPES.parent.mkdir(exist_ok=True)
        made = subprocess.run(
            [TOOLS / "node_modules/.bin/openapi-typescript", document, "-o", TYPES],
            capture_output=True,
            text=True,
            check=False,
        )
    if made.returncode:
        sys.stderr.write(made.stderr)
    return made.returncode


if __name__ == "__main__":
    raise SystemExit(main())
