"""Lines about conflict checks that pages of higher features show."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse

from caseapp.accounts.directory import conflict_group, members
from caseapp.accounts.errors import DirectoryBehind
from caseapp.accounts.keys.staff import Staff
from caseapp.conflicts.services import checks, officer
from caseapp.lib import clock
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import join_office_transaction

NOT_ASKED, WAITING = "not_asked", "waiting"


@dataclass(frozen=True)
class ConflictLine:
    """The newest conflict check of a case.

    state       not_asked, waiting, cleared, waivable or not_waivable
    reason      the officer's sentence to the asker
    is_current  False when names or numbers of the case changed since it was asked, or its officer is one no more
    has_left    whether the officer who answered is a conflict officer no more
    """

    state: str
    asked_at: datetime | None = None
    decided_by: str = ""
    decided_on: date | None = None
    reason: str = field(default="", repr=False)
    is_current: bool = True
    has_left: bool = False


@dataclass(frozen=True)
class QueueLine:
    """A sentence of Today about checks that wait. `has_officer`: False where no member could answer them."""

    count: int
    href: str
    has_officer: bool


def check_line(staff: Staff, file: SealedFile) -> ConflictLine:
    """Return the state of a case's newest conflict check, the same for everyone who can open the case."""
    entry = checks.newest_check(file)
    if entry is None:
        return ConflictLine(NOT_ASKED)
    asked_at, is_current = entry.record.entered_at, checks.is_current(file, entry.record)
    answered = checks.read_answer(staff.keys, file.id, entry.record)
    if answered is None:
        return ConflictLine(WAITING, asked_at, is_current=is_current)
    answer, person = answered
    has_left = not checks.is_officer_now(staff.keys, person)
    return ConflictLine(
        answer.decision,
        asked_at,
        person.name,
        clock.local_date(answer.at, staff.zone),
        answer.sentence,
        is_current=is_current and not has_left,
        has_left=has_left,
    )


def officer_names(staff: Staff) -> tuple[str, ...]:
    """Return the names of the office's conflict officers; none of them while checks can only wait."""
    return tuple(person.name for person in members.read_directory(staff.keys, accepts_older=True).conflict_officers)


def admin_names(staff: Staff) -> tuple[str, ...]:
    """Return the names of those who can appoint a conflict officer."""
    people = members.read_directory(staff.keys, accepts_older=True).active_people
    return tuple(person.name for person in people if person.is_admin)


def queue_line(staff: Staff) -> QueueLine | None:
    """Return the line of Today for an officer with checks to answer, and for an admin of an office without an officer.

    In the office's transaction. No line while the office's directory is an older one: Today warns of that.
    """
    try:
        is_officer = conflict_group.is_officer(staff.keys)
    except DirectoryBehind:
        return None
    if not is_officer and (not staff.is_admin or officer_names(staff)):
        return None
    with join_office_transaction(staff.org_id):
        count = officer.count_waiting(staff.keys)
    return QueueLine(count, reverse("conflicts:list"), is_officer) if count else None
