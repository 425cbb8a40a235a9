"""The officers' side: the queue, one check with its matches, the answer, and the register."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import gettext_noop

from caseapp.accounts.directory import audit_trail, conflict_group, members
from caseapp.accounts.directory.records import Person
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.conflicts.models import ConflictRequest
from caseapp.conflicts.services import content, signatures
from caseapp.conflicts.services.content import AnswerContent, EntryContent, RequestContent
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core.inboxes import conflict_requests
from caseapp.vault.core.keyring import CONFLICT, GroupKey, open_with_any
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.tenancy import join_office_transaction, office_transaction

log = logging.getLogger("caseapp.conflicts")


@dataclass(frozen=True)
class OfficerCheck:
    """A check as the officers read it. `entry` is None while it waits; `asker` signed the request."""

    id: UUID
    asked_on: dt.date
    asker: Person
    request: RequestContent = field(repr=False)
    entry: EntryContent | None = field(default=None, repr=False)


def require_officer(keys: Keys) -> None:
    """Raise NotFound unless the member is a conflict officer."""
    if not conflict_group.is_officer(keys):
        raise NotFound("not a conflict officer")


def waiting_checks(keys: Keys, limit: int = 50) -> tuple[list[OfficerCheck], int]:
    """Return the checks that wait, the oldest first, and how many wait in all. Only for an officer."""
    with join_office_transaction(keys.org_id):
        rows = ConflictRequest.objects.filter(org_id=keys.org_id, answer=b"").exclude(sealed=b"")
        return _open_rows(keys, list(rows.order_by("asked_on", "id")[:limit])), rows.count()


def count_waiting(keys: Keys) -> int:
    """Return how many checks wait for an answer, with or without an officer who can read them."""
    with join_office_transaction(keys.org_id):
        return ConflictRequest.objects.filter(org_id=keys.org_id, answer=b"").count()


def answered_checks(keys: Keys, *, page: int, size: int) -> tuple[list[OfficerCheck], int]:
    """Return one page of the register, the newest first, and the number of all answered checks."""
    with join_office_transaction(keys.org_id):
        rows = ConflictRequest.objects.filter(org_id=keys.org_id).exclude(answer=b"")
        total = rows.count()
        shown = list(rows.order_by("-asked_on", "id")[(page - 1) * size : page * size])
        return _open_rows(keys, shown), total


def _open_rows(keys: Keys, rows: Sequence[ConflictRequest]) -> list[OfficerCheck]:
    checks = []
    for row in rows:
        try:
            checks.append(_open_check(keys, row))
        except (OpenFailed, NoKey) as exc:
            log.warning("conflicts.request_unreadable %s", exc)
    return checks


def open_check(staff: Staff, row_id: UUID) -> OfficerCheck:
    """Return one check. Raises NotFound for anyone but an officer, and for a request that does not open."""
    require_officer(staff.keys)
    with join_office_transaction(staff.org_id):
        row = ConflictRequest.objects.filter(org_id=staff.org_id, id=row_id).first()
        if row is None:
            raise NotFound(f"conflict request {row_id}")
        try:
            return _open_check(staff.keys, row)
        except (OpenFailed, NoKey) as exc:
            raise NotFound(f"conflict request {row_id}") from exc


def _open_check(keys: Keys, row: ConflictRequest) -> OfficerCheck:
    held = officer_keys(keys)

    def open_with(key: GroupKey) -> bytes:
        return conflict_requests.open_request(key.hpke_private, keys.org_id, row.id, bytes(row.sealed))

    def open_entry(key: GroupKey) -> bytes:
        return conflict_requests.open_entry(key.hpke_private, keys.org_id, row.id, bytes(row.entry))

    body, asker = signatures.open_request(keys, row.id, open_with_any(held, open_with, what=f"request {row.id}"))
    entry = None
    if row.entry:
        entry = content.decode_entry(open_with_any(held, open_entry, what=f"entry {row.id}"))
    request = content.decode_request(body)
    if request.asked_by != asker.member_id:
        raise OpenFailed(f"request {row.id} was signed by someone else")
    return OfficerCheck(row.id, row.asked_on, asker, request, entry)


def officer_keys(keys: Keys) -> tuple[GroupKey, ...]:
    """Return the officer's keys of the group, the newest epoch first."""
    return tuple(key for key in keys.held if key.kind == CONFLICT)


