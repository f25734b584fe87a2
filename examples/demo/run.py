"""`make demo`: a server, a shop, traffic through it, and the dashboard's address.

Runs until Ctrl-C, or for DEMO_SECONDS; then it ends with status 0 only if everything that was sent
was found again in the server, and none of the planted secrets was.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "build" / "demo"
CARD = "4242424242424242"
PASSWORD = "hunter2-planted-secret"
BEARER = "planted-bearer-token"


def say(text: str) -> None:
    print(text, flush=True)


def call(url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data=data, headers={"Content-Type": "application/json", **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def free_port(preferred: int = 0) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            return free_port()
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(
    name: str, command: list[str], environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    with (DATA / f"{name}.log").open("w") as log:
        started = subprocess.Popen(
            command, stdout=subprocess.PIPE if name == "server" else log, stderr=log, text=True,
            env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(timeout=20)
        except subprocess.TimeoutExpired:
            started.kill()


def wait_for(url: str, started: subprocess.Popen[str], name: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError):
            call(url)
            return
        if started.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{name} did not start; see {DATA / (name + '.log')}")
        time.sleep(0.1)


def shop_once(shop: str, random_number: random.Random) -> int:
    """One request that a visitor of the shop may make; returns how many exchanges it makes."""
    card = {"number": CARD, "cvc": "123", "holder": "Ada Lovelace"}
    bearer = {"Authorization": f"Bearer {BEARER}"}
    kind = random_number.randrange(10)
    if kind <= 2:
        call(f"{shop}/products")
    elif kind <= 4:
        call(f"{shop}/products/{random_number.randrange(1, 5)}?ref=newsletter", headers=bearer)
    elif kind == 5:
        password = random_number.choice([PASSWORD, "wrong-" + PASSWORD])
        call(f"{shop}/login", {"name": "ada", "password": password})
    elif kind <= 7:
        order = {"product_id": random_number.randrange(1, 4), "card": card}
        call(f"{shop}/orders", order, bearer)
    elif kind == 8:
        call(f"{shop}/rates")
    else:
        call(f"{shop}/invoices/{random_number.randrange(1000, 9999)}")
    return 2 if 6 <= kind <= 8 else 1  # orders and rates call the payment provider


def all_exchanges(server: str, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        query = urllib.parse.urlencode({"limit": 1000, **({"cursor": cursor} if cursor else {})})
        _, body = call(
            f"{server}/api/v1/exchanges?{query}", headers={"Authorization": f"Bearer {key}"}
        )
        page = json.loads(body)
        found += page["data"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def findings(exchanges: list[dict[str, Any]]) -> None:
    incoming = [e for e in exchanges if e["request_type"] == "incoming"]
    failing = collections.Counter(
        f"{e['method']} {e['url_path']}" for e in incoming if e["status_code"] >= 500
    )
    errors = collections.Counter(
        f"{error['error_type']}: {error['message']}" for e in incoming for error in e["errors"]
    )
    slowest = max(incoming, key=lambda e: int(e["duration"]))
    say(f"  {len(incoming)} requests served, {len(exchanges) - len(incoming)} outgoing calls")
    for name, count in failing.most_common(3):
        say(f"  {name} failed {count} times")
    for name, count in errors.most_common(3):
        say(f"  {count} × {name}")
    say(f"  slowest: {slowest['method']} {slowest['raw_url']}, {slowest['duration'] / 1e6:.1f} ms")


def main() -> int:
    seconds = float(os.environ.get("DEMO_SECONDS", "0"))
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    key, password = secrets.token_hex(32), secrets.token_urlsafe(9)
    port = free_port(int(os.environ.get("DEMO_PORT", "8080")))
    server_url = f"http://127.0.0.1:{port}"
    shop_port, payments_port = free_port(), free_port()
    shop_url = f"http://127.0.0.1:{shop_port}"
    python = sys.executable
    server_command = [
        *(str(ROOT / "build" / "release" / "apitoolkit"), "serve"),
        *("--data", str(DATA / "data"), "--listen", f"127.0.0.1:{port}"),
    ]
    bootstrap = {
        "APITOOLKIT_BOOTSTRAP_KEY": key,
        "APITOOLKIT_BOOTSTRAP_PASSWORD": password,
        "APITOOLKIT_BOOTSTRAP_PROJECT": "Demo shop",
    }
    shop_environment = {
        "APITOOLKIT_API_KEY": key,
        "APITOOLKIT_ROOT_URL": server_url,
        "SHOP_PAYMENTS": f"http://127.0.0.1:{payments_port}",
    }
    here = str(Path(__file__).parent)
    gunicorn = [
        python,
        "-m",
        "gunicorn",
        "--chdir",
        here,
        "--workers",
        "2",
        "--bind",
        f"127.0.0.1:{shop_port}",
    ]
    sent = 0
    with contextlib.ExitStack() as running:
        say("== server")
        server = running.enter_context(process("server", server_command, bootstrap))
        wait_for(f"{server_url}/healthz", server, "server")
        say("== shop (Flask under gunicorn) and its payment provider")
        provider = [python, f"{here}/payments.py", str(payments_port)]
        payments = running.enter_context(process("payments", provider, {}))
        shop = running.enter_context(process("shop", [*gunicorn, "shop:app"], shop_environment))
        wait_for(f"http://127.0.0.1:{payments_port}/v1/rates", payments, "payments")
        wait_for(f"{shop_url}/products", shop, "shop")
        sent += 1
        say("== traffic")
        dice = random.Random(7)
        for _ in range(120):
            sent += shop_once(shop_url, dice)
        exchanges = wait_until_found(server_url, key, sent)
        say("")
        say(f"  dashboard  {server_url}")
        say(f"  log in     owner / {password}")
        say(f"  API key    {key}")
        say(f"  files      {DATA}")
        say("")
        say("First findings:")
        findings(exchanges)
        say("")
        say(f"Traffic goes on {f'for {seconds:.0f} seconds' if seconds else 'until Ctrl-C'}.")
        end = time.monotonic() + seconds if seconds else float("inf")
        with contextlib.suppress(KeyboardInterrupt):
            while time.monotonic() < end:
                sent += shop_once(shop_url, dice)
                time.sleep(0.2)
        say("")
        shop.send_signal(signal.SIGTERM)
        shop.wait(timeout=20)
        return verdict(wait_until_found(server_url, key, sent), sent)


def wait_until_found(server: str, key: str, sent: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 20
    while True:
        found = all_exchanges(server, key)
        if len(found) >= sent or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def verdict(found: list[dict[str, Any]], sent: int) -> int:
    text = json.dumps(found)
    leaked = [
        secret
        for secret in (CARD, PASSWORD, BEARER, "s3cr3t", "ada@shop.example")
        if secret in text
    ]
    orphans = [e["id"] for e in found if e["request_type"] == "outgoing" and not e["parent_id"]]
    say(f"sent {sent} exchanges, found {len(found)} of them")
    say(f"{len(leaked)} secrets leaked, {len(orphans)} outgoing calls without their request")
    masked = len(re.findall(r"\[CLIENT_REDACTED\]", text))
    say(f"{masked} values were redacted before they left the shop")
    return 0 if len(found) == sent and not leaked and not orphans and masked else 1


if __name__ == "__main__":
    sys.exit(main())
