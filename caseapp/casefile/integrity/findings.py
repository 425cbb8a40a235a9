"""Findings that supervisors and admins are shown on Today: a case that was put back, a list that was damaged.

A finding is sealed to the auditors' public key, like an hour's audit key: the member who finds it need not be able to
read it, and a copy of the database shows only how many there are. Its id is derived from a key of the case or group, so
that the same finding is stored once, and anyone with that key can take it away when it is settled.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from uuid import UUID

import msgspec

from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.casefile.models import CaseFinding
from caseapp.lib import clock
from caseapp.lib.errors import NotFound
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import AUDITORS, GroupKey
from caseapp.vault.core.labels import LABELS
from caseapp.vault.errors import OpenFailed
from caseapp.vault.store import SealedFile

DAMAGED, MISSING, UNREADABLE, INDEX = (
    "damaged",
    "missing",
    "unreadable",
    "index",
)  # besides the doubts of `vault.doubts`
MOST_SHOWN = 50  # findings opened for one page; each takes about half a millisecond
_STEP = 256
log = logging.getLogger("caseapp.casefile")


class FindingContent(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """Content of a finding.

    kind   a doubt of `vault.doubts`, damaged (records of a case), missing (its whole file), unreadable (its file or
           main record) or index (a group's list)
    count  for an index: cases that could not be compared
    """

    kind: str
    on: dt.date
    case: UUID | None = None
    group: UUID | None = None
    is_settled: bool = False
    count: int = 0


@dataclass(frozen=True)
class OpenedFinding:
    """A finding with the id of its row."""

    id: UUID
    content: FindingContent


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(FindingContent)


def report_case(staff: Staff, file: SealedFile) -> bool:
    """Store a finding about a case whose file is in doubt or damaged, with an audit entry, once.

    Runs in the caller's transaction of the office. Returns whether the finding is new.
    """
    kind = file.doubt or (DAMAGED if file.damaged else "")
    if not kind:
        return False
    content = FindingContent(kind=kind, on=clock.today(staff.zone), case=file.id, group=file.group.group)
    if not _store(staff.keys, _id_of_case(file, kind), content):
        return False
    audit_trail.record_entry_in_transaction(staff.keys, "case.doubt", file=file, reason=kind)
    log.error("case.doubt kind=%s", kind)
    return True


def settle_case(file: SealedFile) -> None:
    """Take away every finding about a case, in the caller's transaction."""
    ids = [_id_of_case(file, "older"), _id_of_case(file, "list_older")]
    CaseFinding.objects.filter(org_id=file.org_id, id__in=ids).delete()


def settle_list(file: SealedFile) -> None:
    """Take away the finding that a list was behind a case. One about the case itself stays: a list proves nothing."""
    CaseFinding.objects.filter(org_id=file.org_id, id=_id_of_case(file, "list_older")).delete()


def report_unopened(staff: Staff, case_id: UUID, group: GroupKey, *, kind: str) -> bool:
    """Store a finding about a listed case that does not open, once. Return whether it is new.

    kind  MISSING or UNREADABLE. It may be taken away at any time: no page of the case can settle it.
    """
    content = FindingContent(kind=kind, on=clock.today(staff.zone), case=case_id, group=group.group, is_settled=True)
    if not _store(staff.keys, _derive_id(group.key, b"missing", case_id.bytes), content):
        return False
    audit_trail.record_entry_in_transaction(staff.keys, "case.doubt", target=case_id, reason=kind)
    log.error("case.doubt kind=%s", kind)
    return True


def report_index(staff: Staff, group: GroupKey, *, is_settled: bool, count: int = 0) -> None:
    """Store the finding that a group's list was damaged, or that it was rebuilt; a newer one replaces the older."""
    earlier = [_derive_id(held.key, b"index") for held in staff.keys.epochs_of(group.group)]
    CaseFinding.objects.filter(org_id=staff.org_id, id__in=earlier).delete()
    content = FindingContent(
        kind=INDEX, on=clock.today(staff.zone), group=group.group, is_settled=is_settled, count=count
    )
    _store(staff.keys, _derive_id(group.key, b"index"), content)


def read_findings(keys: Keys) -> list[OpenedFinding]:
    """Return the findings that these keys open, the newest day first. Nothing for a member who is no auditor."""
    privates = [group.hpke_private for group in keys.held if group.kind == AUDITORS]
    if not privates:
        return []
    rows = CaseFinding.objects.filter(org_id=keys.org_id).order_by("id").values_list("id", "sealed")[:MOST_SHOWN]
    opened = [
        OpenedFinding(row_id, content)
        for row_id, sealed in rows
        if (content := _open(keys.org_id, row_id, bytes(sealed), privates)) is not None
    ]
    return sorted(opened, key=lambda finding: (-finding.content.on.toordinal(), finding.id))


def find(keys: Keys, finding_id: UUID) -> OpenedFinding:
    """Return one finding. Raises NotFound where there is none that these keys open."""
    for finding in read_findings(keys):
        if finding.id == finding_id:
            return finding
    raise NotFound("no such finding")


def dismiss(keys: Keys, finding_id: UUID) -> None:
    """Take away a finding, in the caller's transaction."""
    CaseFinding.objects.filter(org_id=keys.org_id, id=finding_id).delete()


def _store(keys: Keys, finding_id: UUID, content: FindingContent) -> bool:
    """Store a finding unless its id has one. Return whether it was stored."""
    if CaseFinding.objects.filter(org_id=keys.org_id, id=finding_id).exists():
        return False
    body = primitives.add_padding(_encoder.encode(content), _STEP)
    sealed = hybrid.seal_to(audit_trail.auditors_public_key(keys), body, _hpke_info(keys.org_id, finding_id))
    _, is_new = CaseFinding.objects.get_or_create(org_id=keys.org_id, id=finding_id, defaults={"sealed": sealed})
    return is_new


def _open(org_id: UUID, finding_id: UUID, sealed: bytes, privates: list[bytes]) -> FindingContent | None:
    for private in privates:
        try:
            body = hybrid.open_from(private, sealed, _hpke_info(org_id, finding_id))
            return _decoder.decode(primitives.remove_padding(body, _STEP, what="finding"))
        except (OpenFailed, msgspec.MsgspecError):
            continue
    return None


def _id_of_case(file: SealedFile, kind: str) -> UUID:
    oldest = file.keys[min(file.keys)]  # it stays when the case gets a new key
    return _derive_id(oldest, b"list" if kind in {"list_older", "unlisted"} else b"case", file.id.bytes)


def _derive_id(key: bytes, *parts: bytes) -> UUID:
    return UUID(bytes=primitives.mac(primitives.expand(key, LABELS["finding"]), *parts)[:16])


def _hpke_info(org_id: UUID, finding_id: UUID) -> bytes:
    return LABELS["finding"] + org_id.bytes + finding_id.bytes
