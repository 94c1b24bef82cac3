"""The page of the command line says what the commands do."""

from pathlib import Path

from petrosa_entrypoints.cli.document import REFERENCE, commands, reference


def test_the_page_is_what_the_commands_say(root: Path):
    """given a changed command, when the page was not generated again, then this fails and says how to mend it."""
    assert (root / REFERENCE).read_text("utf-8") == reference(), "run python -m petrosa_entrypoints.cli.document"


def test_the_page_has_every_command_once_with_all_its_options():
    """No command and no option is undocumented."""
    page = reference()

    for name, command in commands():
        _, _, section = page.partition(f"\n## petrosa {name}\n")
        section = section.partition("\n## ")[0]
        assert command.epilog, name
        assert command.epilog in section, name
        assert all(parameter.human_readable_name.upper() in section or parameter.opts[0] in section
                   for parameter in command.params), name  # fmt: skip
