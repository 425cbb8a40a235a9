"""Requests to the conflict officer. Nothing is compared here: asking is the same act with a match and without."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile import case_access
from caseapp.casefile.transaction import case_transaction
from caseapp.conflicts.models import ConflictRequest
from caseapp.conflicts.services import content, signatures
from caseapp.conflicts.services.content import AnswerContent, AskedPerson, RequestContent
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.conflict_check import ConflictCheck
from caseapp.records.party import CLIENT_ROLES, Party
from caseapp.vault.core import primitives
from caseapp.vault.core.inboxes import conflict_requests
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import join_office_transaction, office_transaction

IDS_AT_ONCE = 64  # ids of a member's requests that are looked up in one query
MAX_OWN = 2000  # requests of a member that are looked for
ASKS_FOR_NOBODY = gettext_noop("Enter at least one name, and at most 60 people in one check.")
TOO_LONG = gettext_noop("This check is too long. Ask about fewer people at once.")
log = logging.getLogger("caseapp.conflicts")


@dataclass(frozen=True)
class OwnCheck:
    """A check that a member asked for. `answer` is None while it waits; `officer` gave it."""

    id: UUID
    request: RequestContent = field(repr=False)
    answer: AnswerContent | None = field(default=None, repr=False)
    officer: Person | None = None


def ask(
    staff: Staff,
    purpose: str,
    people: Sequence[AskedPerson],
    *,
    case_id: UUID | None = None,
    ref: str = "",
    note: str = "",
) -> UUID:
    """Send a check to the conflict officer, in the caller's transaction or its own. Return the request's id.

    What happens does not depend on any case: the request is sealed, and an officer's session compares. Without an
    officer it waits as the asker's copy. Raises Refused(code="people").
    """
    return _send(staff, purpose, people, case_id=case_id, ref=ref, note=note)[0]


def _send(
    staff: Staff,
    purpose: str,
    people: Sequence[AskedPerson],
    *,
    case_id: UUID | None = None,
    ref: str = "",
    note: str = "",
) -> tuple[UUID, bytes]:
    asked = tuple(person for person in people if any(person.names))
    if not asked or len(asked) > content.MAX_PEOPLE:
        raise Refused("people", ASKS_FOR_NOBODY)
    request = RequestContent(
        asked_by=staff.member_id,
        asked_at=clock.now(),
        purpose=purpose,
        people=asked,
        answer_key=primitives.new_key(),
        case_id=case_id,
        ref=ref,
        note=note[: content.TEXT_LIMIT],
    )
    with office_transaction(staff.org_id):
        row = _store_request(staff, request)
        if case_id is None:
            audit_trail.record_entry_in_transaction(staff.keys, "conflict.ask", target=row)
    return row, request.answer_key


def _store_request(staff: Staff, request: RequestContent) -> UUID:
    keys, body = staff.keys, content.encode(request)
    while True:
        row = conflict_requests.row_id_of(keys.bundle_key, _count_own(keys))
        signed = signatures.sign_request(keys, row, body)
        try:
            stored = ConflictRequest(
                org_id=keys.org_id,
                id=row,
                asked_on=request.asked_at.date(),
                copy=conflict_requests.seal_copy(keys.bundle_key, keys.org_id, row, signed),
            )
        except ValueError as exc:
            raise Refused("people", TOO_LONG) from exc
        _seal_to_officers(keys, stored, signed)
        try:
            with transaction.atomic():
                stored.save(force_insert=True)
            return row
        except IntegrityError:
            continue  # another request of the same member took this number


def _seal_to_officers(keys: Keys, row: ConflictRequest, signed: bytes) -> bool:
    """Seal a request to the officers' newest key. Return False while the office has no officer."""
    group = members.read_directory(keys).conflicts
    if group is None or not group.public:
        return False
    row.sealed = conflict_requests.seal_request(group.public, keys.org_id, row.id, signed)
    row.epoch = group.epoch
    return True


def request_check(staff: Staff, case_id: UUID, *, purpose: str = content.INTAKE, note: str = "") -> None:
    """Ask the conflict officer about everyone in a case, and note the request in the case.

    Does nothing while the names and numbers are those that were asked about last, and the officer who answered is one
    still. Not inside a transaction of the same
    case. Raises NotFound, Refused.
    """
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        newest = newest_check(file)
        if newest is not None and is_current(file, newest.record):
            answered = read_answer(staff.keys, file.id, newest.record)
            if answered is None or is_officer_now(staff.keys, answered[1]):
                return
        with case_transaction(staff, case_id, what="conflict.ask") as draft:
            people = people_of_case(draft.file)
            ref = draft.file.get_only(Case).record.ref
            row, answer_key = _send(staff, purpose, people, case_id=case_id, ref=ref, note=note)
            asked = content.digest_of(people)
            draft.add(ConflictCheck(request=row, answer_key=answer_key, asked=asked, people=len(people)))


def newest_check(file: SealedFile) -> Entry[ConflictCheck] | None:
    """Return the last check that was asked for about a case."""
    entries = [entry for entry in file.entries_of(ConflictCheck) if entry.record.entered_at is not None]
    return max(entries, key=lambda entry: (str(entry.record.entered_at), entry.id), default=None)


def is_current(file: SealedFile, check: ConflictCheck) -> bool:
    """Return whether the names and numbers of the case are still those that were asked about."""
    return check.asked == content.digest_of(people_of_case(file))


def is_officer_now(keys: Keys, person: Person) -> bool:
    """Return whether the person who answered is a conflict officer still.

    What an answer says of its own time proves nothing (shared decision 24): one of a former officer is shown, and asked
    for again before it counts.
    """
    officers = members.read_directory(keys, accepts_older=True).conflict_officers
    return any(officer.member_id == person.member_id for officer in officers)


