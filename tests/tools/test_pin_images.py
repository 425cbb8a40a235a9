"""Base images are pinned to digests that a registry showed, and to no others."""

import hashlib
import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from caseapp.tools import pin_images

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.dumps({"schemaVersion": 2, "manifests": []}).encode()
DIGEST = f"sha256:{hashlib.sha256(MANIFEST).hexdigest()}"


@contextmanager
def registry(*, named: str = DIGEST, wants_token: bool = True) -> Generator[str]:
    """A registry on this machine with one image, `library/postgres:18`, that says its digest is `named`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"]
            if self.path.startswith("/token"):
                return self._answer(200, json.dumps({"token": "anonymous"}).encode())
            if wants_token and self.headers.get("Authorization") != "Bearer anonymous":
                realm = f'Bearer realm="http://{host}/token",service="here",scope="repository:library/postgres:pull"'
                return self._answer(401, b"", {"WWW-Authenticate": realm})
            if self.path != "/v2/library/postgres/manifests/18":
                return self._answer(404, b"")
            return self._answer(200, MANIFEST, {"Docker-Content-Digest": named})

        def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def files(folder: Path, image: str) -> tuple[Path, Path]:
    compose, dockerfile = folder / "docker-compose.yml", folder / "Dockerfile"
    compose.write_text(f"services:\n  postgres:\n    image: {image}\n    restart: always\n")
    dockerfile.write_text(f"ARG PYTHON_IMAGE={image}\nFROM ${{PYTHON_IMAGE}}\n")
    return compose, dockerfile


@pytest.mark.parametrize("wants_token", [True, False])
def test_the_digest_that_the_registry_shows_is_written_into_both_files(tmp_path: Path, wants_token: bool) -> None:
    with registry(wants_token=wants_token) as host:
        image = f"{host}/library/postgres:18"
        compose, dockerfile = files(tmp_path, image)
        pin_images.main(tmp_path)
        pin_images.main(tmp_path)  # a second time changes nothing
    assert f"    image: {image}@{DIGEST}\n    restart" in compose.read_text()
    assert dockerfile.read_text().startswith(f"ARG PYTHON_IMAGE={image}@{DIGEST}\n")


@pytest.mark.parametrize("named", ["", "sha256:" + "0" * 64])
def test_a_digest_that_is_not_that_of_the_manifest_is_not_written(
    tmp_path: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with registry(named=named) as host:
        compose, _ = files(tmp_path, f"{host}/library/postgres:18")
        before = compose.read_text()
        assert pin_images.main(tmp_path) == 0
    assert compose.read_text() == before
    assert "stays as it is: the digest that the registry names is not that" in capsys.readouterr().out


def test_where_no_registry_answers_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compose, dockerfile = files(tmp_path, "127.0.0.1:9/library/postgres:18")
    before = compose.read_text(), dockerfile.read_text()
    assert pin_images.main(tmp_path) == 0
    assert (compose.read_text(), dockerfile.read_text()) == before
    assert capsys.readouterr().out.count("stays as it is: the registry did not answer") == 2


def test_an_image_that_the_registry_does_not_have_is_left_alone(tmp_path: Path) -> None:
    with registry() as host:
        compose, _ = files(tmp_path, f"{host}/library/postgres:99")
        before = compose.read_text()
        pin_images.main(tmp_path)
    assert compose.read_text() == before


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("postgres:18", ("registry-1.docker.io", "library/postgres", "18")),
        ("valkey/valkey:9", ("registry-1.docker.io", "valkey/valkey", "9")),
        ("registry.example.org/a/b:1.2", ("registry.example.org", "a/b", "1.2")),
        ("localhost:5000/b:1", ("localhost:5000", "b", "1")),
    ],
)
def test_names_are_read_as_docker_reads_them(text: str, name: tuple[str, str, str]) -> None:
    assert pin_images.parse_name(text) == name


def test_every_base_image_of_the_production_files_is_found() -> None:
    found = {
        line[2] for name, pattern in pin_images.LINES.items() for line in pattern.finditer((ROOT / name).read_text())
    }
    assert found == {"postgres:18", "valkey/valkey:9", "caddy:2", "python:3.11-slim"}
    named = re.findall(r"^FROM (?!\$\{PYTHON_IMAGE\})", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert named == []
