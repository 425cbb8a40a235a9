"""Check of the stored lists and their rebuilding from the case files, a few cases at a time.

A damaged list shows what still opens. Any member of its group rebuilds it while signed in: each step looks at the next
sealed files of the office, and adds a line for each case of the group that has none or an older one. At the end the
lines replace the stored parts. A line that opens keeps version and digest of its case's head, so that a case that was
put back meanwhile is still noticed; the audit trail is the second witness.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Staff
from caseapp.audit import read as audit
from caseapp.casefile import access_alerts
from caseapp.casefile.index_entries import index_row
from caseapp.casefile.integrity import findings
from caseapp.index import health, reader, rows, store
from caseapp.index import queries as index_queries
from caseapp.index.errors import StaleEpoch
from caseapp.index.group_index import GroupIndex
from caseapp.index.health import GroupHealth, RebuildProgress
from caseapp.index.reader import LoadedGroup
from caseapp.index.rows import CaseRow
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.vault import queries as vault_queries
from caseapp.vault import store as vault
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import NoKey, OpenFailed
from caseapp.vault.head import Access
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

BUDGET: Final = 0.3  # seconds of one request
FILES_AT_ONCE: Final = 25  # files looked at in one transaction
MISSING_AT_ONCE: Final = 20  # findings about listed cases without a file that one rebuild stores
log = logging.getLogger("caseapp.casefile")


@dataclass(frozen=True)
class _GroupKeyring:
    """The keys of one group only: what opens with them belongs to the group."""

    org_id: UUID
    member_id: UUID
    held: tuple[GroupKey, ...]


def tend_lists(staff: Staff, budget: float = BUDGET) -> int:
    """Check one part of each list once a day, and rebuild damaged or requested ones. Return the number of files seen.

    Runs outside of any transaction, for at most `budget` seconds.
    """
    until, looked_at, today = time.monotonic() + budget, 0, clock.today(staff.zone)
    with office_transaction(staff.org_id):
        loaded = reader.load_readable_groups(staff.keys)
        states = index_queries.health_of(staff.org_id, [entry.group.group for entry in loaded])
    for entry in loaded:
        state = states.get(entry.group.group)
        if not entry.is_whole or (state is not None and state.state == health.REQUESTED):
            looked_at += _rebuild(staff, entry, until)
        elif state is None or state.checked_on != today:
            _check_one_part(staff, entry.group)
    return looked_at


def _check_one_part(staff: Staff, group: GroupKey) -> None:
    """Open one stored part, another one each day, and store whether it opened."""
    today = clock.today(staff.zone)
    with office_transaction(staff.org_id):
        is_sound = store.check_part(staff.keys, group.group, today.toordinal())
        index_queries.set_health(staff.org_id, group.group, health.WHOLE if is_sound else health.DAMAGED, today)
    if not is_sound:
        log.error("index.damaged_in_daily_check")


def _rebuild(staff: Staff, entry: LoadedGroup, until: float) -> int:
    """Go on with the rebuild of one group's list until the time is used up. Return the number of files looked at."""
    group, looked_at = entry.group, 0
    _begin(staff, group, is_whole=entry.is_whole)
    try:
        while True:
            seen, is_done = _step(staff, group, until)
            looked_at += seen
            if is_done or not seen or time.monotonic() >= until:
                return looked_at
    except StaleEpoch:
        return looked_at  # the group has a newer key, which is on its way to this member


def _begin(staff: Staff, group: GroupKey, *, is_whole: bool) -> None:
    """Record that a rebuild begins, unless one has begun; of a damaged list tell supervisors and admins.

    A whole list that was only requested to be rebuilt stays in that state until it is done.
    """
    with office_transaction(staff.org_id):
        state = index_queries.health_of(staff.org_id, [group.group]).get(group.group)
        wanted = health.REQUESTED if is_whole else health.REBUILDING
        if state is not None and state.state == wanted and state.progress.total:
            return
        store.restore_head(staff.org_id, group)
        index_queries.set_health(staff.org_id, group.group, wanted, clock.today(staff.zone))
        total = vault_queries.count_files(staff.org_id)
        index_queries.set_progress(staff.org_id, group.group, RebuildProgress(0, total), None)
        reason = "requested" if is_whole else "damaged"
        audit_trail.record_entry_in_transaction(staff.keys, "index.rebuild", target=group.group, reason=reason)
        if not is_whole:
            findings.report_index(staff, group, is_settled=False)
            access_alerts.alert_after_commit(staff)
    log.error("index.rebuild_begun reason=%s", reason)


