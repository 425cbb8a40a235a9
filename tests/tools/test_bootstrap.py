"""`make install` on a bare machine: what is fetched is checked, what is too old is said."""

import hashlib
import io
import platform
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from caseapp.tools import bootstrap


class Answer(io.BytesIO):
    """What a file server sends."""


def wheel(program: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("uv/__init__.py", "")
        archive.writestr("uv-0.data/scripts/uvx", b"another program")
        archive.writestr("uv-0.data/scripts/uv", program)
    return out.getvalue()


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "uv")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return tmp_path / "uv"


def serve(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, **more: Answer(content))


def test_a_download_with_the_known_hash_is_unpacked(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = wheel(b"#!/bin/sh\necho uv of the wheel\n")
    known = {("linux", "x86_64"): ("some/path", hashlib.sha256(content).hexdigest())}
    monkeypatch.setattr(bootstrap, "UV_WHEELS", known)
    serve(monkeypatch, content)
    program = bootstrap.download_uv()
    assert subprocess.run([program], capture_output=True, check=True).stdout == b"uv of the wheel\n"


def test_a_download_with_another_hash_is_refused_and_leaves_nothing(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(monkeypatch, wheel(b"not ours"))
    with pytest.raises(bootstrap.CannotInstall, match="its hash differs"):
        bootstrap.download_uv()
    assert not (tools / "bin" / "uv").exists()


def test_an_unknown_machine_is_told_in_one_sentence(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    with pytest.raises(bootstrap.CannotInstall, match="No uv is known for linux on vax"):
        bootstrap.download_uv()


def test_a_python_too_old_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(bootstrap.CannotInstall, match=r"needs Python 3\.11 or newer"):
        bootstrap.find_python()


def test_a_newer_python_beside_an_old_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    found = {"python3.12": "/usr/bin/python3.12"}
    monkeypatch.setattr(shutil, "which", found.get)
    assert bootstrap.find_python() == "/usr/bin/python3.12"


def test_every_pinned_wheel_is_of_the_pinned_version() -> None:
    for path, digest in bootstrap.UV_WHEELS.values():
        assert f"/uv-{bootstrap.UV_VERSION}-py3-none-" in path
        assert len(bytes.fromhex(digest)) == 32


def test_nothing_but_the_standard_library_is_needed() -> None:
    lonely = ["/usr/bin/env", "python3", "-I", "-S", "-c", f"import runpy; runpy.run_path({bootstrap.__file__!r})"]
    assert subprocess.run(lonely, check=False, capture_output=True).returncode == 0
