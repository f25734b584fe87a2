"""The package as a type checker sees it."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, get_origin, get_type_hints

import pytest

import apitoolkit_flask
from apitoolkit_flask import APIToolkit, Stats, _native

APPLICATION = Path(__file__).with_name("typed_application.py")


def test_a_strictly_typed_application_has_no_errors(tmp_path: Path) -> None:
    """With the installed package, and none of this project's settings."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path),
         str(APPLICATION)],
        capture_output=True, text=True, timeout=280, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == ["Success: no issues found in 1 source file"], (
        done.stdout + done.stderr
    )


def test_stats_are_what_their_type_says(make_toolkit: Callable[..., APIToolkit]) -> None:
    stats = make_toolkit().stats()
    assert set(stats) == set(get_type_hints(Stats))
    for name, value in stats.items():
        hint = get_type_hints(Stats)[name]
        kind = get_origin(hint) or hint  # up to Python 3.10 dict[str, int] is a type as well
        if isinstance(kind, type):
            assert isinstance(value, kind), name


def public() -> list[Any]:
    members: list[Any] = []
    for name in apitoolkit_flask.__all__:
        value = getattr(apitoolkit_flask, name)
        if inspect.ismodule(value):
            members += [pytest.param(getattr(value, n), id=f"{name}.{n}") for n in value.__all__]
        elif not isinstance(value, str):
            members.append(pytest.param(value, id=name))
    for name, value in inspect.getmembers(APIToolkit, callable):
        if not name.startswith("_"):
            members.append(pytest.param(value, id=f"APIToolkit.{name}"))
    return members


@pytest.mark.parametrize("value", public())
def test_every_public_name_says_what_it_does(value: Any) -> None:
    assert len(value.__doc__ or "") > 40


def test_the_stub_of_the_core_has_every_name_and_no_other() -> None:
    tree = ast.parse(Path(_native.__file__).with_name("_native.pyi").read_text())
    stubbed: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            stubbed.add(node.name)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            stubbed.add(node.target.id)
        for member in getattr(node, "body", ()) if isinstance(node, ast.ClassDef) else ():
            if isinstance(member, ast.FunctionDef):
                stubbed.add(f"{node.name}.{member.name}")  # type: ignore[attr-defined]
    real: set[str] = {"__version__"}
    for name, value in vars(_native).items():
        if name.startswith("_"):
            continue
        real.add(name)
        if isinstance(value, type):
            own = [n for n in vars(value) if not n.startswith("_")]
            real.update(f"{name}.{member}" for member in own)
    types_of_the_stub = {"Probe"}
    assert real - stubbed == set()
    named = {name for name in stubbed - real if not name.split(".")[-1].startswith("_")}
    assert named == types_of_the_stub


def test_every_option_is_an_argument_of_its_own() -> None:
    from dataclasses import fields

    from apitoolkit_flask._options import Options

    arguments = inspect.signature(APIToolkit.__init__).parameters
    assert [f.name for f in fields(Options) if f.name not in arguments] == []
