#!/usr/bin/env python3
"""Tells how the ComfyUI of this machine is: its process, whether its API answers, its queue, devices and disk.

    python3 scripts/check_comfyui_status.py [OPTIONS of comfygen service status]

Exit code 0 if it runs and answers, 1 if not.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["service", "status", *sys.argv[1:]]))
