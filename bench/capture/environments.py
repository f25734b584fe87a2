"""The Python environment of each contender, made once under build/bench/.

Their dependencies contradict one another, so each has its own. Ours has the wheel, which is what
users install: what it links in takes less memory than the shared libraries of a development tree.
What cannot be installed, for lack of a network perhaps, is left out of the run and named in its
results.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = "ours"

# gunicorn and Flask are those of our own environment, so that all run on the same ones.
_PACKAGES = {
    "upstream": ["apitoolkit-flask==1.0.1"],
    # It does not pin the parser of its paths, which has become 10 times as fast since.
    "upstream-2023": ["apitoolkit-flask==1.0.1", "jsonpath-ng==1.6.0"],
    "sentry": ["sentry-sdk[flask]"],
    "opentelemetry": [
        "opentelemetry-sdk",
        "opentelemetry-exporter-otlp-proto-http",
        "opentelemetry-instrumentation-flask",
    ],
    "apitally": ["apitally[flask]"],
}
_SHARED = ("Flask", "Werkzeug", "gunicorn")
_OURS = (*_SHARED, "httpx")
_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
_INSTALL_TIMEOUT_S = 300


@dataclass(frozen=True)
class Environments:
    pythons: dict[str, str]  # name → its interpreter
    missing: dict[str, str]  # name → why there is none
    versions: dict[str, list[str]]  # name → what is in it, as "name==version"


def wheel_environment() -> str:
    """The interpreter of an environment with the wheel of `make wheel`, and with our own versions
    of everything else."""
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    wheels = list((ROOT / "build" / "wheels").glob(f"*-{tag}-*.whl"))
    if len(wheels) != 1:
        raise SystemExit(f"there is no wheel for {tag} in build/wheels: make wheel")
    packages = [line for line in _frozen(sys.executable) if line.split("==")[0] in _OURS]
    return _installed("wheel", [str(wheels[0]), *packages], f"{wheels[0].stat().st_mtime_ns}")


def prepare() -> Environments:
    """The environment that this runs in, and that of each peer. Installs what is not there yet.
    Never raises for a peer's sake."""
    pythons = {OURS: sys.executable}
    missing: dict[str, str] = {}
    shared = [line for line in _frozen(sys.executable) if line.split("==")[0] in _SHARED]
    for name, packages in _PACKAGES.items():
        try:
            pythons[name] = _installed(name, [*packages, *shared])
        except (OSError, subprocess.SubprocessError) as error:
            output = getattr(error, "stderr", None) or str(error)
            missing[name] = output.strip().splitlines()[-1]
    return Environments(pythons, missing, {name: _frozen(p) for name, p in pythons.items()})


def _installed(name: str, requirements: list[str], version: str = "") -> str:
    folder = ROOT / "build" / "bench" / f"venv-{name}"
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    wanted = "\n".join([*requirements, version])
    if stamp.exists() and stamp.read_text() == wanted:
        return str(python)
    print(f"-- installing {' '.join(requirements)}", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run([str(python), *_PIP, "install", *requirements])
    stamp.write_text(wanted)
    return str(python)


def _frozen(python: str) -> list[str]:
    return _run([python, *_PIP, "freeze"]).splitlines()


def _run(command: list[str]) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S
    ).stdout
