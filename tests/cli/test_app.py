"""The command as a whole: quick to answer, and light to import."""

from __future__ import annotations

import subprocess
import sys

import comfy_gen
from comfy_gen.cli import completion
from comfy_gen.workflows.catalogue import template_names

DATABASES = {"sqlalchemy", "alembic", "psycopg", "procrastinate", "sqlite3"}
HEAVY = {"fastapi", "torch", "boto3", "botocore", "transformers", "numpy", *DATABASES}


def loaded_by(statement):
    code = f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_import_is_light():
    assert not loaded_by("import comfy_gen") & {*HEAVY, "aiohttp", "PIL", "rich", "typer"}


def test_help_loads_neither_client_nor_pictures():
    quietly = "import contextlib, io; from comfy_gen.cli import main\nwith contextlib.redirect_stdout(io.StringIO()): "
    modules = loaded_by(f"{quietly} main(['--help'])")
    assert not modules & {*HEAVY, "aiohttp", "PIL", "asyncio"}


def test_function_api_loads_nothing_heavy():
    assert not loaded_by("import comfy_gen.generate") & HEAVY


def test_version_is_told(comfygen):
    assert comfygen("--version").out == f"comfygen {comfy_gen.__version__}\n"


def test_nothing_asked_for_gives_the_help(comfygen):
    said = comfygen()
    assert "generate" in said.out
    assert said.code in {0, 2}


def test_tab_completes_what_is_shipped():
    assert completion.workflows("") == list(template_names())
    assert completion.workflows("sd15-") == ["sd15-img2img", "sd15-inpaint"]
    assert completion.presets("d") == ["draft"]
    assert completion.crop_modes("co") == ["cover", "contain"]


def test_shell_is_offered_the_templates(tmp_path):
    import os

    environment = {
        **os.environ,
        "_COMFYGEN_COMPLETE": "complete_bash",
        "COMP_WORDS": "comfygen generate -w flux",
        "COMP_CWORD": "3",
    }
    command = [sys.executable, "-c", "import sys; from comfy_gen.cli import main; sys.exit(main())"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert said.stdout.split() == ["flux-dev", "flux-schnell"]


def test_program_that_ends_takes_nothing_apart():
    code = """
import atexit, gc
from comfy_gen.cli import main
atexit.register(lambda: print(gc.get_freeze_count() > 0))
main(["--version"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split()[-1] == "True"
