"""Files that look like models, and a server that gives them away, for commands that block."""

from __future__ import annotations

import io
import json
import struct
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


class Terminal(io.StringIO):
    """A person at the keyboard, who has typed this."""

    def isatty(self) -> bool:
        return True


LORA = "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight"


def safetensors(name: str = LORA, numbers: int = 64) -> bytes:
    """A whole file with one block of numbers."""
    tensor = {"dtype": "F32", "shape": [numbers], "data_offsets": [0, numbers * 4]}
    header = json.dumps({name: tensor}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(numbers * 4)


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        del format, args


@contextmanager
def giving(folder: Path) -> Generator[str]:
    """Give a folder's files away as long as the block lasts; the address of the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
