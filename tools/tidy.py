"""Runs clang-tidy over the compile database, a file a core at a time, and remembers what passed.

A file that passed is not read again until it, a header of the project that it includes, the
configuration, its command or clang-tidy changes. The memory is $XDG_CACHE_HOME/apitoolkit/tidy (by
default under ~/.cache), as a compiler cache's is: every clone on a machine profits.
"""

from __future__ import annotations

import concurrent.futures
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLANG_TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-14")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
INCLUDE = re.compile(rb'^#include "([^"]+)"', re.MULTILINE)
INCLUDE_FOLDERS = (ROOT, ROOT / "include")


def digest(*parts: bytes) -> str:
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big") + part)
    return hasher.hexdigest()


def configuration() -> bytes:
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    paths = sorted([*ROOT.glob("src/**/.clang-tidy"), *ROOT.glob(".clang-tidy")])
    return digest(version, *(path.read_bytes() for path in paths)).encode()


@functools.cache
def included(path: Path) -> frozenset[Path]:
    """The project's headers that `path` includes by name, and `path` itself."""
    names = INCLUDE.findall(path.read_bytes())
    places = [folder / os.fsdecode(name) for name in names for folder in INCLUDE_FOLDERS]
    return frozenset(place for place in places if place.is_file()) | {path}


def with_headers(source: Path) -> list[Path]:
    """`source` and all that it includes, directly or not."""
    found: set[Path] = set()
    due = {source}
    while due:
        found |= due
        due = {header for path in due for header in included(path)} - found
    return sorted(found)


def run(source: str, build: Path) -> tuple[str, int, str]:
    # The compile database is g++'s, which knows warnings that clang does not.
    known = "--extra-arg=-Wno-unknown-warning-option"
    command = [CLANG_TIDY, "-p", str(build), "--quiet", known, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return source, done.returncode, done.stdout


def main() -> int:
    build = Path(sys.argv[1])
    cache = CACHE / "apitoolkit" / "tidy"
    cache.mkdir(parents=True, exist_ok=True)
    shared = configuration()
    todo: dict[str, Path] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        source = entry["file"]
        path = Path(source)
        if (
            ROOT not in path.parents
            or (ROOT / "build") in path.parents
            or source.endswith("_test.cc")
        ):
            continue  # tests are held to the compiler's warnings and to clang-format
        command = entry["command"].replace(str(ROOT), "")
        contents = (header.read_bytes() for header in with_headers(path))
        stamp = cache / digest(shared, command.encode(), *contents)
        if not stamp.exists():
            todo[source] = stamp
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, status, output in pool.map(lambda s: run(s, build), todo):
            if status == 0:
                todo[source].touch()
            else:
                failed += 1
                print(os.path.relpath(source, ROOT), output, sep="\n", flush=True)
    print(f"{len(todo) - failed} files clean, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
