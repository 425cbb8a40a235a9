"""Alerts about unusual access, and about what was put back, damaged or forged. Access is never blocked.

Unusual is to open very many cases in an hour, or a decoy case.

The number of cases a member opened is kept only in the memory of this process: a table would show it to an attacker
with a copy of the database. Each process counts separately, so with several processes the real limit is higher. A
case's decoy mark is kept in its own sealed record.
"""

import logging
import smtplib
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.findings import DIRECTORY_BACK, Finding
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.integrity import findings as integrity_findings
from caseapp.casefile.transaction import case_transaction
from caseapp.index import store as index
from caseapp.lib import clock
from caseapp.reminders import heartbeat, recipients
from caseapp.reminders.sending import dispatch
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

THREAD_NAME = "access alert"
HOUR = timedelta(hours=1)
MANY_CASES, MARKED_CASE = "many cases within an hour", "a marked case"
REFUSED_SIGN = "keys refused"  # heartbeat: when a member's program refused something last, for `caseapp doctor`
log = logging.getLogger("caseapp.casefile")
_lock = threading.Lock()
_opened: dict[UUID, dict[UUID, datetime]] = {}  # member -> case -> time of the last opening
_alerted: dict[tuple[UUID, str], datetime] = {}


def check_opening(staff: Staff, file: SealedFile) -> None:
    """Count an opening of a case and send an alert when it is unusual, at most once an hour for each reason.

    Runs in the caller's transaction; the alert is sent after the commit.
    """
    now, count = clock.now(), _count_recent_openings(staff.member_id, file.id)
    if count > settings.CASES_AN_HOUR and _is_first_this_hour(staff.member_id, MANY_CASES, now):
        _raise_alert(staff, MANY_CASES, None, count)
    if any(entry.record.marked for entry in file.entries_of(Access)) and _is_first_this_hour(
        staff.member_id, f"{MARKED_CASE} {file.id}", now
    ):
        _raise_alert(staff, MARKED_CASE, file.id, 1)


def report_refused(staff: Staff, findings: Iterable[Finding]) -> None:
    """Write what a member's program refused to the audit trail and alert the admins, once an hour for each finding.

    Not in a case's transaction.
    """
    now = clock.now()
    fresh = [
        finding
        for finding in dict.fromkeys(findings)
        if _is_first_this_hour(staff.member_id, f"{finding.code} {finding.group}", now)
    ]
    if not fresh:
        return
    with office_transaction(staff.org_id):
        heartbeat.beat(REFUSED_SIGN)
        for finding in fresh:
            log.warning("keys.refused code=%s", finding.code)
            audit_trail.record_entry_in_transaction(
                staff.keys, "keys.refused", target=finding.group, reason=finding.code
            )
        alert_after_commit(staff)


def report_doubt(staff: Staff, file: SealedFile) -> None:
    """Store a finding about a case in doubt or damaged, and alert supervisors and admins when it is a new one.

    A list that is behind the case is rebuilt by the next member of its group who opens Today.

    Runs in the caller's transaction of the office.
    """
    if integrity_findings.report_case(staff, file):
        for group_id in file.lists_behind:
            index.mark_damaged(staff.org_id, group_id, clock.today(staff.zone))
        alert_after_commit(staff)


def report_unopened(staff: Staff, case_id: UUID, group: GroupKey, *, kind: str) -> None:
    """Store a finding about a listed case that does not open, and alert as `report_doubt`."""
    with office_transaction(staff.org_id):
        if integrity_findings.report_unopened(staff, case_id, group, kind=kind):
            alert_after_commit(staff)


def report_older_directory(staff: Staff) -> None:
    """Alert the admins of a directory that was put back, at most once an hour, with an audit entry where one can be.

    A process that has not seen the newer directory does not know the auditors' key of today. Not in a transaction.
    """
    if not _is_first_this_hour(staff.member_id, DIRECTORY_BACK, clock.now()):
        return
    log.error("directory.older")
    with office_transaction(staff.org_id):
        try:
            audit_trail.record_entry_in_transaction(staff.keys, "keys.refused", reason=DIRECTORY_BACK)
        except OpenFailed:
            log.warning("directory.older_not_audited")
        alert_after_commit(staff)


def set_decoy_mark(staff: Staff, case_id: UUID, *, marked: bool) -> None:
    """Set or remove a case's decoy mark. The caller has checked the permission.

    The case's own trail does not show it, so that its team cannot read it there. Raises NotFound, Refused.
    """
    with case_transaction(staff, case_id, what="") as draft:
        entry = draft.file.get_only(Access)
        draft.change(entry.id, replace(entry.record, marked=marked))
        audit_trail.record_entry_in_transaction(
            staff.keys, "settings.change", target=case_id, reason="marked" if marked else "mark removed"
        )


def _count_recent_openings(member_id: UUID, case_id: UUID) -> int:
    """Record the opening and return how many cases the member opened in the last hour."""
    now = clock.now()
    with _lock:
        mine = {case: at for case, at in _opened.get(member_id, {}).items() if timedelta(0) <= now - at < HOUR}
        mine[case_id] = now
        _opened[member_id] = mine
        return len(mine)


def _is_first_this_hour(member_id: UUID, what: str, now: datetime) -> bool:
    """Return True, and remember it, when this alert was not raised for the member in the last hour."""
    with _lock:
        for old in [key for key, at in _alerted.items() if now - at >= HOUR]:
            del _alerted[old]
        if (member_id, what) in _alerted:
            return False
        _alerted[member_id, what] = now
        return True


def _raise_alert(staff: Staff, reason: str, case_id: UUID | None, count: int) -> None:
    # Not an entry of the case's own trail: its team could read there that the case is marked.
    """Write the audit entry of an alert and send the alert after the commit."""
    audit_trail.record_entry_in_transaction(staff.keys, "unusual", target=case_id, reason=reason, count=count)
    alert_after_commit(staff)


def alert_after_commit(staff: Staff) -> None:
    """Send the fixed urgent message to supervisors and admins once the current transaction has committed."""
    org_id, member_id = staff.org_id, staff.member_id
    transaction.on_commit(
        lambda: threading.Thread(
            target=_send_alert_in_thread, args=(org_id, member_id), name=THREAD_NAME, daemon=True
        ).start()
    )


def _send_alert_in_thread(org_id: UUID, member_id: UUID) -> None:
    """Send the alert and close this thread's database connection."""
    try:
        send_alert(org_id, member_id)
    finally:
        connection.close()


def send_alert(org_id: UUID, member_id: UUID) -> int:
    """Send the fixed urgent message to every supervisor and admin except the member; return how many were sent.

    A member who is the only one of them receives it too. It does not say what happened: the trail page shows that
    after sign-in. A mail server that fails is logged and raises nothing.
    """
    now, sent = clock.now(), 0
    with office_transaction(org_id):
        recipients_of_office = recipients.of_office(org_id)
        heads = [
            recipient
            for recipient in recipients_of_office
            if (recipient.settings.admin or recipient.settings.supervisor) and recipient.settings.addresses
        ]
        for recipient in [head for head in heads if head.member_id != member_id] or heads:
            try:
                dispatch.send_and_log(recipient, "urgent", now.date(), step=f" unusual {now.hour}")
                sent += 1
            except (smtplib.SMTPException, OSError, UnicodeError) as exc:
                log.warning("mail.access_alert_not_sent %s", exc)
    return sent
