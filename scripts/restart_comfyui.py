#!/usr/bin/env python3
"""Stops the ComfyUI of this machine, and starts it again as it was.

    python3 scripts/restart_comfyui.py [OPTIONS of comfygen service restart]

Exit code 0 if it answers, 1 if not.
"""

import sys

from comfy_gen.cli import main

if __name__ == "__main__":
    sys.exit(1 if main(["service", "restart", *sys.argv[1:]]) else 0)
