"""The test's end of apps/producer.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .processes import KEY, eventually, killed_after

PROGRAM = Path(__file__).parent / "apps" / "producer.py"


class Producer:
    """A process that records exchanges on command. As a context it ends in good order."""

    def __init__(self, root_url: str, log: Path, **options: str | int | Path) -> None:
        """`options` are the package's, in lower case; what is upper case is a variable as it is.

        The log gets what the process writes to standard error.
        """
        variables = {
            name if name.isupper() else f"APITOOLKIT_{name.upper()}": str(value)
            for name, value in options.items()
        }
        self.log = log
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={
                    **os.environ,
                    "APITOOLKIT_API_KEY": KEY,
                    "APITOOLKIT_ROOT_URL": root_url,
                    # A slow machine may need more than the default to deliver what is left.
                    "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
                    **variables,
                },
            )

    def __enter__(self) -> Producer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.kill()
            return
        assert self.end() == 0, self.log.read_text()

    def end(self, seconds: float = 60) -> int:
        """As a program that comes to its end; a negative status if it has to be killed for it."""
        with killed_after(self.process, seconds):
            self.process.communicate()
            return self.process.wait()

    def kill(self) -> str:
        """kill -9; what it had written that was not read."""
        self.process.kill()
        return self.process.communicate()[0]

    def command(self, name: str, argument: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({name: argument}) + "\n")
        self.process.stdin.flush()

    def line(self, seconds: float = 120) -> str:
        """The next that it writes; fails if it ends before."""
        assert self.process.stdout is not None
        with killed_after(self.process, seconds):
            text = self.process.stdout.readline()
        assert text, f"the producer ended: {self.log.read_text()}"
        return text

    def ask(self, name: str, argument: Any, seconds: float = 120) -> Any:
        self.command(name, argument)
        return json.loads(self.line(seconds))

    def push(self, first: int, count: int, **details: int) -> None:
        assert self.ask("push", {"first": first, "count": count, **details}) == count

    def flush(self) -> bool:
        return bool(self.ask("flush", 60))

    def stats(self) -> dict[str, Any]:
        stats = self.ask("stats", {})
        assert isinstance(stats, dict)
        return stats

    def wait_for_state(self, state: str) -> dict[str, Any]:
        """The stats once the state is as said."""

        def is_reached() -> dict[str, Any] | None:
            stats = self.stats()
            return stats if stats["state"] == state else None

        return eventually(is_reached, f"the state {state}", 60)

    def wait_for_empty_spool(self) -> None:
        eventually(lambda: self.stats()["spool_bytes"] == 0, "the spool to be empty", 60)
