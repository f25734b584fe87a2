"""The dashboard of the real server, with real traffic, in Chromium."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from .conftest import SecondService
from .processes import PASSWORD, ROOT, Server, gunicorn
from .test_documented_api import APPS, KEPT, SECRETS, environment, send_traffic


def test_the_dashboard_shows_what_the_documented_application_sent(
    server: Server, second_service: SecondService, refusing_service: str, tmp_path: Path
) -> None:
    screenshots = Path(os.environ.get("APITOOLKIT_SCREENSHOTS", tmp_path / "screenshots"))
    settings = environment(server.url, second_service.url, refusing_service)
    with gunicorn("documented:app", APPS, tmp_path / "app.log", settings) as base:
        send_traffic(base)
        server.wait_for(19)
    done = subprocess.run(
        ["npm", "run", "--silent", "test:real", "real_server"],
        cwd=ROOT / "dashboard",
        capture_output=True,
        text=True,
        timeout=180,
        env={
            **os.environ,
            "APITOOLKIT_URL": server.url,
            "APITOOLKIT_USER": "owner",
            "APITOOLKIT_PASSWORD": PASSWORD,
            "APITOOLKIT_SCREENSHOTS": str(screenshots),
            "APITOOLKIT_SECRETS": json.dumps(SECRETS),
            "APITOOLKIT_KEPT": json.dumps(KEPT),
        },
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("requests.png", "request.png"):
        assert (screenshots / name).stat().st_size > 10_000


def test_the_walk_from_the_first_start_to_a_redacted_field(
    server: Server, second_service: SecondService
) -> None:
    # gunicorn says where it listens on standard error.
    application = (
        f"exec {shlex.quote(sys.executable)} -m gunicorn --bind 127.0.0.1:0 --workers 1"
        f" --chdir {shlex.quote(str(APPS))} walk:app 2>&1"
    )
    done = subprocess.run(
        ["npm", "run", "--silent", "test:real", "real_walk"],
        cwd=ROOT / "dashboard",
        capture_output=True,
        text=True,
        timeout=180,
        env={
            **os.environ,
            "APITOOLKIT_URL": server.url,
            "APITOOLKIT_USER": "owner",
            "APITOOLKIT_PASSWORD": PASSWORD,
            "APITOOLKIT_APPLICATION": application,
            "SECOND_SERVICE": second_service.url,
        },
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
