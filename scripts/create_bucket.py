#!/usr/bin/env python3
"""Makes the bucket where finished files go; one that is there already is left as it is.

    python3 scripts/create_bucket.py [OPTIONS of comfygen storage create-bucket]

Exit code 0 if it is there, 1 if not.
"""

import sys

from comfy_gen.cli import main

if __name__ == "__main__":
    sys.exit(1 if main(["storage", "create-bucket", *sys.argv[1:]]) else 0)
