"""Writing an audit entry in the transaction of the audited act: if the entry cannot be written, the act fails too.

Each thread of a process has its own chain, so no writer waits for another. The key of an hour exists only in this
process and is sealed once to the auditors, so the server cannot read back what it wrote. The end of a chain is
remembered once its entry has committed; while the commit is uncertain, the database is queried.
"""

import threading
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import transaction

from caseapp.audit import chain, queries, records
from caseapp.audit.queries import CaseCopyRow, HourRow, StoredEntry
from caseapp.audit.records import AuditRecord
from caseapp.lib import clock
from caseapp.vault.core import blob, hybrid, primitives
from caseapp.vault.core.labels import LABELS

LABEL = LABELS["audit"]
CASE_LABEL = LABELS["audit of case"]
STEP = 256


class AuditedCase(NamedTuple):
    """Case of an entry: its id, the newest key of its file, and version and digest of its head."""

    case: UUID
    key: bytes
    head_version: int = 0
    head_digest: bytes = b""


@dataclass
class _HourKey:
    """Key of an hour: the hour's number, the public key it was sealed to, the key and its sealed copy."""

    number: int
    public: bytes
    kid: bytes
    key: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


@dataclass
class _ThreadChain:
    """This thread's chain in one office: `seq` and `leaf` of its last entry. `seq` is None while they are uncertain."""

    id: UUID
    seq: int | None = 0
    leaf: bytes = chain.START


class _ThreadState(threading.local):
    def __init__(self) -> None:
        self.chains: dict[UUID, _ThreadChain] = {}
        self.hours: dict[UUID, _HourKey] = {}


_thread_state = _ThreadState()


def record(
    org_id: UUID,
    auditors: bytes,
    member: UUID,
    what: str,
    *,
    about: AuditedCase | None = None,
    target: UUID | None = None,
    reason: str = "",
    count: int = 1,
) -> None:
    """Write one entry in the caller's transaction of that office. Raises ValueError for an unknown code.

    auditors  the auditors' public key (HPKE), from the signed directory
    about     case whose key also opens the entry
    """
    if what not in records.AUDIT_CODES:
        raise ValueError(f"unknown audit code {what}")
    now = clock.now().replace(second=0, microsecond=0)
    case_id = about.case if about else None
    head_version, head_digest = (about.head_version, about.head_digest) if about else (0, b"")
    audit_record = AuditRecord(
        at=now,
        member=member,
        what=what,
        case=case_id,
        target=target,
        reason=reason[:500],
        count=count,
        head_version=head_version,
        head_digest=head_digest,
    )
    content = records.encode(audit_record)
    minute = int(now.timestamp()) // 60
    hour = _current_hour_key(org_id, auditors, minute // 60)
    thread_chain = _thread_state.chains.setdefault(org_id, _ThreadChain(uuid4()))
    last, prev = _last_entry(org_id, thread_chain)
    seq = last + 1
    sealed = blob.seal_blob(hour.key, LABEL, (org_id, thread_chain.id), content, version=seq, step=STEP)
    entry = StoredEntry(thread_chain.id, seq, prev, minute, hour.kid, sealed)
    copy = _seal_case_copy(org_id, about, now.strftime("%Y%m"), content) if about else None
    thread_chain.seq = None
    queries.add_entry(HourRow(org_id, hour.kid, hour.sealed), entry, copy)
    leaf = chain.compute_leaf(org_id, *entry)
    transaction.on_commit(lambda: _remember_last_entry(thread_chain, seq, leaf))


def _last_entry(org_id: UUID, thread_chain: _ThreadChain) -> tuple[int, bytes]:
    """Return number and leaf of the chain's last entry as this transaction sees it; 0 and START if it has none."""
    if thread_chain.seq is not None:
        return thread_chain.seq, thread_chain.leaf
    last = queries.find_last_entry(org_id, thread_chain.id)
    return (0, chain.START) if last is None else (last.seq, chain.compute_leaf(org_id, *last))


def _remember_last_entry(thread_chain: _ThreadChain, seq: int, leaf: bytes) -> None:
    thread_chain.seq, thread_chain.leaf = seq, leaf


def _current_hour_key(org_id: UUID, auditors: bytes, number: int) -> _HourKey:
    held = _thread_state.hours.get(org_id)
    if held is None or held.number != number or held.public != auditors:
        key = primitives.new_key()
        kid = primitives.mac(key, LABELS["kid"])[:8]
        sealed = hybrid.seal_to(auditors, key, hour_key_context(org_id, kid))
        held = _thread_state.hours[org_id] = _HourKey(number, auditors, kid, key, sealed)
    return held


def hour_key_context(org_id: UUID, kid: bytes) -> bytes:
    """Return the context to which the key of an hour is bound."""
    return LABELS["audit"] + org_id.bytes + kid


def _seal_case_copy(org_id: UUID, about: AuditedCase, month: str, content: bytes) -> CaseCopyRow:
    row = uuid4()
    key = case_audit_key(about.key)
    sealed = blob.seal_blob(key, CASE_LABEL, (org_id, about.case, row), content, step=STEP)
    return CaseCopyRow(org_id, row, case_tag(key, month), sealed)


def case_audit_key(case_key: bytes) -> bytes:
    """Return the key under which a case's people read its audit entries."""
    return primitives.expand(case_key, LABELS["audit"])


def case_tag(key: bytes, month: str) -> bytes:
    """Return the tag of a case's entries of a month ("202612"). Only a holder of the key can compute it."""
    return primitives.mac(key, LABELS["audit month"], month.encode())[:16]
