"""A real HTTP server that stands for a text message, Signal, Matrix or push gateway (`json://` of the library)."""

import http.server
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager

from django.test import override_settings


class Gateway:
    """What it took: path, headers and text of each message; and what it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str], str]] = []
        self.status = 200
        self.location = ""  # where it redirects what is sent to another path
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                is_redirected = bool(gateway.location) and not gateway.location.endswith(self.path)
                if gateway.status == 200 and not is_redirected:
                    gateway.taken.append((self.path, dict(self.headers), body))
                self.send_response(307 if is_redirected else gateway.status)
                if is_redirected:
                    self.send_header("Location", gateway.location)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def address(self, to: str = "5550122") -> str:
        """Of one telephone behind it."""
        return f"json://user:5ecret@127.0.0.1:{self.server.server_port}/to/{to}"

    def for_clients(self) -> str:
        """As an office sets it: the number goes where `{to}` stands."""
        return self.address("{to}")

    def texts(self) -> list[str]:
        return [json.loads(body)["message"] for _, _, body in self.taken]


@contextmanager
def gateway() -> Generator[Gateway]:
    running = Gateway()
    serving = threading.Thread(target=running.server.serve_forever, daemon=True)
    serving.start()
    try:
        with override_settings(GATEWAY_HOSTS={("127.0.0.1", running.server.server_port)}):  # its operator's list
            yield running
    finally:
        running.server.shutdown()
        running.server.server_close()
        serving.join()