def people_of_case(file: SealedFile) -> tuple[AskedPerson, ...]:
    """Return everyone in a case, the lead client first, as the officer is asked about them."""
    parties = sorted(file.entries_of(Party), key=lambda entry: (entry.record.role != "lead", entry.id))
    people = [asked_person(entry.record) for entry in parties]
    return tuple(person for person in people if person.names)[: content.MAX_PEOPLE]


def asked_person(party: Party) -> AskedPerson:
    """Return a person of a case as the officer is asked about them."""
    names = (name.full for name in (party.name, *party.other_names) if name.full)
    birth = party.birth
    return AskedPerson(
        names=tuple(dict.fromkeys(names))[: content.MAX_NAMES],
        relation=_relation_of(party.role),
        a_number=party.a_number,
        numbers=tuple(number for _, number in party.other_numbers),
        phones=tuple(contact.text for contact in party.contacts if contact.way == "phone"),
        born=str(birth) if birth is not None else "",
    )


def _relation_of(role: str) -> str:
    if role in CLIENT_ROLES:
        return content.CLIENT
    if role == "opposing":
        return content.ADVERSE
    return content.RELATIVE if role in {"spouse", "child", "caregiver", "sponsor"} else content.OTHER


def read_answer(keys: Keys, case_id: UUID, check: ConflictCheck) -> tuple[AnswerContent, Person] | None:
    """Return the officer's answer to a check of a case; None while it waits.

    None also for an answer that no officer signed, and for one that an officer gave about another case or other people.
    """
    with join_office_transaction(keys.org_id):
        rows = ConflictRequest.objects.filter(org_id=keys.org_id, id=check.request)
        stored = rows.only("org_id", "id", "answer").first()
        if stored is None:
            return None
        return _open_answer(keys, stored, check.answer_key, (case_id, check.asked))


def _open_answer(
    keys: Keys, row: ConflictRequest, answer_key: bytes, about: tuple[UUID | None, bytes]
) -> tuple[AnswerContent, Person] | None:
    if not row.answer:
        return None
    try:
        plain = conflict_requests.open_answer(answer_key, keys.org_id, row.id, bytes(row.answer))
        body, officer = signatures.open_answer(keys, row.id, plain)
        answer = content.decode_answer(body)
        if (answer.case_id, answer.asked) != about:
            raise OpenFailed(f"conflict request {row.id}: the answer is about another case or other people")
        return answer, officer
    except OpenFailed as exc:
        log.error("conflicts.answer_refused %s", exc)
        return None


def own_checks(keys: Keys, limit: int = 50) -> list[OwnCheck]:
    """Return the member's newest checks, newest first."""
    with join_office_transaction(keys.org_id):
        count = _count_own(keys)
        numbers = range(max(0, count - limit), count)
        ids = [conflict_requests.row_id_of(keys.bundle_key, number) for number in numbers]
        rows = {row.id: row for row in ConflictRequest.objects.filter(org_id=keys.org_id, id__in=ids)}
        checks = [_open_own(keys, rows[row]) for row in reversed(ids) if row in rows]
    return [check for check in checks if check is not None]


def own_check(keys: Keys, row: UUID) -> OwnCheck | None:
    """Return one of the member's own checks; None for a request of another member."""
    with join_office_transaction(keys.org_id):
        stored = ConflictRequest.objects.filter(org_id=keys.org_id, id=row).first()
        return _open_own(keys, stored) if stored is not None else None


def _open_own(keys: Keys, row: ConflictRequest) -> OwnCheck | None:
    try:
        signed = conflict_requests.open_copy(keys.bundle_key, keys.org_id, row.id, bytes(row.copy))
        request = content.decode_request(content.decode_signed(signed).content)
    except OpenFailed:
        return None  # of another member, or from before the member's own recovery
    answer = _open_answer(keys, row, request.answer_key, (request.case_id, content.digest_of(request.people)))
    return OwnCheck(row.id, request, *(answer or (None, None)))


def _count_own(keys: Keys) -> int:
    """Return the number of requests that the member has sent: the ids are used in order."""
    for first in range(0, MAX_OWN, IDS_AT_ONCE):
        ids = [conflict_requests.row_id_of(keys.bundle_key, number) for number in range(first, first + IDS_AT_ONCE)]
        used = set(ConflictRequest.objects.filter(org_id=keys.org_id, id__in=ids).values_list("id", flat=True))
        if len(used) < IDS_AT_ONCE:
            return first + max((at for at, row in enumerate(ids) if row in used), default=-1) + 1
    raise Refused("people", gettext_noop("You asked for too many checks. Ask a colleague to send this one."))


def pass_on_waiting(keys: Keys) -> int:
    """Seal those of the member's waiting requests to the officers that no officer can open. Return how many."""
    with office_transaction(keys.org_id):
        group = members.read_directory(keys).conflicts
        if group is None or not group.public:
            return 0
        unread = ConflictRequest.objects.filter(org_id=keys.org_id, epoch__lt=group.since, answer=b"")
        passed = 0
        for row in unread[:MAX_OWN]:
            try:
                signed = conflict_requests.open_copy(keys.bundle_key, keys.org_id, row.id, bytes(row.copy))
            except OpenFailed:
                continue
            if _seal_to_officers(keys, row, signed):
                ConflictRequest.objects.filter(org_id=keys.org_id, id=row.id).update(sealed=row.sealed, epoch=row.epoch)
                passed += 1
    return passed
