"""Checks that every dependency stands in docs/dependencies.md, under a permissive licence.

CMake's find_package and pkg_check_modules, pyproject.toml and dashboard/package.json name the
direct ones; the licences of everything that npm installs are read from its lock file.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PERMISSIVE = {
    *(
        "MIT",
        "ISC",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "Apache-2.0",
        "BSL-1.0",
        "Zlib",
        "CC0-1.0",
        "0BSD",
    ),
    *("curl", "blessing", "BlueOak-1.0.0", "Python-2.0", "Unlicense", "MPL-2.0", "system"),
}  # MPL-2.0 is axe-core's, which only tests use


def table() -> dict[str, str]:
    rows: dict[str, str] = {}
    for line in (ROOT / "docs/dependencies.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if (
            line.startswith("|")
            and len(cells) >= 3
            and cells[0] != "dependency"
            and not cells[0].startswith("--")
        ):
            rows[cells[0].lower()] = cells[1]
    return rows


def direct() -> dict[str, str]:
    """Name of each direct dependency, and where it is named."""
    found: dict[str, str] = {}
    for path in [
        ROOT / "CMakeLists.txt",
        *ROOT.glob("cmake/*.cmake"),
        *ROOT.glob("**/CMakeLists.txt"),
    ]:
        if {"build", ".venv", "node_modules"} & set(path.relative_to(ROOT).parts):
            continue
        text = re.sub(r"#.*", "", path.read_text())
        for name in re.findall(r"find_package\(\s*(\S+)", text):
            found[name] = path.name
        for names in re.findall(r"pkg_check_modules\(\s*\S+((?:\s+[^\s)]+)+)\)", text):
            for name in names.split():
                if name not in {"REQUIRED", "IMPORTED_TARGET", "QUIET"}:
                    found[name] = path.name
    project = (ROOT / "pyproject.toml").read_text()
    dependencies = re.search(r"^dependencies = \[(.*?)\]", project, re.MULTILINE | re.DOTALL)
    for name in re.findall(r'"([A-Za-z0-9_.-]+)', dependencies.group(1) if dependencies else ""):
        found[name] = "pyproject.toml"
    package = json.loads((ROOT / "dashboard/package.json").read_text())
    found.update(dict.fromkeys(package.get("dependencies", {}), "dashboard/package.json"))
    return found


BUILD_TOOLS = {"PkgConfig", "Python", "Python3"}
ALIASES = {
    "prometheus-cpp-core": "prometheus-cpp",
    "unofficial-sodium": "libsodium",
    "libbrotlidec": "brotli",
    "libbrotlienc": "brotli",
}


def main() -> int:
    known = table()
    problems = [
        f"docs/dependencies.md: {n}: licence {licence} is not permissive"
        for n, licence in known.items()
        if licence not in PERMISSIVE
    ]
    for name, where in sorted(direct().items()):
        if name not in BUILD_TOOLS and ALIASES.get(name, name).lower() not in known:
            problems.append(f"{where}: {name} is not in docs/dependencies.md")
    lock = json.loads((ROOT / "dashboard/package-lock.json").read_text())
    for name, package in lock["packages"].items():
        licence = package.get("license", "")
        parts = set(re.split(r"\s+(?:OR|AND)\s+", licence.strip("()"))) if licence else set()
        if name and not (parts & PERMISSIVE):
            problems.append(f"dashboard/package-lock.json: {name}: licence {licence or 'unknown'}")
        if "resolved" in package:
            problems.append(f"dashboard/package-lock.json: {name} names a host")
    print("\n".join(problems) or f"{len(known)} dependencies, all permissive")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
