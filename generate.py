"""The documented entry for scripts: ``from generate import …`` and ``python generate.py --prompt …``.

It stands for `comfy_gen.generate`: what a script sets here, such as ``COMFYUI_HOST``, is set there.
"""

import sys

from comfy_gen import generate

if __name__ == "__main__":
    from comfy_gen.cli import main

    sys.exit(main(["generate", *sys.argv[1:]]))

sys.modules[__name__] = generate
