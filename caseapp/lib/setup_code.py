"""The set-up code: a one-time secret of the secrets folder, without which no office can be set up.

The first visitor of a new server must not own it: only a person who can read the server's secrets can set it up. Each
further office has a code of its own, in a file that is named after the office's id.
"""

import hmac
import secrets
from pathlib import Path
from uuid import UUID

from caseapp.lib import secret_files
from caseapp.lib.text.digits import normalise_digits

FILE_NAME = "setup.code"
OFFICES = "offices"  # folder of the codes of further offices
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without i, l, o and u, which are misread
GROUPS, GROUP_LENGTH = 5, 5  # 25 characters of 5 bits
MISREAD = str.maketrans("ilo", "110", "- ")


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
    return _is_same(typed, code or _propose_code()) and code is not None


def destroy_code(folder: Path) -> None:
    """Destroy the code, as soon as an office exists. Idempotent."""
    secret_files.destroy_file(folder / FILE_NAME)


def create_office_code(folder: Path, org_id: UUID) -> str:
    """Store a new code for a further office of this id, and return it."""
    code = _propose_code()
    secret_files.replace_file(_office_file(folder, org_id), code.encode())
    return code


def waiting_offices(folder: Path) -> list[UUID]:
    """Return the ids of the further offices that wait for their set-up."""
    return sorted(UUID(hex=path.stem) for path in (folder / OFFICES).glob("*.code"))


def find_office_of_code(folder: Path, typed: str) -> UUID | None:
    """Return the further office whose code was typed, or None. Compares with each of them."""
    matching = None
    for org_id in waiting_offices(folder):
        try:
            code = _office_file(folder, org_id).read_text().strip()
        except FileNotFoundError:  # set up or removed at this moment
            continue
        if _is_same(typed, code):
            matching = org_id
    return matching


def destroy_office_code(folder: Path, org_id: UUID) -> None:
    """Destroy the code of a further office, when the office exists or is no longer wanted. Idempotent."""
    secret_files.destroy_file(_office_file(folder, org_id))


def setup_link(origin: str, code: str, *, further: bool = False) -> str:
    """Return the link with the code in its fragment, which a browser sends to no server and in no referrer.

    further  of a further office on a server that has one
    """
    return f"{origin}/setup/office/#{code}" if further else f"{origin}/setup/#{code}"


def normalize_code(text: str) -> str:
    """Return a typed code without spaces and dashes, in small letters, with misread letters as meant."""
    return normalise_digits(text).lower().translate(MISREAD)


def _office_file(folder: Path, org_id: UUID) -> Path:
    return folder / OFFICES / f"{org_id.hex}.code"


def _is_same(typed: str, code: str) -> bool:
    return hmac.compare_digest(normalize_code(typed).encode(), normalize_code(code).encode())


def _propose_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
