"""`caseapp recover`: use the holders' recovery shares. Needs no server, database or settings, so it works offline.

Shares are read from the terminal (or from standard input, one a line) and kept in memory only.
"""

import argparse
import os
import sys
from pathlib import Path

FILE_LIMIT = 20_000_000  # bytes of a file


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp recover test FILE` and `caseapp recover grant --request FILE --out FILE`."""
    text = "Open the office's recovery with the holders' shares. Works on a machine without network."
    acts = subparsers.add_parser("recover", description=text).add_subparsers(required=True)
    test = acts.add_parser("test", description="Prove that the shares open every key; print a code to type back.")
    test.add_argument("file", type=Path, help="Test file, downloaded from the page Recovery")
    test.set_defaults(run=run_test)
    grant = acts.add_parser("grant", description="Give a member who lost their passphrase access again.")
    grant.add_argument("--request", type=Path, required=True, help="File that the member downloaded")
    grant.add_argument("--out", type=Path, required=True, help="Answer file to write; only that member can open it")
    grant.set_defaults(run=run_grant)


def run_test(args: argparse.Namespace) -> int:
    """Check the shares against the test file. Return 0 with the code, or 1 with a sentence."""
    from caseapp.accounts.recovery import offline_file
    from caseapp.vault.errors import OpenFailed

    try:
        content = _read_file(args.file)
        code, rows, root = offline_file.open_test_file(content, _ask_for_shares())
        org = offline_file.office_of_test_file(content)
    except (OpenFailed, OSError) as exc:
        return _refuse(exc)
    print(f"All {rows} keys of the office open with these shares.")
    print("Words of the office: " + " ".join(offline_file.office_words(org, root)))
    print("They are the same on every sheet. If they differ, this file is not of your office: stop.")
    print(f"Type this code on the page Recovery: {code}")
    return 0


def run_grant(args: argparse.Namespace) -> int:
    """Answer a recovery request. Return 0 when the answer was written, else 1 with a sentence."""
    from caseapp.accounts.recovery import offline_file
    from caseapp.lib.errors import NotFound
    from caseapp.vault.core import hybrid
    from caseapp.vault.errors import OpenFailed

    try:
        request = offline_file.read_request(_read_file(args.request))
        asker = offline_file.find_returning_member(request, _ask_for_shares())
    except NotFound:
        return _refuse("The member who asks does not belong to the office any more. Nothing was written.")
    except (OpenFailed, OSError) as exc:
        return _refuse(exc)
    root = hybrid.derive_verify_key(asker.root)
    words = offline_file.request_words(request.org, request.member, request.hpke_public, request.sign_public)
    print(f"{asker.person.name} ({asker.person.role}{', admin' if asker.person.is_admin else ''}) asks to come back.")
    if asker.handed_over:
        print(f"They are also given {len(asker.handed_over)} teams or walls that no member of the office can open.")
    if asker.unfit:
        print(f"{asker.unfit} keys in the file are not those of the office's groups. They are left out: tell an admin.")
    print("Words of the office: " + " ".join(offline_file.office_words(request.org, root)))
    print("They stand on your sheets. If they differ, this file is not of your office: stop.")
    print("Words of the request: " + " ".join(words))
    print("Call the person on a number you know; they read these six words to you from their page.")
    if _ask_for_line("Type yes if both are the same: ").lower() != "yes":
        return _refuse("Nothing was written.")
    try:
        _write_new_file(args.out, offline_file.build_answer(request, asker))
    except OSError as exc:
        return _refuse(exc)
    print(f"Written: {args.out}. It opens for {asker.person.name} only; they upload it on their page.")
    return 0


def _ask_for_shares() -> list[str]:
    """Ask for as many shares as the first one requires. Raises BadShares."""
    from caseapp.vault.core import shares

    given = [_ask_for_line("Share 1: ")]
    needed, _ = shares.threshold_and_number(given)
    while len(given) < needed:
        given.append(_ask_for_line(f"Share {len(given) + 1} of {needed}: "))
    return given


def _ask_for_line(prompt: str) -> str:
    if sys.stdin.isatty():
        import getpass

        return getpass.getpass(prompt) if prompt.startswith("Share") else input(prompt)
    return sys.stdin.readline().strip()


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_LIMIT + 1)


def _write_new_file(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can read; an existing file is not overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _refuse(why: object) -> int:
    print(why, file=sys.stderr)
    return 1
