"""What a user gets: the wheel in an empty environment, without a compiler, outside the checkout.

`make test-wheel` and `make matrix` run these with APITOOLKIT_WHEEL, the wheel;
APITOOLKIT_WHEEL_PYTHON, the interpreter that it is for; and APITOOLKIT_WHEEL_PINS, what to install
with it, by default the newest. They are not part of `make test`: a wheel takes minutes to build.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import KEY, ROOT, Server, call, eventually, held_port

WHEEL = Path(os.environ["APITOOLKIT_WHEEL"]).resolve()
PYTHON = os.environ["APITOOLKIT_WHEEL_PYTHON"]
PINS = os.environ.get("APITOOLKIT_WHEEL_PINS", "").split()


def snippet(heading: str) -> str:
    """The first Python snippet under that heading of docs/getting-started.md."""
    page = (ROOT / "docs" / "getting-started.md").read_text()
    section = page.split(f"\n## {heading}\n", 1)[1]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None, heading
    return found.group(1)


class Place:
    """An empty environment with the wheel in it, and a directory to be in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.bin = directory / "venv" / "bin"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("APITOOLKIT_", "PYTHON", "PYENV", "VIRTUAL_ENV"))
        }
        # Nothing of the machine can be found, its compiler least of all.
        self.environment |= {"PATH": str(self.bin), "CC": "/bin/false", "CXX": "/bin/false"}
        subprocess.run([PYTHON, "-m", "venv", directory / "venv"], check=True)
        self.run("-m", "pip", "install", "--quiet", "--only-binary", ":all:", str(WHEEL), *PINS)

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.bin / "python"), *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with held_port() as port:
        running = Server(tmp_path / "data", tmp_path / "server.log", port=port).start()
        yield running
        assert running.stop() == 0, running.log.read_text()


def test_the_extension_is_the_installed_one(place: Place) -> None:
    file = place.run("-c", "import apitoolkit_flask._native as native; print(native.__file__)")
    assert Path(file).is_relative_to(place.directory)


def test_no_library_that_is_linked_in_can_be_called_from_outside(place: Place) -> None:
    names = ["SSL_new", "EVP_DigestInit_ex", "curl_easy_init", "inflate", "ZSTD_decompress"]
    program = (
        "import ctypes, apitoolkit_flask._native as native;"
        "library = ctypes.CDLL(native.__file__);"
        f"print([name for name in {['PyInit__native', *names]} if hasattr(library, name)])"
    )
    assert place.run("-c", program) == "['PyInit__native']"


def test_the_licences_of_what_is_linked_in_come_along(place: Place) -> None:
    folder = next(
        (place.directory / "venv").glob("lib/*/site-packages/apitoolkit_flask-*/licenses")
    )
    said = "".join(path.read_text() for path in folder.rglob("LICENSE*"))
    parts = ["OpenSSL", "Daniel Stenberg", "RE2", "Jean-loup Gailly", "Brotli", "Facebook"]
    parts += ["Wenzel Jakob", "Tessil"]  # of nanobind, and of the hash table in it
    assert [name for name in parts if name.lower() not in said.lower()] == []


def test_the_documented_test_passes(place: Place) -> None:
    (place.directory / "documented_test.py").write_text(snippet("In your tests"))
    place.run("documented_test.py")


@pytest.mark.parametrize(("heading", "path"), [("One line", "/hello/ann"), ("Hooks", "/hello")])
def test_the_documented_application_records_under_flask_run(
    place: Place, server: Server, tmp_path: Path, heading: str, path: str
) -> None:
    (tmp_path / "documented.py").write_text(snippet(heading).replace("<API_KEY>", KEY))
    environment = {"APITOOLKIT_API_KEY": KEY, "APITOOLKIT_ROOT_URL": server.url}
    log = tmp_path / "flask.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(place.bin / "flask"), "--app", "documented", "run", "--port", "0"],
            cwd=tmp_path,
            env={**place.environment, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def address() -> str:
        assert process.poll() is None, log.read_text()
        found = re.search(r"Running on (http://\S+)", log.read_text())
        return found.group(1) if found else ""

    try:
        assert call(eventually(address, "flask run", 60) + path).status == 200
        (exchange,) = eventually(server.exchanges, "the exchange", 60)
    finally:
        process.kill()
        process.wait()
    assert exchange["url_path"] == ("/hello/<name>" if heading == "One line" else "/hello")
    assert exchange["status_code"] == 200
