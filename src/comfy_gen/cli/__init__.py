"""The command line: ``comfygen``. It translates; what it does is done below it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.api.garbage import leave_the_rest_to_the_system
from comfy_gen.cli.failures import EXIT_CONFIG_ERROR, exit_code, report
from comfy_gen.errors import ComfyGenError, OutputPathError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 generation failed, 2 configuration or server, 130 interrupted.

    Expected errors become one paragraph on stderr, never a traceback.
    """
    from comfy_gen.cli.app import command  # noqa: PLC0415  # after the errors, so that even its import may fail politely

    leave_the_rest_to_the_system()
    try:
        command()(args=None if arguments is None else list(arguments), prog_name="comfygen")
    except ComfyGenError as error:
        report(error)
        return exit_code(error)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.filename is not None:
            raise
        report(OutputPathError(Path("standard output"), error.strerror or str(error)))
        return EXIT_CONFIG_ERROR
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0 if done.code is None else 2
    return 0
