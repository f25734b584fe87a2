"""Checks the invariants of ARCHITECTURE.md that the linker cannot: who may include whom.

The order of the floors is written once, here.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# A folder may include itself and what stands in its list.
SHARED = ["include/apitoolkit", "src/base"]
ALLOWED: dict[str, list[str]] = {
    "include/apitoolkit": [],
    "src/base": ["include/apitoolkit"],
    "src/json": SHARED,
    "src/jsonpath": [*SHARED, "src/json"],
    "src/redact": [*SHARED, "src/json", "src/jsonpath"],
    "src/wire": [*SHARED, "src/json"],
    "src/net": SHARED,
    # The SDK's stages, in the order of its flow; client.cc names them all.
    "src/sdk/queue": SHARED,
    "src/sdk/redact": [*SHARED, "src/redact", "src/wire", "src/json", "src/jsonpath"],
    "src/sdk/encode": [*SHARED, "src/redact", "src/wire", "src/json"],
    "src/sdk/deliver": [*SHARED, "src/redact", "src/wire", "src/json", "src/net", "src/sdk/queue"],
    "src/sdk/spool": SHARED,
    "src/sdk": [
        *SHARED,
        "src/json",
        "src/jsonpath",
        "src/redact",
        "src/wire",
        "src/net",
        "src/sdk",
    ],
    # The server's floors.
    "src/server/query": [*SHARED, "src/json"],
    "src/server/store": [*SHARED, "src/json", "src/wire", "src/server/query"],
    "src/server/account": [*SHARED, "src/json", "src/wire", "src/server/store"],
    "src/server/redaction": [*SHARED, "src/redact", "src/server/account"],
    "src/server/normalise": [
        *SHARED,
        "src/json",
        "src/redact",
        "src/wire",
        "src/server/store",
        "src/server/redaction",
    ],
    # A door knows the pipeline only as its Intake; what is served knows no door but who asks.
    "src/server/ingest": [
        *SHARED,
        "src/json",
        "src/wire",
        "src/net",
        "src/server/store",
        "src/server/account",
        "src/server/redaction",
    ],
    "src/server/serve": [
        *SHARED,
        "src/json",
        "src/wire",
        "src/net",
        "src/server/store",
        "src/server/account",
        "src/server/ingest",
        "src/server/query",
        "src/server/redaction",
    ],
    # pipeline.cc and server.cc, which connect them all.
    "src/server": [
        *SHARED,
        "src/json",
        "src/jsonpath",
        "src/redact",
        "src/wire",
        "src/net",
        "src/server",
    ],
    "src/cli": [
        *SHARED,
        "src/json",
        "src/jsonpath",
        "src/redact",
        "src/wire",
        "src/net",
        "src/server",
    ],
    "python/ext": [*SHARED, "src/json", "src/jsonpath", "src/redact", "src/sdk", "src/wire"],
}
# Only these may open sockets or files.
IO_HEADERS = re.compile(
    r"#\s*include\s+<(?:sys/socket\.h|curl/curl\.h|sqlite3\.h|fstream|boost/(?:asio|beast)[^>]*)>"
)
IO_FOLDERS = (
    "src/net",
    "src/server/store",
    "src/server/account",
    "src/server/serve",
    "src/server/ingest",
    "src/sdk/deliver",
    "src/sdk/spool",
    "src/cli",
)


def folder_of(path: str) -> str | None:
    fits = [name for name in ALLOWED if path == name or path.startswith(name + "/")]
    return max(fits, key=len) if fits else None


def main() -> int:
    problems: list[str] = []
    sources = [
        p
        for top in ("src", "include", "python/ext")
        for p in (ROOT / top).rglob("*")
        if p.suffix in {".cc", ".h"}
    ]
    for path in sorted(sources):
        name = path.relative_to(ROOT).as_posix()
        if name.endswith("_test.cc"):
            continue
        text = path.read_text()
        own = folder_of(name)
        for included in INCLUDE.findall(text):
            target = "include/" + included if included.startswith("apitoolkit/") else included
            theirs = folder_of(target)
            if own is None or theirs is None or theirs == own:
                continue
            if not any(theirs == a or theirs.startswith(a + "/") for a in ALLOWED[own]):
                problems.append(f"{name}: {own} may not include {included}")
        if name.startswith("src/") and IO_HEADERS.search(text) and not name.startswith(IO_FOLDERS):
            problems.append(f"{name}: only {', '.join(IO_FOLDERS)} do I/O")
    print("\n".join(problems) or f"{len(sources)} files in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
