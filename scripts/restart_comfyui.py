#!/usr/bin/env python3
"""Stops the ComfyUI of this machine, and starts it again as it was.

    python3 scripts/restart_comfyui.py [OPTIONS of comfygen service restart]

Exit code 0 if it answers, 1 if not.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["service", "restart", *sys.argv[1:]]))
