"""A digest of an office: its opened cases, the lines of its lists, the plans of its reminders."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from django.db import connection

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access
from caseapp.casefile.changes.saved_changes import PASSING
from caseapp.casefile.reminder_plans import reminder_schedule
from caseapp.index import reader, rows
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.reminders.planning import plan
from caseapp.reminders.planning.plan import Series
from caseapp.vault import server_keys
from caseapp.vault.core import operational
from caseapp.vault.head import Access
from caseapp.vault.registry import Record, encode_record
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction


def whole_digest(staff: Staff) -> str:
    """Return a digest of everything, ids of records included, but for the head's version, which each save counts up."""
    sha = hashlib.sha256()
    for case_id, file, row in _cases(staff):
        sha.update(case_id.bytes)
        for record_id, entry in sorted(file.entries.items()):
            if not isinstance(entry.record, Access):
                sha.update(record_id.bytes + encode_record(_without_author(entry.record)))
        for series in _series(file):
            sha.update(repr(series).encode())
        sha.update(rows.encode(msgspec.structs.replace(row, head_version=0, head_digest=b"")))
    sha.update(repr(sorted(outstanding_reminders(staff).items())).encode())
    return sha.hexdigest()


def outstanding_reminders(staff: Staff) -> Counter[str]:
    """Return the reminders that were sent to the operational tier and not withdrawn, each with its number."""
    added: Counter[str] = Counter()
    with office_transaction(staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT id, sealed FROM reminders_plan_a UNION ALL SELECT id, sealed FROM reminders_plan_b")
        rows_of_plans = cursor.fetchall()
    for row_id, sealed in rows_of_plans:
        content = operational.open_plan(server_keys.plan_key_of_today(), staff.org_id, row_id, bytes(sealed))
        opened = plan.unpack_plan(content)
        added.update(_named(opened.adds))
        added.subtract(_named(opened.withdraws))
    return Counter({name: count for name, count in added.items() if count})


def _named(series: Sequence[Series]) -> list[str]:
    return [f"{item.seed.hex()} {item.member} {item.days} {sorted(item.urgent_days)}" for item in series]


def content_digest(staff: Staff) -> list[str]:
    """Return the content of each case without ids, references and times, sorted: equal for two runs of an import."""
    contents = []
    for _, file, row in _cases(staff):
        records = sorted(
            _plain(entry.record) for entry in file.entries.values() if not isinstance(entry.record, Access)
        )
        contents.append(repr((records, len(row.hearings), len(row.deadlines), len(row.tasks), row.names)))
    return sorted(contents)


def _cases(staff: Staff) -> Iterable[tuple[UUID, SealedFile, rows.CaseRow]]:
    with office_transaction(staff.org_id):
        listed = dict(reader.open_view(staff.keys, zone=staff.zone).all_rows())
        for case_id in sorted(listed):
            yield case_id, case_access.open_case(staff.keys, case_id), listed[case_id]


def _series(file: SealedFile) -> list[object]:
    token_key = file.get_only(Access).record.token_key
    dated: list[reminder_schedule.Dated] = [*file.entries_of(Deadline), *file.entries_of(Hearing)]
    dated.sort(key=lambda entry: entry.id)
    series = [item for entry in dated for item in reminder_schedule.series_of(entry, token_key)]
    return [(item.seed, item.member, item.days, sorted(item.urgent_days)) for item in series]


def _without_author(record: Record) -> Record:
    return msgspec.structs.replace(record, changed_by=None, changed_at=None)


def _plain(record: Record) -> str:
    fields = {field.name: field.default for field in msgspec.structs.fields(type(record)) if field.name in PASSING}
    plain = msgspec.structs.replace(record, **{name: fields[name] for name in fields if name != "planned"})
    if isinstance(plain, Case):
        plain = msgspec.structs.replace(plain, ref="", lead=None, team=())
    words = {name: value for name, value in msgspec.to_builtins(plain).items() if name not in _IDS}
    planned = [(list(p.days), list(p.urgent_days)) for p in getattr(record, "planned", ())]
    role = record.role if isinstance(record, Party) else ""
    return repr((type(record).__name__, role, sorted(words.items(), key=str), planned))


_IDS = {"trigger", "parties", "owner", "proceeding", "party", "superseded_by", "goes", "planned", "working", "lead"}
