"""``make demo``: one picture, from nothing.

It uses the ComfyUI at ``COMFYUI_API_BASE`` where one answers, and otherwise the sandbox engine. With
``ENGINE=comfyui`` it installs a real ComfyUI with a tiny model of random weights, and uses that.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from comfy_gen.comfyui import AsyncComfyUIClient
from comfy_gen.config import read_settings
from comfy_gen.sandbox import Sandbox, SandboxOptions
from comfy_gen.workflows.catalogue import load_template

ROOT = Path(__file__).resolve().parents[1]
PROMPT = "a lighthouse on a cliff at dusk, warm light, calm sea"
SIZE_OF_THE_TINY_MODEL = ("--width", "256", "--height", "256", "--steps", "8")


async def main() -> int:
    """Find or start an engine and have it make a picture; return the exit code."""
    async with AsyncExitStack() as stack:
        if os.environ.get("ENGINE") == "comfyui":
            return await _generate(_install_comfyui(stack), *SIZE_OF_THE_TINY_MODEL) or _tell_of_models()
        url = read_settings().engine_url
        async with AsyncComfyUIClient(url=url) as client:
            is_there = await client.is_available()
        if not is_there:
            print(f"No ComfyUI answers at {url}: starting the sandbox engine, which needs no GPU.")
            url = (await stack.enter_async_context(Sandbox(SandboxOptions(step_time=0.06, load_time=0.5)))).url
        return await _generate(url)


def _install_comfyui(stack: AsyncExitStack) -> str:
    sys.path.insert(0, str(ROOT))
    from tests.live.comfyui.server import install_and_start  # noqa: PLC0415  # only where it was asked for

    print("Installing a real ComfyUI into .comfyui (once: a minute and 1.2 GB) and starting it …", flush=True)
    server = install_and_start()
    stack.callback(server.stop)
    return server.url


async def _generate(url: str, *options: str) -> int:
    arguments = ["generate", PROMPT, *options, "--engine", url, "--output", "demo.png"]
    print(f'$ comfygen generate "{PROMPT}" {" ".join(arguments[2:])}', flush=True)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "comfy_gen", *arguments)
    return await process.wait()


def _tell_of_models() -> int:
    need = load_template("sd15").models[0]
    print(
        "The picture is noise, for this checkpoint has random weights. For real ones give your ComfyUI a real model:\n"
        f"  {need.file} from {need.page}\n"
        f"  into its models/{need.folder}; then: COMFYUI_API_BASE=http://127.0.0.1:8188 make demo"
    )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(asyncio.run(main()))
    except KeyboardInterrupt:
        sys.exit(130)
