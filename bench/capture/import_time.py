"""How long `import apitoolkit_flask` takes, in ms: in a fresh process that has imported Flask.

    python import_time.py flask | flask+httpx        prints the ms, behind those imports

Everybody who uses the package has Flask; many have HTTPX as well, which our package imports only
once an outgoing call is observed, if at all.
"""

from __future__ import annotations

# Nothing else here: what is imported already would not be a part of the figure.
import importlib
import sys
import time


def measure(rounds: int) -> dict[str, float]:
    import statistics

    from fresh_process import interleaved

    samples = interleaved(__file__, ("flask", "flask+httpx"), rounds)
    return {
        "import_ms": statistics.median(samples["flask"]),
        "import_ms_after_httpx": statistics.median(samples["flask+httpx"]),
    }


def main() -> None:
    for name in sys.argv[1].split("+"):
        importlib.import_module(name)
    begin = time.perf_counter()
    importlib.import_module("apitoolkit_flask")
    print((time.perf_counter() - begin) * 1e3)


if __name__ == "__main__":
    main()
