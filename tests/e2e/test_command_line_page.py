"""docs/command-line.md says what `--help` says: every command, every option."""

from __future__ import annotations

import re
import subprocess

from .processes import BINARY, ROOT


def help_of(command: tuple[str, ...]) -> str:
    done = subprocess.run(
        [str(BINARY), *command, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def commands(prefix: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """The long options of every command that does something, by its name."""
    text = help_of(prefix)
    _, _, below = text.partition("\nSubcommands:\n")
    names = re.findall(r"^  ([a-z][a-z-]*)  ", below, re.MULTILINE)
    if not names:
        options = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.MULTILINE))
        return {" ".join(prefix): options - {"--help"}}
    found: dict[str, set[str]] = {}
    for name in names:
        found.update(commands((*prefix, name)))
    return found


def described() -> dict[str, set[str]]:
    page = (ROOT / "docs" / "command-line.md").read_text()
    found: dict[str, set[str]] = {}
    for section in page.split("\n## apitoolkit ")[1:]:
        name, _, text = section.partition("\n")
        cells = re.findall(r"^\| (`-[^|]*) \|", text, re.MULTILINE)
        found[name] = {option for cell in cells for option in re.findall(r"`(--[a-z-]+)`", cell)}
    return found


def test_the_page_lists_every_command_with_its_options() -> None:
    there_are = commands()
    assert len(there_are) > 15
    assert described() == there_are


def test_every_command_says_what_it_does() -> None:
    for command in commands():
        assert help_of(tuple(command.split())).strip().splitlines()[0]
