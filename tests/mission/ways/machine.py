"""A machine with a ComfyUI that is installed, and servers near by that give models away."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, Self

from comfy_gen.supervisor.process import send, tree_of
from comfy_gen.supervisor.state import read_state
from tests.docs.operated import SDXL, giving, make_installed_comfyui
from tests.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path

TAGGED = {"source": "git", "version": "0.3.75", "ref": "v0.3.75", "device": "cpu"}
MANIFEST = f"""models:
  sdxl-base: {{file: sd_xl_base_1.0.safetensors, folder: checkpoints, source: "hf:{SDXL}"}}
  sdxl-vae: {{file: sdxl_vae.safetensors, folder: vae, source: "hf:stabilityai/sdxl-vae"}}
"""
"""The models that are fetched where nobody says which; here they are small, so that they have no size and no hash."""


class Machine:
    """Within the block there is one; what was started is ended after it, whatever happened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._block = contextlib.ExitStack()
        self.environment: dict[str, str] = {}
        """Variables by which commands find what it has."""

    def __enter__(self) -> Self:
        url = self._block.enter_context(giving())
        manifest = self._folder / "models.yaml"
        manifest.write_text(MANIFEST, encoding="utf-8")
        make_installed_comfyui(self._folder / "comfyui", TAGGED)
        self.environment = {
            "COMFYUI_API_BASE": f"http://127.0.0.1:{free_port()}",
            "COMFYGEN_JOBS_DATA_DIR": str(self._folder),
            "COMFYGEN_MODELS_HUGGINGFACE_URL": url,
            "COMFYGEN_MODELS_CIVITAI_URL": url,
            "COMFYGEN_MODELS_MANIFEST": str(manifest),
            "COMFYGEN_JOBS_ALLOW_PRIVATE_URLS": "true",
        }
        return self

    def __exit__(self, *_: object) -> None:
        for state in map(read_state, (self._folder / "instances").glob("*")):
            if state is not None:
                send([*tree_of(state.keeper), *(tree_of(state.comfyui) if state.comfyui else [])], signal.SIGKILL)
        self._block.close()
