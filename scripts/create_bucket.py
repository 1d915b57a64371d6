#!/usr/bin/env python3
"""Makes the bucket where finished files go; one that is there already is left as it is.

    python3 scripts/create_bucket.py [OPTIONS of comfygen storage create-bucket]

Exit code 0 if it is there, 1 if not.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["storage", "create-bucket", *sys.argv[1:]]))