def answer_check(staff: Staff, row_id: UUID, *, decision: str, sentence: str, reason: str, shown: int) -> None:
    """Answer a check: the decision and a sentence go to the asker, the reason stays with the officers.

    Raises NotFound for anyone but an officer, Refused for a check that was answered.
    """
    require_officer(staff.keys)
    if decision not in content.DECISIONS:
        raise Refused("decision", gettext_noop("Choose one of the offered values."))
    with office_transaction(staff.org_id):
        row = ConflictRequest.objects.select_for_update().filter(org_id=staff.org_id, id=row_id).first()
        if row is None:
            raise NotFound(f"conflict request {row_id}")
        if row.answer:
            raise Refused("decision", gettext_noop("This check was answered already. Ask for a new one."))
        check = open_check(staff, row_id)
        now = clock.now()
        answer = AnswerContent(
            decision=decision,
            sentence=sentence[: content.TEXT_LIMIT],
            at=now,
            case_id=check.request.case_id,
            asked=content.digest_of(check.request.people),
        )
        signed = signatures.sign_answer(staff.keys, row_id, content.encode(answer))
        entry = EntryContent(
            decision=decision,
            sentence=answer.sentence,
            reason=reason[: content.TEXT_LIMIT],
            by=staff.member_id,
            at=now,
            shown=shown,
        )
        _store_answer(staff.keys, check, signed, content.encode(entry))
        audit_trail.record_entry_in_transaction(staff.keys, "conflict.answer", target=row_id)


def _store_answer(keys: Keys, check: OfficerCheck, signed: bytes, entry: bytes) -> None:
    group = members.read_directory(keys).conflicts
    assert group is not None  # its key was just needed
    ConflictRequest.objects.filter(org_id=keys.org_id, id=check.id).update(
        answer=conflict_requests.seal_answer(check.request.answer_key, keys.org_id, check.id, signed),
        entry=conflict_requests.seal_entry(group.public, keys.org_id, check.id, entry),
    )


def reseal_older(keys: Keys, limit: int = 50) -> int:
    """Seal requests and entries of older epochs to the newest key, for new officers. Return how many."""
    if not conflict_group.is_officer(keys):
        return 0
    with office_transaction(keys.org_id):
        group = members.read_directory(keys).conflicts
        assert group is not None
        rows = ConflictRequest.objects.filter(org_id=keys.org_id, epoch__lt=group.epoch).exclude(sealed=b"")
        resealed = 0
        for row in rows[:limit]:
            try:
                _reseal(keys, row, group.public)
            except (OpenFailed, NoKey):
                continue
            ConflictRequest.objects.filter(org_id=keys.org_id, id=row.id).update(
                sealed=row.sealed, entry=row.entry, epoch=group.epoch
            )
            resealed += 1
    return resealed


def _reseal(keys: Keys, row: ConflictRequest, public: bytes) -> None:
    held, org_id = officer_keys(keys), keys.org_id
    sealed, entry = bytes(row.sealed), bytes(row.entry)
    plain = open_with_any(
        held, lambda key: conflict_requests.open_request(key.hpke_private, org_id, row.id, sealed), what="request"
    )
    row.sealed = conflict_requests.seal_request(public, org_id, row.id, plain)
    if entry:
        body = open_with_any(
            held, lambda key: conflict_requests.open_entry(key.hpke_private, org_id, row.id, entry), what="entry"
        )
        row.entry = conflict_requests.seal_entry(public, org_id, row.id, body)
