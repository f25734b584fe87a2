"""Runs clang-tidy over the compile database, two files at a time, and remembers what passed.

A file that passed is not read again until it, a header of the project, the configuration or its
command changes; the memory is in <build directory>/tidy.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLANG_TIDY = os.environ.get("CLANG_TIDY", "clang-tidy-14")


def digest(*parts: bytes) -> str:
    hasher = hashlib.sha256()
    for part in parts:
        hasher.update(len(part).to_bytes(8, "big") + part)
    return hasher.hexdigest()


def configuration() -> bytes:
    kinds = ("src/**/*.h", "include/**/*.h", "src/**/.clang-tidy", ".clang-tidy")
    paths = sorted(path for kind in kinds for path in ROOT.glob(kind))
    return digest(*(path.read_bytes() for path in paths)).encode()


def run(source: str, build: Path) -> tuple[str, int, str]:
    # The compile database is g++'s, which knows warnings that clang does not.
    known = "--extra-arg=-Wno-unknown-warning-option"
    command = [CLANG_TIDY, "-p", str(build), "--quiet", known, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return source, done.returncode, done.stdout


def main() -> int:
    build = Path(sys.argv[1])
    cache = build / "tidy"
    cache.mkdir(exist_ok=True)
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
        stamp = cache / digest(shared, path.read_bytes(), entry["command"].encode())
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
