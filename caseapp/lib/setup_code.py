"""The set-up code: a one-time secret of the secrets folder, without which no office can be set up.

The first visitor of a new server must not own it: only a person who can read the server's secrets can set it up.
"""

import hmac
import secrets
from pathlib import Path

from caseapp.lib import secret_files

FILE_NAME = "setup.code"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l, o and u, which are misread
GROUPS, GROUP_LENGTH = 5, 5  # 25 characters of 5 bits
MISREAD = str.maketrans("ilo", "110", "- \t\r\n")


def create_code(folder: Path) -> None:
    """Store a new code in the secrets folder unless there is one."""
    secret_files.create_file(folder / FILE_NAME, _propose_code().encode())


def replace_code(folder: Path) -> None:
    """Store a new code: the one before, and every link with it, stops working."""
    secret_files.replace_file(folder / FILE_NAME, _propose_code().encode())


def read_code(folder: Path) -> str | None:
    """Return the code in its printed form (`0a1b2-c3d4e-...`), or None if there is none."""
    try:
        return (folder / FILE_NAME).read_text().strip() or None
    except FileNotFoundError:
        return None


def matches_code(folder: Path, typed: str) -> bool:
    """Return whether the typed text is the code, however it is spaced and capitalised. Takes the same time for all."""
    code = read_code(folder)
    is_same = hmac.compare_digest(_normalize_code(typed).encode(), _normalize_code(code or _propose_code()).encode())
    return is_same and code is not None


def destroy_code(folder: Path) -> None:
    """Destroy the code, as soon as an office exists. Idempotent."""
    secret_files.destroy_file(folder / FILE_NAME)


def setup_link(origin: str, code: str) -> str:
    """Return the link with the code in its fragment, which a browser sends to no server and in no referrer."""
    return f"{origin}/setup/#{code}"


def _propose_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def _normalize_code(text: str) -> str:
    return text.lower().translate(MISREAD)
