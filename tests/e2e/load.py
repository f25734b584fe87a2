"""`apitoolkit loadgen` as a process that notes what was acknowledged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

from .processes import BINARY, KEY, Server, eventually


class Load:
    """Runs until it has sent what it should, or finish() is called."""

    def __init__(self, server: Server, folder: Path, *arguments: str) -> None:
        self._notes = folder / "acknowledged"
        self._errors = folder / "loadgen.stderr"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [
                    *(str(BINARY), "loadgen", "--url", server.url, "--json"),
                    *("--acknowledged", str(self._notes), *arguments),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "APITOOLKIT_API_KEY": KEY},
            )

    def acknowledged(self) -> list[str]:
        """The ids so far. The process may be in the middle of a line."""
        text = self._notes.read_text() if self._notes.exists() else ""
        return text[: text.rfind("\n") + 1].split()

    def wait_for_more(self, than: int) -> int:
        """Until more than that were acknowledged; how many."""

        def count() -> int | None:
            assert self._process.poll() is None, self._errors.read_text()
            size = self._notes.stat().st_size // 37 if self._notes.exists() else 0
            return size if size > than else None

        return eventually(count, f"more than {than} acknowledgements", 120)

    def finish(self) -> dict[str, Any]:
        """Ends it, which waits for what is on its way; its report."""
        self._process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> dict[str, Any]:
        try:
            out, _ = self._process.communicate(timeout=300)
        finally:
            self._process.kill()
            self._process.wait()
        assert self._process.returncode == 0, self._errors.read_text()
        report: dict[str, Any] = json.loads(out)
        return report

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def stored_ids(server: Server) -> Counter[str]:
    """How often each id is listed, over all pages."""
    return Counter(e["id"] for e in server.exchanges(fields="id", limit=1000))


def assert_stored_once(server: Server, load: Load, report: dict[str, Any]) -> None:
    """What was acknowledged, which is all in the end: nothing is missing, twice, or else there."""
    acknowledged = Counter(load.acknowledged())
    assert report["unacknowledged"] == 0, report
    assert sum(acknowledged.values()) == report["acknowledged"], report
    stored = stored_ids(server)
    assert [i for i, times in acknowledged.items() if times != 1] == []
    assert [i for i in acknowledged if i not in stored][:5] == [], "acknowledged and lost"
    assert [i for i, times in stored.items() if times != 1][:5] == [], "stored twice"
    assert len(stored) == len(acknowledged)
