"""What a member sees in a restored data folder: `python -m tests.cli.backup.look ROOT EMAIL [BUNDLE]`, as JSON.

BUNDLE: id and sealed keys of a member, in hex, as a thief of the database has them who knows the passphrase too.

A program of its own, because Django has one database and one folder of secrets for the length of a process.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from caseapp.cli.backup.archive.local_server import local_postgres
from caseapp.cli.stack.data_folder import DataFolder, process_environment


def look(root: Path, email: str, bundle: str) -> dict[str, Any]:
    """Sign a member in with the cast's words, run the upkeep of Today, and open everything they have."""
    folder = DataFolder(root)
    with local_postgres(folder, durable=False) as server:
        url = server.database_url("caseapp")
        broker, origin = "redis://127.0.0.1:6379/0", "http://127.0.0.1:8000"
        os.environ.update(process_environment(folder, database=url, role="web", broker=broker, origin=origin))
        import django

        django.setup()
        from django.db import connections

        try:
            return _look(email) | ({"bundle": _try_bundle(bundle)} if bundle else {})
        finally:
            connections.close_all()


def _look(email: str) -> dict[str, Any]:
    import caseapp.config.urls  # noqa: F401  # loads every feature, and so every kind of record
    from caseapp.accounts.directory import members
    from caseapp.accounts.models import Door, Session
    from caseapp.accounts.signin import sessions, sign_in
    from caseapp.casefile.upkeep import run as upkeep
    from caseapp.index import reader
    from caseapp.lib.errors import Refused
    from caseapp.reminders import heartbeat
    from caseapp.vault.models import VaultBlob
    from caseapp.vault.tenancy import office_transaction
    from tests.helpers.cast import WORDS
    from tests.helpers.upkeep import take_one_round

    seen: dict[str, Any] = {"sessions": Session.objects.count(), "signs": sorted(heartbeat.last_seen())}
    seen["addresses"] = Door.objects.count()
    try:
        token = sign_in.sign_in(email, WORDS).token
    except Refused as refused:
        return seen | {"refused": refused.code}
    staff = sessions.open(token)
    take_one_round(staff, 5.0)
    staff = sessions.open(token)
    with office_transaction(staff.org_id):
        view = reader.open_view(staff.keys, zone=staff.zone)
        people = {person.name: person.state for person in members.read_directory(staff.keys).people}
        return seen | {
            "failed": upkeep.has_failed(staff),
            "listed": sorted(row.ref for _, row in view.all_rows()),
            "cases": {row.ref: _open(staff, case_id) for case_id, row in view.all_rows()},
            "people": people,
            "blobs": [blob.id.hex for blob in VaultBlob.objects.all()],
        }


def _try_bundle(bundle: str) -> str:
    """Return what happens to a thief who opens a member's sealed keys with everything that was restored."""
    from caseapp.accounts.models import Member
    from caseapp.accounts.signin import unlock_bundle
    from caseapp.vault.errors import OpenFailed
    from tests.helpers.cast import WORDS

    member, _, content = bundle.partition(":")
    try:
        unlock_bundle.by_passphrase(Member(id=UUID(member), bundle=bytes.fromhex(content)), WORDS)
    except OpenFailed as problem:
        return type(problem).__name__
    return "opened"


def _open(staff: Any, case_id: Any) -> dict[str, Any]:
    from caseapp.casefile import case_access
    from caseapp.casefile.file_storage import OpenDocument
    from caseapp.lib.errors import NotFound
    from caseapp.records.document import Document
    from caseapp.records.note import Note
    from caseapp.vault.errors import OpenFailed

    try:
        file = case_access.open_case(staff.keys, case_id)
    except (NotFound, OpenFailed) as exc:
        return {"error": type(exc).__name__}
    documents = [
        b"".join(OpenDocument(staff.org_id, version).stream_verified()).decode()
        for entry in file.entries_of(Document)
        for version in entry.record.files
    ]
    notes = sorted(entry.record.text for entry in file.entries_of(Note))
    return {"doubt": file.doubt, "records": len(file.entries), "documents": documents, "notes": notes}


if __name__ == "__main__":
    print(json.dumps(look(Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")))
