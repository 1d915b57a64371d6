#!/usr/bin/env python3
"""Cancels what runs and waits on a ComfyUI.

    python3 scripts/cancel_generation.py                    # all of it
    python3 scripts/cancel_generation.py --list             # nothing: lists the queue
    python3 scripts/cancel_generation.py --prompt-id ID     # one

Exit code 0 if it is cancelled, 1 if there is nothing of that id or no ComfyUI answers.
"""

import argparse
import sys

from command import run


def command_of(arguments: list[str]) -> list[str]:
    """Return the command that does it."""
    parser = argparse.ArgumentParser(description="Cancel what runs and waits on a ComfyUI; by default all of it.")
    parser.add_argument("--list", action="store_true", help="only list what there is")
    parser.add_argument("--prompt-id", metavar="ID", help="cancel this one")
    parser.add_argument("--engine", metavar="URL", help="the ComfyUI; by default COMFYUI_API_BASE or 127.0.0.1:8188")
    try:
        given = parser.parse_args(arguments)
    except SystemExit as error:  # it ends with 2 for what it does not understand
        sys.exit(1 if error.code else 0)
    wanted = ["--cancel", given.prompt_id] if given.prompt_id else ["--cancel-all"]
    return ["queue", *(["--verbose"] if given.list else wanted), *(["--engine", given.engine] if given.engine else [])]


if __name__ == "__main__":
    sys.exit(run(command_of(sys.argv[1:])))
