"""Examples in Python, each run in this process: a hundred of them would wait for a hundred interpreters."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from comfy_gen import generate

if TYPE_CHECKING:
    from collections.abc import Generator

    from scripts.mission.index import Example
    from tests.mission.stage import Stage


def run_program(example: Example, text: str, stage: Stage) -> str:
    """Run a program to its end, and return what it printed."""
    if "upload_to_minio" in text:
        stage.with_bucket()
    if 'upload_to_minio("/tmp' in text:
        (stage.folder / "output.png").touch()
    shared = stage.document["3-wrapper/synchronous-request"].split("\n\n")[1] if "json=payload" in text else ""
    stage.hurry()
    with _functions(stage):
        return executed(f"{shared}\n{here(text, stage)}", example.name, stage)


def run_judging(example: Example, text: str, stage: Stage) -> str:
    """Run a program that judges pictures, where the model that it names is one that knows them."""
    name = stage.folder / "openai" / "clip-vit-base-patch32"
    name.parent.mkdir()
    name.symlink_to(stage.request.getfixturevalue("clip"))
    if "generate_with_validation" in text:
        stage.spoil()
    return run_program(example, text, stage)


def here(text: str, stage: Stage) -> str:
    """Put the addresses and the folder of this stage where the documents have their own."""
    port = urlsplit(stage.engine).port
    text = text.replace("8188", str(port)).replace("ComfyUIClient()", f"ComfyUIClient({_address(text, stage)})")
    if "localhost:8000" in text:
        text = stage.service.here(text)
    return text.replace("/tmp/", f"{stage.folder}/")


def _address(text: str, stage: Stage) -> str:
    """Return the argument by which a client of ours finds the engine; one that an example makes itself has another."""
    return "" if "class ComfyUIClient" in text else f"port={urlsplit(stage.engine).port}"


def executed(text: str, name: str, stage: Stage) -> str:
    """Execute a program as the main one, which may end with exit code 0, and return what it printed."""
    stage.monkeypatch.setattr(sys, "path", [*sys.path])
    stage.monkeypatch.setattr(sys, "argv", [name])
    names: dict[str, Any] = {"__name__": "__main__", "__file__": str(stage.folder / "examples" / name)}
    printed = io.StringIO()
    code = _exit_code(text, name, names, printed)
    assert code == 0, printed.getvalue()
    names.clear()  # clients that a program left open are closed now, and not in somebody else's test
    return printed.getvalue()


def _exit_code(text: str, name: str, names: dict[str, Any], printed: io.StringIO) -> int:
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(text, name, "exec"), names)
        except SystemExit as ended:
            return int(ended.code or 0)
    return 0


@contextlib.contextmanager
def _functions(stage: Stage) -> Generator[None]:
    """Have the function API ask the stage's engine, and forget its client of it afterwards."""
    stage.monkeypatch.setattr(generate, "COMFYUI_HOST", stage.engine)
    try:
        yield
    finally:
        generate._client().close()
        generate._client_of.cache_clear()
