#!/usr/bin/env python3
"""Stops the ComfyUI that was started in the background of this machine.

    python3 scripts/stop_comfyui.py [OPTIONS of comfygen service stop]

Exit code 0 if it ended, 1 if it could not be ended or did not run.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["service", "stop", *sys.argv[1:]]))
