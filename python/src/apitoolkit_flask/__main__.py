"""The command line: `python -m apitoolkit_flask check`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from ._check import FAILED, Finding, check
from ._native import __version__

TIMEOUT_S = 10.0

DESCRIPTION = """\
Checks an installation: does the configuration make sense and every path parse, is the server
reachable, is the key good, where would exchanges be published, and, with --send, do they arrive.

The options come from the environment (APITOOLKIT_API_KEY, APITOOLKIT_REDACT_HEADERS, ...), as the
application has them, and from --config; the arguments here win. Nothing is sent without --send.
"""

EXIT_STATUS = """\
exit status: 0 all is well; 1 the server, the key or the delivery is at fault; 2 the options are
"""


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 600:
        raise ValueError
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m apitoolkit_flask")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    command = commands.add_parser(
        "check",
        help="check the configuration, the key and the way to the server",
        description=DESCRIPTION,
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--config", metavar="FILE", help="a TOML file with options")
    command.add_argument(
        "--api-key", metavar="KEY", help="better in APITOOLKIT_API_KEY, where ps does not show it"
    )
    command.add_argument("--root-url", metavar="URL", help="the server that issued the key")
    command.add_argument("--send", action="store_true", help="send one exchange, marked as a test")
    command.add_argument(
        "--timeout",
        type=_seconds,
        default=TIMEOUT_S,
        metavar="SECONDS",
        help="for each request; default %(default)g",
    )
    command.add_argument("--json", action="store_true", help="one JSON object in place of lines")
    return parser


def _status_of(findings: Sequence[Finding]) -> int:
    failed = [finding for finding in findings if finding.status == FAILED]
    if any(finding.is_configuration for finding in failed):
        return 2
    return 1 if failed else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = _parser().parse_args(arguments)
    given = {
        "config_file": parsed.config,
        "api_key": parsed.api_key,
        "root_url": parsed.root_url,
    }
    findings: list[Finding] = []
    for finding in check(given, parsed.send, parsed.timeout):
        findings.append(finding)
        if not parsed.json:
            sys.stdout.write(f"{finding.status:8} {finding.name:24} {finding.detail}\n")
            sys.stdout.flush()
    status = _status_of(findings)
    if parsed.json:
        checks = [
            {"name": name, "status": word.lower(), "detail": detail}
            for word, name, detail, _ in findings
        ]
        json.dump({"exit_status": status, "checks": checks}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
