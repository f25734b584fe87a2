"""`make demo`: a server, a shop, traffic through it, and the dashboard's address.

Runs until Ctrl-C, or for DEMO_SECONDS; then it ends with status 0 only if everything that was sent
was found again in the server, and none of the planted secrets was.
"""

from __future__ import annotations

import collections
import contextlib
import fcntl
import json
import os
import random
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = Path(os.environ.get("APITOOLKIT_BINARY", ROOT / "build" / "release" / "apitoolkit"))
DATA = ROOT / "build" / "demo"
LOCK = ROOT / "build" / "demo.lock"
CARD = "4242424242424242"
PASSWORD = "hunter2-planted-secret"
BEARER = "planted-bearer-token"
# The server's, gunicorn's and the payment provider's way to say it.
SERVES = r"listening (?:on|at):? (http://127\.0\.0\.1:\d+)\b"


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


def lock_data() -> int:
    """Takes DATA for this run; ends if the processes of another one still use it."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"another demo runs in {DATA}: end that one first")
    return lock


class Part:
    """One process of the demo, and where it says that it serves."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], lock: int):
        self.log = DATA / f"{name}.log"
        self.name = name
        with self.log.open("w") as log:
            # The lock is passed on: it is held until the last process of the demo has ended.
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **environment},
                start_new_session=True, pass_fds=(lock,),
            )  # fmt: skip

    def url(self) -> str | None:
        """What its log says it serves; None if it ended instead."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            has_ended = self.process.poll() is not None
            found = re.search(SERVES, self.log.read_text(), re.IGNORECASE)
            if found:
                return found.group(1)
            if has_ended:
                return None
            time.sleep(0.1)
        return None

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(
    running: contextlib.ExitStack,
    name: str,
    commands: list[list[str]],
    environment: dict[str, str],
    lock: int,
) -> tuple[Part, str]:
    """The first of the commands that serves, and its URL. It is stopped with `running`."""
    for command in commands:
        part = Part(name, command, environment, lock)
        running.callback(part.stop)
        url = part.url()
        if url is not None:
            return part, url
        part.stop()
    sys.exit(f"{name} did not start; see {part.log}")


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
    say(f"  {len(incoming)} requests served, {len(exchanges) - len(incoming)} outgoing calls")
    for name, count in failing.most_common(3):
        say(f"  {name} failed {count} times")
    for name, count in errors.most_common(3):
        say(f"  {count} × {name}")
    if incoming:
        slowest = max(incoming, key=lambda e: int(e["duration"]))
        took = f"{slowest['duration'] / 1e6:.1f} ms"
        say(f"  slowest: {slowest['method']} {slowest['raw_url']}, {took}")


@dataclass
class Demo:
    key: str
    password: str
    server_url: str
    shop: Part
    shop_url: str


def start_all(running: contextlib.ExitStack, lock: int) -> Demo:
    key, password = secrets.token_hex(32), secrets.token_urlsafe(9)
    python, here = sys.executable, str(Path(__file__).parent)
    say("== server")
    serve = [str(BINARY), "serve", "--data", str(DATA / "data"), "--listen"]
    ports = [os.environ.get("DEMO_PORT", "8080"), "0"]
    bootstrap = {
        "APITOOLKIT_BOOTSTRAP_KEY": key,
        "APITOOLKIT_BOOTSTRAP_PASSWORD": password,
        "APITOOLKIT_BOOTSTRAP_PROJECT": "Demo shop",
    }
    commands = [[*serve, f"127.0.0.1:{port}"] for port in ports]
    _, server_url = start(running, "server", commands, bootstrap, lock)
    say("== shop (Flask under gunicorn) and its payment provider")
    provider = [python, f"{here}/payments.py", "0"]
    _, payments_url = start(running, "payments", [provider], {}, lock)
    gunicorn = [
        *(python, "-m", "gunicorn", "--chdir", here, "--workers", "2"),
        *("--graceful-timeout", "35", "--bind", "127.0.0.1:0", "shop:app"),
    ]
    settings = {
        "APITOOLKIT_API_KEY": key,
        "APITOOLKIT_ROOT_URL": server_url,
        # A slow machine may need more than the default to deliver what is left at the end.
        "APITOOLKIT_FLUSH_TIMEOUT_S": "30",
        "SHOP_PAYMENTS": payments_url,
    }
    shop, shop_url = start(running, "shop", [gunicorn], settings, lock)
    return Demo(key, password, server_url, shop, shop_url)


def main() -> int:
    seconds = float(os.environ.get("DEMO_SECONDS", "0"))
    # Neither a proxy nor an emulator of the machine gets between the demo's own processes.
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name == "PUBSUB_EMULATOR_HOST":
            del os.environ[name]
    os.environ["NO_PROXY"] = "*"
    lock = lock_data()
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    with contextlib.ExitStack() as running:
        demo = start_all(running, lock)
        say("== traffic")
        dice = random.Random(7)
        sent = sum(shop_once(demo.shop_url, dice) for _ in range(120))
        exchanges = wait_until_found(demo.server_url, demo.key, sent)
        say("")
        say(f"  dashboard  {demo.server_url}")
        say(f"  log in     owner / {demo.password}")
        say(f"  API key    {demo.key}")
        say(f"  files      {DATA}")
        say("")
        say("First findings:")
        findings(exchanges)
        say("")
        say(f"Traffic goes on {f'for {seconds:.0f} seconds' if seconds else 'until Ctrl-C'}.")
        sent += traffic(demo.shop_url, dice, seconds)
        say("")
        demo.shop.stop()
        return verdict(wait_until_found(demo.server_url, demo.key, sent), sent)


def traffic(shop_url: str, dice: random.Random, seconds: float) -> int:
    """For so long, or until Ctrl-C, which lets the request that is being made end: what was sent
    can only be counted if every answer was seen. Returns how many exchanges were made."""
    is_over = threading.Event()
    interrupt = signal.signal(signal.SIGINT, lambda *_: is_over.set())
    end = time.monotonic() + seconds if seconds else float("inf")
    sent = 0
    while not is_over.is_set() and time.monotonic() < end:
        sent += shop_once(shop_url, dice)
        is_over.wait(0.2)
    signal.signal(signal.SIGINT, interrupt)
    return sent


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
