#!/usr/bin/env python3
"""Lists the pictures in the bucket, the newest first.

    python3 scripts/list_images.py [OPTIONS of comfygen storage list]

Exit code 0 if they can be listed, 1 if not.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["storage", "list", "--in", "bucket", "--images", *sys.argv[1:]]))
