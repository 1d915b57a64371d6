#!/usr/bin/env python3
"""Has everybody read the files in the bucket whose addresses they know; ``private`` as an argument ends that.

    python3 scripts/set_bucket_policy.py [OPTIONS of comfygen storage set-policy]

Exit code 0 if the server does it, 1 if not.
"""

import sys

from command import run

if __name__ == "__main__":
    sys.exit(run(["storage", "set-policy", *sys.argv[1:]]))