def _step(staff: Staff, group: GroupKey, until: float) -> tuple[int, bool]:
    """Look at the next files, in one transaction. Return how many, and whether the rebuild is done.

    Nothing is looked at while another process does it.
    """
    with office_transaction(staff.org_id):
        if not index_queries.claim_rebuild(staff.org_id, group.group):
            return 0, False
        state = index_queries.health_of(staff.org_id, [group.group])[group.group]
        if state.state not in {health.REBUILDING, health.REQUESTED}:
            return 0, True
        case_ids = vault_queries.files_after(staff.org_id, state.reached, FILES_AT_ONCE)
        stored = reader.read_stored_rows(staff.keys, group.group)
        written: dict[UUID, tuple[int, CaseRow]] = {}
        seen = 0
        for case_id in case_ids:
            if seen and time.monotonic() >= until:
                break
            seen += 1
            if (line := _rebuilt_row(staff, group, case_id, stored, state)) is not None:
                written[case_id] = line
        if written:
            store.save_rebuilt(staff.keys, group.group, written)
        if seen < len(case_ids) or len(case_ids) == FILES_AT_ONCE:
            done = state.progress.done + seen
            progress = RebuildProgress(done, max(done, state.progress.total))
            index_queries.set_progress(staff.org_id, group.group, progress, case_ids[seen - 1])
            return seen, False
        _finish(staff, group, is_damaged=state.state == health.REBUILDING)
    return seen, True


def _rebuilt_row(
    staff: Staff, group: GroupKey, case_id: UUID, stored: GroupIndex, state: GroupHealth
) -> tuple[int, CaseRow] | None:
    """Return the head version that was read and the new line of a case; None where the stored line stays."""
    keys = staff.keys
    held = keys.epochs_of(group.group)
    raw = stored.raw.get(case_id.bytes)
    listed = rows.decode(raw) if raw is not None else None
    try:
        file = vault.open_file(_GroupKeyring(keys.org_id, keys.member_id, held), case_id)
        if not _belongs_to(file, group):
            return None
        row = _row_from_witnesses(staff, file, listed, is_damaged=state.state == health.REBUILDING)
    except (NotFound, NoKey):
        return None  # a case of another group, or one whose main record does not open
    except OpenFailed:
        log.error("index.case_unreadable")
        return None
    return (file.head_version, row) if row is not None else None


def _belongs_to(file: SealedFile, group: GroupKey) -> bool:
    access = file.get_only(Access).record
    return group.group in {access.home_group_id, *(share.key.group for share in access.shares)}


def _row_from_witnesses(staff: Staff, file: SealedFile, listed: CaseRow | None, *, is_damaged: bool) -> CaseRow | None:
    """Return the new line of a case by everything that knows its newest version, or None where `listed` stays.

    is_damaged  lines were lost, perhaps a newer one of this case
    """
    mine = (file.head_version, file.head_digest)
    known = (listed.head_version, listed.head_digest) if listed is not None else None
    if known is not None and _is_newer(known, mine):
        _report_older(staff, file)
        return None
    witness = audit.newest_head_of_case(file.org_id, file.id, file.keys)
    if (witness is not None and _is_newer(witness, mine)) or file.doubt:
        _report_older(staff, file)
        newest = witness if witness is not None and _is_newer(witness, mine) else (file.newest_known, b"")
        base = listed or index_row.build_row(file)
        return replace(base, head_version=newest[0], head_digest=newest[1])
    findings.settle_list(file)
    if listed is not None and known == mine and (witness is not None or not is_damaged):
        # The line of an older program lacks what lists show now; the file says it.
        is_current = listed.schema >= rows.SCHEMA
        return None if is_current else replace(index_row.build_row(file), not_compared=listed.not_compared)
    # Between the stored line and the file there were saves whose lines are lost: only the trail can confirm the file.
    is_confirmed = listed is not None and not listed.not_compared and witness == mine
    return replace(index_row.build_row(file), not_compared=not is_confirmed)


def _is_newer(head: tuple[int, bytes], mine: tuple[int, bytes]) -> bool:
    return head[0] > mine[0] or (head[0] == mine[0] and head[1] != mine[1])


def _report_older(staff: Staff, file: SealedFile) -> None:
    file.doubt = "older"
    access_alerts.report_doubt(staff, file)


def _finish(staff: Staff, group: GroupKey, *, is_damaged: bool) -> None:
    """Replace the stored parts by the lines that open; of a damaged list tell supervisors and admins how it ended."""
    keys, case_ids, not_compared = staff.keys, list[UUID](), 0

    def lines() -> Iterator[tuple[UUID, CaseRow]]:
        """Yield every line that opens, and count those not compared. Runs while the head is locked."""
        nonlocal not_compared
        for case_id, raw in reader.read_stored_rows(keys, group.group).raw.items():
            row = rows.decode(raw)
            not_compared += row.not_compared
            case_ids.append(UUID(bytes=case_id))
            yield case_ids[-1], row

    store.rebuild(keys, group.group, lines())
    for case_id in store.cases_without_file(keys, case_ids)[:MISSING_AT_ONCE]:
        access_alerts.report_unopened(staff, case_id, group, kind=findings.MISSING)
    index_queries.set_health(keys.org_id, group.group, health.WHOLE, clock.today(staff.zone))
    audit_trail.record_entry_in_transaction(
        keys, "index.rebuild", target=group.group, reason="done", count=len(case_ids)
    )
    if is_damaged:
        findings.report_index(staff, group, is_settled=True, count=not_compared)
    log.warning("index.rebuild_done")
