"""Checks that the links of the documentation lead somewhere, and that decisions are numbered."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def main() -> int:
    problems: list[str] = []
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", "*.md"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout.split()  # fmt: skip
    for name in listed:
        path = ROOT / name
        text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
        for target in LINK.findall(text):
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists():
                problems.append(f"{name}: {target} is not there")
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs/adr").glob("[0-9]*.md"))
    if len(numbers) != len(set(numbers)):
        problems.append("docs/adr: two decisions have one number")
    print("\n".join(problems) or f"{len(listed)} documents in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
