"""A TCP proxy before the server that ends connections in the middle of an answer."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

# SO_LINGER of no time: what is closed is reset.
RESET = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Each answer byte counts, over all connections; after `cuts` of them the connection that is at
    it ends, and so on. After the last cut, connections are refused if `then_refuse`."""

    def __init__(self, target_port: int, cuts: list[int], *, then_refuse: bool = False) -> None:
        self.target_port = target_port
        self.cuts = list(cuts)
        self.then_refuse = then_refuse
        self.passed = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if self.then_refuse and not self.cuts:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                return
            with socket.create_connection(("127.0.0.1", self.target_port)) as server:
                threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
                while piece := server.recv(4096):
                    with self._lock:
                        self.passed += len(piece)
                        cut = bool(self.cuts) and self.passed >= self.cuts[0]
                        if cut:
                            self.cuts.pop(0)
                    client.sendall(piece[:1000] if cut else piece)
                    if cut:
                        # Not closed alone: the thread that waits for requests would keep it open.
                        client.shutdown(socket.SHUT_RDWR)
                        return

    @staticmethod
    def _requests(client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(4096):
                server.sendall(piece)


@contextlib.contextmanager
def cutting_proxy(
    target_port: int, cuts: list[int], *, then_refuse: bool = False
) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(target_port, cuts, then_refuse=then_refuse)
    try:
        yield proxy
    finally:
        proxy.close()
