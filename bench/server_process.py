"""`apitoolkit serve` and `apitoolkit loadgen` as processes, and what the first one takes.

The data lies in build/bench/data, on the disk that the repository is on, since what is measured
includes the disk's syncs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("APITOOLKIT_BINARY", ROOT / "build/release/apitoolkit"))
DATA = ROOT / "build/bench/data"
KEY = "bench-key-0123456789abcdef0123456789abcdef"
OWNER_LOG_IN = "only benchmarks log in so"


class Measured:
    """A process that somebody else started, seen through /proc."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def _status(self, name: str) -> int:
        found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{self.pid}/status").read_text(), re.M)
        assert found is not None
        return int(found[1])

    def rss_mb(self) -> float:
        return self._status("VmRSS") * 1024 / 1e6

    def rss_peak_mb(self) -> float:
        return self._status("VmHWM") * 1024 / 1e6

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """Until the block ends; then its data is removed, unless it is kept."""

    def __init__(self, name: str, *, keep: bool = False) -> None:
        self.data = DATA / name
        self.keep = keep
        self.port = 0

    def __enter__(self) -> Server:
        if not self.keep:
            shutil.rmtree(self.data, ignore_errors=True)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def start(self) -> None:
        environment = {
            "APITOOLKIT_BOOTSTRAP_KEY": KEY,
            "APITOOLKIT_BOOTSTRAP_PASSWORD": OWNER_LOG_IN,
        }
        with self.data.with_suffix(".log").open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(str(BINARY), "serve", "--data", str(self.data)),
                    *("--listen", f"127.0.0.1:{self.port}", "--retention-days", "60"),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **environment},
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found[1])
                self.measured = Measured(self.process.pid)
                return
        raise RuntimeError(f"the server did not start: {self.data.with_suffix('.log').read_text()}")

    def stop(self) -> None:
        """In good order, so that what lies on the disk is what stays there."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=300)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __exit__(self, *_: object) -> None:
        self.stop()
        if not self.keep:
            shutil.rmtree(self.data, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bytes_on_disk(self) -> int:
        return bytes_in(self.data / "exchanges")

    def call(self, path: str, body: Any = None, timeout: float = 300) -> Any:
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.loads(response.read())


def bytes_in(folder: Path) -> int:
    """What the files take on the disk, in blocks, as du counts."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def loadgen(url: str, *arguments: str, timeout: float | None = None) -> dict[str, Any]:
    """Runs it to its end; what it reports. Its live line is shown where there is a terminal."""
    done = subprocess.run(
        [str(BINARY), "loadgen", "--url", url, "--json", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "APITOOLKIT_API_KEY": KEY},
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0 or not done.stdout:
        raise RuntimeError(f"loadgen {' '.join(arguments)} ended with {done.returncode}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def loadgen_speaks(protocol: str) -> bool:
    said = subprocess.run(
        [str(BINARY), "loadgen", "--help"], stdout=subprocess.PIPE, text=True, check=True
    )
    return protocol == "pubsub" or protocol in said.stdout


def machine() -> dict[str, Any]:
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "file_system": _file_system_of(ROOT),
        "sync_ms": _sync_ms(),
    }


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def _file_system_of(path: Path) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = (
        [m for m in mounts if path.is_relative_to(m[0])] if hasattr(path, "is_relative_to") else []
    )
    return max(above, key=lambda m: len(m[0]))[1] if above else "unknown"


def _sync_ms() -> float:
    """The median of what a write of 64 KB with fdatasync takes where the data will lie."""
    DATA.mkdir(parents=True, exist_ok=True)
    path = DATA / "sync"
    times = []
    with path.open("wb") as file:
        for _ in range(30):
            file.write(os.urandom(64 << 10))
            file.flush()
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begin)
    path.unlink()
    return sorted(times)[len(times) // 2] * 1000
