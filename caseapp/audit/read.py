"""Reading the audit trail.

Auditors read all entries, a case's people those of their case; verifying the chains needs only the database.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from caseapp.audit import chain, queries, records, write
from caseapp.audit.models import AuditCheckpoint
from caseapp.audit.records import AuditRecord
from caseapp.lib import clock
from caseapp.vault.core import blob, hybrid
from caseapp.vault.core.keyring import open_with_any
from caseapp.vault.errors import NoKey, OpenFailed

MONTHS_BACK = 13  # the period that a case's own page covers


class OpenedEntry(NamedTuple):
    """One entry. `record` is None when it does not open: it is shown as unreadable, never left out."""

    minute: int
    record: AuditRecord | None


def entries(
    org_id: UUID,
    auditors_private: Iterable[bytes],
    *,
    since: datetime,
    until: datetime | None = None,
    limit: int = 2000,
) -> list[OpenedEntry]:
    """Return the entries since `since` and before `until`, newest first.

    auditors_private  private keys of every epoch that the reader has
    """
    last = int(until.timestamp()) // 60 if until is not None else 2**31 - 1
    rows = queries.entries_between(org_id, int(since.timestamp()) // 60, last, limit)
    privates = tuple(auditors_private)
    keys: dict[bytes, bytes | None] = {}
    lines = []
    for chain_id, seq, minute, sealed, kid, hour in rows:
        if kid not in keys:
            keys[kid] = _open_hour_key(org_id, kid, hour, privates)
        lines.append(OpenedEntry(minute, _open_entry(org_id, chain_id, seq, sealed, keys[kid])))
    return lines


def _open_hour_key(org_id: UUID, kid: bytes, sealed: bytes, privates: tuple[bytes, ...]) -> bytes | None:
    context = write.hour_key_context(org_id, kid)
    try:
        return open_with_any(privates, lambda private: hybrid.open_from(private, sealed, context), what="hour")
    except (OpenFailed, NoKey):
        return None


def _open_entry(org_id: UUID, chain_id: UUID, seq: int, sealed: bytes, key: bytes | None) -> AuditRecord | None:
    if key is None:
        return None
    try:
        content = blob.open_blob(key, write.LABEL, (org_id, chain_id), sealed, version=seq, step=write.STEP)
        return records.decode(content)
    except (OpenFailed, msgspec.MsgspecError):
        return None


def entries_of_case(org_id: UUID, case_id: UUID, case_keys: Mapping[int, bytes]) -> list[AuditRecord]:
    """Return a case's entries of the last 13 months, newest first. Raises OpenFailed for one that was altered.

    case_keys  the case's keys of all versions
    """
    entries = []
    for entry in _readable_entries_of_case(org_id, case_id, case_keys):
        if entry is None:
            raise OpenFailed("an audit entry of this case does not open")
        entries.append(entry)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _readable_entries_of_case(
    org_id: UUID, case_id: UUID, case_keys: Mapping[int, bytes]
) -> Iterator[AuditRecord | None]:
    """Yield a case's entries of the last 13 months in no order; None for one that does not open."""
    now = clock.now()
    months = sorted({(now - timedelta(days=28 * n)).strftime("%Y%m") for n in range(MONTHS_BACK + 1)})
    audit_keys = [write.case_audit_key(key) for key in case_keys.values()]
    keys = {write.case_tag(key, month): key for key in audit_keys for month in months}
    for row, tag, sealed in queries.case_copies(org_id, list(keys)):
        try:
            ids = (org_id, case_id, row)
            yield records.decode(blob.open_blob(keys[tag], write.CASE_LABEL, ids, sealed, step=write.STEP))
        except (OpenFailed, msgspec.MsgspecError):
            yield None


def newest_head_of_case(org_id: UUID, case_id: UUID, case_keys: Mapping[int, bytes]) -> tuple[int, bytes] | None:
    """Return version and digest of the newest head that the case's entries of the last 13 months name; None if none.

    case_keys  the case's keys of all versions
    """
    heads = [
        (entry.head_version, entry.head_digest)
        for entry in _readable_entries_of_case(org_id, case_id, case_keys)
        if entry is not None and entry.head_version
    ]
    return max(heads, default=None)


class Fault(NamedTuple):
    """One deviation from what was written."""

    org_id: UUID
    where: str
    what: str


def find_faults(org_id: UUID, public: bytes, witnessed: Iterable[str] = ()) -> Iterator[Fault]:
    """Yield everything in an office's trail that was altered, removed or cut off. Needs only the server's public key.

    witnessed  the notes that a witness received
    """
    leaves = yield from _walk_chains(org_id)
    notes = dict(AuditCheckpoint.objects.filter(org_id=org_id).order_by("number").values_list("number", "note"))
    before = chain.START
    for expected, (number, note) in enumerate(notes.items(), start=1):
        where = f"checkpoint {number}"
        if number != expected:
            yield Fault(org_id, where, f"checkpoint {expected} is missing")
        try:
            checkpoint = chain.read_note(note, public)
        except OpenFailed as exc:
            yield Fault(org_id, where, str(exc))
            continue
        if checkpoint.previous_hash != before or checkpoint.number != number or checkpoint.org != org_id:
            yield Fault(org_id, where, "does not follow the one before it")
        before = chain.hash_note(note)
        for stand in checkpoint.positions:
            if leaves.get((stand.chain, stand.seq)) != stand.leaf:
                yield Fault(org_id, where, f"chain {stand.chain} is not what it was at {stand.seq}")
    for note in witnessed:
        yield from _compare_with_witness(org_id, public, note, notes)


def _compare_with_witness(org_id: UUID, public: bytes, note: str, notes: Mapping[int, str]) -> Iterator[Fault]:
    try:
        checkpoint = chain.read_note(note, public)
    except OpenFailed as exc:
        yield Fault(org_id, "a witnessed note", str(exc))
        return
    if checkpoint.org == org_id and notes.get(checkpoint.number) != note:
        yield Fault(org_id, f"checkpoint {checkpoint.number}", "the witness was told something else")


def _walk_chains(org_id: UUID) -> Generator[Fault, None, dict[tuple[UUID, int], bytes]]:
    """Yield the faults of each chain from its first row; return the leaf of every row by (chain, number)."""
    leaves: dict[tuple[UUID, int], bytes] = {}
    current: tuple[UUID | None, int, bytes] = (None, 0, chain.START)
    for entry in queries.chain_entries(org_id):
        _, last, expected = current if current[0] == entry.chain else (entry.chain, 0, chain.START)
        if entry.seq != last + 1:
            yield Fault(org_id, f"chain {entry.chain}", f"row {last + 1} is missing")
        elif entry.prev != expected:
            yield Fault(org_id, f"chain {entry.chain}", f"row {last or entry.seq} is not what it was")
        leaf = chain.compute_leaf(org_id, *entry)
        leaves[entry.chain, entry.seq] = leaf
        current = (entry.chain, entry.seq, leaf)
    return leaves
