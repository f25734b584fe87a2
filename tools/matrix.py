"""`make matrix`: the wheel under every Python that is here, with the lowest and the newest Flask.

For each a wheel is built, and installed beside the lowest and the newest versions of what it
depends on; then the Python tests run, and those of tests/wheel. The table is also written to
build/matrix.json. A Python that is not on PATH (or among pyenv's versions) is said to be missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ["3.9", "3.10", "3.11", "3.12", "3.13"]
# The lowest that pyproject.toml admits. Flask 2.2 admits later Werkzeugs, but runs with 2.x only.
PINS = {"lowest": ["flask==2.2.0", "werkzeug==2.2.0", "httpx==0.24.0"], "newest": []}
# Unlike requirements-dev.txt without versions: the newest of these do not run on an old Python.
TESTING = ["pytest", "pytest-timeout", "asgiref", "gunicorn", "requests", "zstandard"]
TESTING += ["opentelemetry-proto", "mypy"]
# What an old Flask does on a new Python, some of it by way of ast and pkgutil, is not our doing;
# our own warnings stay errors.
OLD = "flask|werkzeug|httpx|jinja2|ast|pkgutil"
QUIET = "\n".join(["error", rf"ignore::DeprecationWarning:({OLD})(\.|$)"])


@dataclass
class Result:
    """One row of the table. The two outcomes are pytest's last lines, or what went wrong before."""

    python: str
    dependencies: str
    versions: str
    tests: str = "-"
    wheel: str = "-"
    passed: bool = False


def find(version: str) -> str | None:
    """The interpreter `python<version>`, if there is one that starts."""
    candidates = [shutil.which(f"python{version}")]
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True)
        found = Path(root.stdout.strip()).glob(f"versions/{version}.*/bin/python{version}")
        candidates += sorted(str(path) for path in found)
    for candidate in candidates:
        # pyenv puts a command on PATH for every version, which fails for those that are not chosen.
        if candidate and not subprocess.run([candidate, "-c", ""], capture_output=True).returncode:
            return candidate
    return None


def run(log: Path, command: list[str], **environment: str) -> str:
    """The last line that the command prints, all of it in `log`; raises where it fails."""
    with log.open("a") as output:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output
        )
    lines = log.read_text().strip().splitlines() or [""]
    if done.returncode != 0:
        raise RuntimeError(f"FAILED: {lines[-1]} ({log.relative_to(ROOT)})")
    return re.sub(r" in [\d.]+s.*", "", lines[-1]).strip("= ")


def try_one(python: str, wheel: Path, result: Result) -> None:
    name = f"{result.python}-{result.dependencies}"
    pins = PINS[result.dependencies]
    venv = ROOT / "build" / "venvs" / name
    log = ROOT / "build" / "matrix" / f"{name}.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    shutil.rmtree(venv, ignore_errors=True)
    run(log, [python, "-m", "venv", str(venv)])
    inside = str(venv / "bin" / "python")
    only_binary = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    run(log, [inside, "-m", "pip", "install", *only_binary, str(wheel), *pins, *TESTING])
    names = ["flask", "werkzeug", "httpx"]
    query = f"import importlib.metadata as m; print(*map(m.version, {names}))"
    result.versions = run(log, [inside, "-c", query])
    quiet = ["-o", f"filterwarnings={QUIET}"] if pins else []
    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    result.tests = run(log, [inside, *pytest, *quiet, "python/tests"])
    result.wheel = run(
        log,
        [sys.executable, *pytest, "tests/wheel"],
        APITOOLKIT_WHEEL=str(wheel),
        APITOOLKIT_WHEEL_PYTHON=python,
        APITOOLKIT_WHEEL_PINS=" ".join(pins),
    )
    result.passed = True


def main(chosen: list[str]) -> int:
    results: list[Result] = []
    missing: list[str] = []
    (ROOT / "build" / "matrix").mkdir(parents=True, exist_ok=True)
    for version in chosen or PYTHONS:
        python = find(version)
        if python is None:
            missing.append(version)
            print(f"-- Python {version}: not here, passed over", flush=True)
            continue
        log = ROOT / "build" / "matrix" / f"{version}-build.log"
        log.unlink(missing_ok=True)
        started = time.monotonic()
        print(f"-- Python {version}: wheel", flush=True)
        rows = [Result(version, dependencies, "-") for dependencies in PINS]
        results += rows
        try:
            run(log, ["tools/wheel.sh"], PYTHON=python)
            tag = "cp" + version.replace(".", "")
            (wheel,) = (ROOT / "build" / "wheels").glob(f"*-{tag}-*.whl")
        except RuntimeError as error:
            for row in rows:
                row.tests = str(error)
            continue
        for row in rows:
            print(f"-- Python {version}: {row.dependencies} dependencies", flush=True)
            try:
                try_one(python, wheel, row)
            except RuntimeError as error:
                row.tests, row.wheel = (
                    (str(error), "-") if row.tests == "-" else (row.tests, str(error))
                )
        print(f"   {time.monotonic() - started:.0f} s", flush=True)

    report = {"results": [asdict(row) for row in results], "missing": missing}
    (ROOT / "build" / "matrix.json").write_text(json.dumps(report, indent=2) + "\n")
    row_format = "{:<8}{:<8}{:<24}{:<40}{}"
    print(row_format.format("Python", "", "Flask Werkzeug HTTPX", "python/tests", "tests/wheel"))
    for row in results:
        cells = (row.python, row.dependencies, row.versions, row.tests, row.wheel)
        print(row_format.format(*cells))
    if missing:
        print("not here: Python " + ", ".join(missing))
    return 0 if results and all(row.passed for row in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
