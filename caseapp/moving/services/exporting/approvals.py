"""The two persons of an office's export: one admin asks, another one approves, the first one downloads.

A request is an activity in the office's own file, which every member can read: all members are notified on Today. In an
office of one admin no other person can approve: the export then opens after a day, in which all members see the notice.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from django.utils.translation import gettext_noop
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail, members
from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members import lockdown
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.certificate import Activity
from caseapp.vault import store
from caseapp.vault.store import Draft, Entry
from caseapp.vault.tenancy import join_office_transaction, office_transaction

WHAT = "export_office"  # stored code
ANSWER_WITHIN = dt.timedelta(days=7)  # a request that was not approved by then lapses
ALONE_WAITS = dt.timedelta(hours=24)
OPEN_FOR = dt.timedelta(hours=24)  # the time in which it is downloaded
REASON_LIMIT = 500  # characters
State = Literal["waiting", "open", "over", "ended"]
OWN_REQUEST = gettext_noop("Another admin approves this: two persons export an office.")
ASKED_ALREADY = gettext_noop("An export was asked for already. Withdraw it first.")


@dataclass(frozen=True)
class ExportRequest:
    """An export that was asked for. It can be downloaded from `opens_at` until `closes_at`."""

    id: UUID
    by: UUID
    asked_at: dt.datetime
    reason: str
    state: State
    is_alone: bool
    approved_by: UUID | None
    opens_at: dt.datetime | None
    closes_at: dt.datetime


def _request_of(entry: Entry[Activity]) -> ExportRequest:
    record = entry.record
    if record.entered_by is None or record.entered_at is None:
        raise NotFound(f"request {entry.id} names no member")
    opens = record.entered_at + ALONE_WAITS if record.is_alone else record.approved_at
    closes = opens + OPEN_FOR if opens else record.entered_at + ANSWER_WITHIN
    return ExportRequest(
        id=entry.id,
        by=record.entered_by,
        asked_at=record.entered_at,
        reason=record.reason,
        state=_state(record, opens, closes),
        is_alone=record.is_alone,
        approved_by=record.approved_by,
        opens_at=opens,
        closes_at=closes,
    )


def _state(record: Activity, opens: dt.datetime | None, closes: dt.datetime) -> State:
    if record.ended_at is not None:
        return "ended"
    now = clock.now()
    if now >= closes:
        return "over"
    return "open" if opens is not None and now >= opens else "waiting"


def list_requests(keys: Keys) -> tuple[ExportRequest, ...]:
    """Return the exports of the office that were asked for, newest first. Every member may read them."""
    with join_office_transaction(keys.org_id):
        file = office_file.open_office_file(keys)
    requests = [_request_of(entry) for entry in file.entries_of(Activity) if entry.record.what == WHAT]
    return tuple(sorted(requests, key=lambda request: request.asked_at, reverse=True))


def current_request(keys: Keys) -> ExportRequest | None:
    """Return the export that waits or can be downloaded; None where there is none."""
    return next((request for request in list_requests(keys) if request.state in {"waiting", "open"}), None)


def ask_for_export(staff: Staff, *, reason: str) -> UUID:
    """Ask for the export of the office. Return the request's id. Raises Refused: no reason, or one is open already."""
    permissions.require(staff, "export_office")
    text = reason.strip()
    if not text or len(text) > REASON_LIMIT:
        raise Refused("reason", "Write the reason, in at most 500 characters.")
    with office_transaction(staff.org_id):
        lockdown.refuse_export(staff)
        draft = _locked_draft(staff)
        if current_request(staff.keys) is not None:
            raise Refused("asked", ASKED_ALREADY)
        is_alone = len(_admin_ids(staff.keys)) < 2
        activity = Activity(what=WHAT, on=clock.today(staff.zone), subject=uuid4(), reason=text, is_alone=is_alone)
        request_id = draft.add(activity)
        store.write_draft(draft)
        audit_trail.record_entry_in_transaction(staff.keys, "export", target=request_id, reason="office asked for")
    return request_id


def approve_export(staff: Staff, request_id: UUID) -> None:
    """Approve an export that another admin asked for. Raises NotFound, Refused(code="own")."""
    _decide(staff, request_id, approves=True)


def end_request(staff: Staff, request_id: UUID) -> None:
    """Refuse an export, or withdraw the member's own, also after it was approved. Raises NotFound."""
    _decide(staff, request_id, approves=False)


def _decide(staff: Staff, request_id: UUID, *, approves: bool) -> None:
    permissions.require(staff, "export_office")
    with office_transaction(staff.org_id):
        draft = _locked_draft(staff)
        entry = draft.file.get(request_id, Activity)
        request = _request_of(entry)
        if entry.record.what != WHAT or request.state not in ({"waiting"} if approves else {"waiting", "open"}):
            raise NotFound(f"request {request_id} is not open")
        if approves and request.by == staff.member_id:
            raise Refused("own", OWN_REQUEST)
        changed = (
            replace(entry.record, approved_by=staff.member_id, approved_at=draft.at)
            if approves
            else replace(entry.record, ended_at=draft.at)
        )
        draft.change(request_id, changed)
        store.write_draft(draft)
        reason = "office approved" if approves else "office refused"
        audit_trail.record_entry_in_transaction(staff.keys, "export", target=request_id, reason=reason)


def require_open(staff: Staff, request_id: UUID) -> ExportRequest:
    """Return a request that this member may download now. Raises NotFound, Refused(code="locked_down").

    Every member can write the office's file, so an approval there is no proof of a second person: the one who approved
    must be another admin in the signed directory.
    """
    permissions.require(staff, "export_office")
    with join_office_transaction(staff.org_id):
        lockdown.refuse_export(staff)
        request = current_request(staff.keys)
        admins = _admin_ids(staff.keys)
    if request is None or request.id != request_id or request.state != "open" or request.by != staff.member_id:
        raise NotFound(f"request {request_id} cannot be downloaded")
    others = admins - {request.by}
    is_approved = not others if request.is_alone else request.approved_by in others
    if not is_approved:
        raise NotFound(f"request {request_id} was approved by no other admin")
    return request


def _admin_ids(keys: Keys) -> frozenset[UUID]:
    """Return the active admins of the signed directory."""
    people = members.read_directory(keys).active_people
    return frozenset(person.member_id for person in people if person.is_admin)


def _locked_draft(staff: Staff) -> Draft:
    return Draft(store.open_file(staff.keys, staff.keys.office_file, lock=True), by=staff.member_id)
