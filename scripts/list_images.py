#!/usr/bin/env python3
"""Lists the pictures in the bucket, the newest first.

    python3 scripts/list_images.py [OPTIONS of comfygen storage list]

Exit code 0 if they can be listed, 1 if not.
"""

import sys

from comfy_gen.cli import main

if __name__ == "__main__":
    sys.exit(1 if main(["storage", "list", "--in", "bucket", "--images", *sys.argv[1:]]) else 0)
