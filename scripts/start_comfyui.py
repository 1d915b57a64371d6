#!/usr/bin/env python3
"""Starts the ComfyUI of this machine in the background, and waits until it answers.

    python3 scripts/start_comfyui.py [OPTIONS of comfygen service start]

Exit code 0 if it answers, 1 if not.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["service", "start", *sys.argv[1:]]))
