"""``python -m comfy_gen``: the same as ``comfygen``."""

import sys

from comfy_gen.cli import main

if __name__ == "__main__":
    sys.exit(main())
