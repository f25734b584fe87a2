"""How many instructions recording adds to a request's thread, where the processor will not tell.

    python instructions_by_valgrind.py bare | "ours …"  REQUESTS        serves them, nothing else

Two runs under callgrind that differ in nothing but the number of requests: the difference of their
counts is what those requests took. Only the first thread's count is read, which is the request's.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from contenders import BARE, attach
from workload import environ, make_app, serve

FEW, MANY = 50, 250
FORMS = ("ours init_app 5+5", "ours hooks 5+5")
NOBODY = "http://127.0.0.1:1"


def measure() -> dict[str, Any]:
    """A request of 1 KB each way. Takes a minute; None without valgrind."""
    if shutil.which("valgrind") is None:
        return {f"added_instructions {form}": None for form in FORMS}
    bare = _per_request(BARE)
    return {f"added_instructions {form}": _per_request(form) - bare for form in FORMS}


def _per_request(form: str) -> float:
    return (_count(form, MANY) - _count(form, FEW)) / (MANY - FEW)


def _count(form: str, requests: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *("valgrind", "--tool=callgrind", "--separate-threads=yes"),
                f"--callgrind-out-file={folder}/out",
                *(sys.executable, __file__, form, str(requests)),
            ],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        found = re.search(r"^(?:totals|summary): (\d+)", Path(folder, "out-01").read_text(), re.M)
        if found is None:
            raise RuntimeError("callgrind's output has no total")
        return int(found[1])


def main() -> None:
    name, requests = sys.argv[1], int(sys.argv[2])
    app = make_app()
    attach(name, app, NOBODY)
    gc.disable()  # a collection of Flask's own garbage would fall into one count and not the other
    for _ in range(requests):
        serve(app, environ("1k"))
    os._exit(0)


if __name__ == "__main__":
    main()
