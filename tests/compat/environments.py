"""Installs the clients that nobody here wrote, each in an environment of its own, under
build/compat. What is there already is left as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / "build" / "compat"
PYTHON = {
    "flask_1_0_1": ["apitoolkit-flask==1.0.1"],
    "fastapi_1_2_1": ["apitoolkit-fastapi==1.2.1"],
    "django_1_4_3": ["apitoolkit-django==1.4.3"],
    "pubsub": ["google-cloud-pubsub"],
    "flask_1_0_3": ["apitoolkit-flask==1.0.3", "opentelemetry-exporter-otlp-proto-http"],
    "fastapi_2_0_0": ["apitoolkit-fastapi==2.0.0", "opentelemetry-exporter-otlp-proto-http"],
    "django_2_0_1": ["apitoolkit-django==2.0.1", "opentelemetry-exporter-otlp-proto-http"],
    "otlp": ["opentelemetry-exporter-otlp-proto-http", "opentelemetry-exporter-otlp-proto-grpc"],
}
NODE = {
    "pubsub_node": ["@google-cloud/pubsub"],
    "otlp_node": [
        "@opentelemetry/api",
        "@opentelemetry/sdk-trace-base",
        "@opentelemetry/resources",
        "@opentelemetry/exporter-trace-otlp-http",
        "@opentelemetry/exporter-trace-otlp-proto",
        "@opentelemetry/exporter-trace-otlp-grpc",
    ],
}


def python(name: str) -> Path:
    return PLACE / name / "bin" / "python"


def modules(name: str) -> Path:
    return PLACE / name


def install() -> None:
    for name, packages in PYTHON.items():
        done = PLACE / name / "installed"
        wanted = "\n".join(packages)
        if done.is_file() and done.read_text() == wanted:
            continue
        print(f"-- {name}: {' '.join(packages)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", PLACE / name], check=True)
        pip = [str(python(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)
        done.write_text(wanted)
    for name, packages in NODE.items():
        done = PLACE / name / "installed"
        wanted = "\n".join(packages)
        if done.is_file() and done.read_text() == wanted:
            continue
        print(f"-- {name}: {' '.join(packages)}", flush=True)
        (PLACE / name).mkdir(parents=True, exist_ok=True)
        (PLACE / name / "package.json").write_text('{"private": true}\n')
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
        subprocess.run([*npm, *packages], cwd=PLACE / name, check=True)
        done.write_text(wanted)


if __name__ == "__main__":
    install()
