"""What a restore ended again is completed with members' keys, and only where the signed journal names it too."""

from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from caseapp.accounts.directory import members
from caseapp.accounts.directory.records import ACTIVE, REMOVED
from caseapp.accounts.members import destruction_journal
from caseapp.accounts.signin import sessions
from caseapp.casefile.models import ReplayedEnd
from caseapp.index import reader
from caseapp.vault.tenancy import office_transaction
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def journal(settings: Settings, tmp_path: Path) -> Path:
    settings.JOURNAL_FILE = tmp_path / "destructions.journal"
    settings.BACKUP_TO = ""
    return Path(settings.JOURNAL_FILE)


def _write_row(attorney: Worker, kind: str, subject: UUID) -> None:
    with office_transaction(attorney.staff.org_id):
        ReplayedEnd.objects.create(org_id=attorney.staff.org_id, subject=subject, kind=kind)


def _state_of(attorney: Worker, member_id: UUID) -> str:
    staff = sessions.open(attorney.client.cookies[settings.SESSION_COOKIE].value)  # with the keys it has by now
    with office_transaction(staff.org_id):
        people = members.read_directory(staff.keys).people
    return next(person.state for person in people if person.member_id == member_id)


def _is_listed(attorney: Worker, case_id: UUID) -> bool:
    with office_transaction(attorney.staff.org_id):
        return bool(
            tuple(reader.open_readable_view(attorney.staff.keys, zone=attorney.staff.zone).listed_rows(case_id))
        )


def test_a_row_in_the_database_alone_removes_no_member_and_hides_no_case(
    attorney: Worker, case_id: UUID, journal: Path
) -> None:
    """The attacker writes rows and has a member's keyring, but not the server's key, which signs the journal."""
    ben = member(attorney.staff, "caseworker").staff.member_id
    _write_row(attorney, "members", ben)
    _write_row(attorney, "cases", case_id)
    destruction_journal.record_destruction("members", attorney.staff.org_id, case_id)  # another end of another subject
    forged = journal.read_text().replace(case_id.hex, ben.hex)
    journal.write_text(journal.read_text() + forged + f"1 2026-11-24 cases {attorney.staff.org_id.hex} {case_id.hex}\n")
    assert attorney.client.get("/").status_code == 200
    assert _state_of(attorney, ben) == ACTIVE
    assert _is_listed(attorney, case_id)


def test_an_end_that_the_journal_names_is_completed_when_an_admin_opens_today(attorney: Worker, case_id: UUID) -> None:
    ben = member(attorney.staff, "caseworker").staff.member_id
    for kind, subject in (("members", ben), ("cases", case_id)):
        _write_row(attorney, kind, subject)
    destruction_journal.record_destruction("members", attorney.staff.org_id, ben)
    destruction_journal.record_destruction("cases", attorney.staff.org_id, case_id)
    assert attorney.client.get("/").status_code == 200
    assert _state_of(attorney, ben) == REMOVED
    assert not _is_listed(attorney, case_id)
