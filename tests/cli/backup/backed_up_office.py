"""An office with two people, cases and a document, its offline key and its target of backups."""

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member
from caseapp.casefile import case_access
from caseapp.casefile.file_storage import BlobWriter
from caseapp.cases.services import cases, closing, notes
from caseapp.cli.backup.archive.key_file import OfflineKey, make_key, read_offline_key
from caseapp.cli.backup.backup_run import BackupResult, BackupSource, run_backup
from caseapp.cli.stack.data_folder import DataFolder
from caseapp.documents import services as documents
from caseapp.records.case import Case
from caseapp.reminders.planning import outbox
from caseapp.team.services import removal
from caseapp.tools.pytest_plugin import bare_environment, run_caseapp
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

PAPER = "a copy of the identity card, page one of one"


@dataclass
class BackedUpOffice:
    """The office, whose database is the tests' and whose secrets and files are in `root`."""

    root: Path
    target: Path
    key_file: Path
    ana: Staff
    ben: UUID
    cases: dict[str, UUID] = field(default_factory=dict)

    @property
    def source(self) -> BackupSource:
        name = settings.DATABASES["default"]["NAME"]
        admin = os.environ["CASEAPP_TEST_ADMIN_URL"]
        return BackupSource(DataFolder(self.root), urlsplit(admin)._replace(path=f"/{name}").geturl())

    @property
    def key(self) -> OfflineKey:
        return read_offline_key(self.key_file)

    def back_up(self, said: list[str] | None = None) -> BackupResult:
        """Make a backup as the command does."""
        lines = [] if said is None else said
        return run_backup(self.source, self.target, say=lines.append, merge_outbox=outbox.merge)

    def add_case(self, name: str) -> UUID:
        """Open a case with a note and a document."""
        case_id = cases.open_case(self.ana, cases.NewCase(name=name))
        notes.add_note(self.ana, case_id, text=f"first talk with {name}")
        writer = BlobWriter(self.ana.org_id)
        writer.write(PAPER.encode())
        documents.add_documents(self.ana, case_id, [("card.txt", writer.finish())])
        self.cases[self.ref_of(case_id)] = case_id
        return case_id

    def ref_of(self, case_id: UUID) -> str:
        with office_transaction(self.ana.org_id):
            return case_access.open_case(self.ana.keys, case_id).get_only(Case).record.ref

    def close_case(self, case_id: UUID, kept_until: dt.date) -> None:
        with office_transaction(self.ana.org_id):
            version = case_access.open_case(self.ana.keys, case_id).get_only(Case).version
        closing.close_case(self.ana, case_id, code="granted", retain_until=kept_until, version=version)

    def destroy_case(self, case_id: UUID) -> None:
        """Destroy a closed case, after the day until which it is kept (the caller moves the clock)."""
        closing.shred_case(self.ana, case_id, typed_ref=self.ref_of(case_id), reason="The time is over.")

    def stolen_bundle(self, member: UUID) -> str:
        """Return id and sealed keys of a member, as the database has them now."""
        with office_transaction(self.ana.org_id):
            return f"{member}:{bytes(Member.objects.get(org_id=self.ana.org_id, id=member).bundle).hex()}"

    def remove_ben(self) -> None:
        removal.remove_member(self.ana, self.ben)


def found_office(root: Path, outside: Path) -> BackedUpOffice:
    """Found the office and make its offline key."""
    ana = cast.found()
    ben = cast.colleague_of(ana)
    key_file = outside / "offline.key"
    make_key(DataFolder(root), key_file, replace=True)
    return BackedUpOffice(root, outside / "target", key_file, cast.signed_in("ana@office.test"), ben)


def restore(
    target: Path, key_file: Path, root: Path, *more: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run `caseapp restore` into a data folder. `variables`: of its environment."""
    environment = {"CASEAPP_MODE": "test", **variables}
    return run_caseapp("restore", str(target), "--key", str(key_file), *more, root=root, **environment)


def look(root: Path, email: str = "ana@office.test", bundle: str = "") -> dict[str, Any]:
    """Return what a member sees in a restored folder. `bundle`: what `stolen_bundle` gave."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.cli.backup.look", str(root), email, bundle],
        env=bare_environment(root) | {"CASEAPP_MODE": "test"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    seen: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return seen
