from __future__ import annotations

import typer

from comfy_gen.cli.help_text import join_lines


def test_each_paragraph_is_one_line_in_groups_too():
    app, group = typer.Typer(), typer.Typer()

    @app.callback()
    def options() -> None:
        """Make pictures.

        Of what you say,
        and of what you mean.
        """

    @group.command()
    def show() -> None:
        """Show a picture,
        or two.

        Exit codes: 0 shown,
        1 not shown.

        There is no other.
        """

    app.add_typer(group, name="group")
    join_lines(app)
    assert app.registered_callback.help == "Make pictures.\n\nOf what you say, and of what you mean."
    (command,) = group.registered_commands
    assert command.help == "Show a picture, or two.\n\nExit codes: 0 shown, 1 not shown.\n\nThere is no other."


def test_commands_that_say_nothing_have_no_help():
    app = typer.Typer()
    app.command()(lambda: None)
    join_lines(app)
    assert app.registered_commands[0].help == ""
