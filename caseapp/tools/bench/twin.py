"""A plaintext twin of the case page: ordinary Django tables and prefetching, the same page values and template."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db import models

from caseapp.lib import clock
from caseapp.lib.partial_dates import PartialDate
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from caseapp.records.task import Task
from caseapp.vault.registry import Record
from caseapp.vault.store import Entry, SealedFile


class _Twin(models.Model):
    objects: ClassVar[models.Manager[Any]] = models.Manager()
    id = models.UUIDField(primary_key=True)
    version = models.IntegerField(default=1)
    told_by = models.CharField(max_length=200, default="")
    entered_by = models.UUIDField(null=True)
    entered_at = models.DateTimeField(null=True)
    changed_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        app_label = "index"
        managed = False


class TwinMember(models.Model):
    """A colleague."""

    objects: ClassVar[models.Manager["TwinMember"]] = models.Manager()
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200)

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_member"

    @property
    def member_id(self) -> UUID:
        """Return the id, under the roster's name for it."""
        return self.id


class TwinSession(models.Model):
    """A session, stored as Django's own sessions are."""

    objects: ClassVar[models.Manager["TwinSession"]] = models.Manager()
    key = models.CharField(max_length=40, primary_key=True)
    member = models.ForeignKey(TwinMember, on_delete=models.CASCADE)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_session"


class TwinLog(models.Model):
    """A plaintext log row of a case that a member opened."""

    objects: ClassVar[models.Manager["TwinLog"]] = models.Manager()
    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    member = models.UUIDField(db_index=True)
    case = models.UUIDField(db_index=True)
    what = models.CharField(max_length=20)

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_log"


class TwinFile(_Twin):
    """A case."""

    referred_by: ClassVar[str] = ""
    court_numbers: ClassVar[tuple[str, ...]] = ()
    receipts: ClassVar[tuple[str, ...]] = ()
    title: ClassVar[str] = ""
    status_text: ClassVar[str] = ""
    other_facts: ClassVar[tuple[tuple[str, str], ...]] = ()
    external_ids: ClassVar[Mapping[str, str]] = {}

    ref = models.CharField(max_length=8)
    stage = models.CharField(max_length=20)
    stage_question: ClassVar[str] = ""
    relief = models.JSONField()
    lead = models.UUIDField(null=True)
    team = models.JSONField(default=list)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    retain_until = models.DateField(null=True)
    hold_reason = models.TextField(default="")

    class Meta(_Twin.Meta):
        db_table = "bench_case"


class TwinParty(_Twin):
    """A person in a case. The facts of imports and intakes are empty in the bench, here as in ours."""

    relation: ClassVar[str] = ""
    sex: ClassVar[str] = ""
    gender: ClassVar[str] = ""
    born_in: ClassVar[str] = ""
    citizenships: ClassVar[tuple[str, ...]] = ()
    entry_place: ClassVar[str] = ""
    entry_manner: ClassVar[str] = ""
    needs_interpreter: ClassVar[str] = ""
    other_numbers: ClassVar[tuple[tuple[str, str], ...]] = ()
    other_facts: ClassVar[tuple[tuple[str, str], ...]] = ()
    external_ids: ClassVar[Mapping[str, str]] = {}
    same_as: ClassVar[tuple[tuple[UUID, UUID], ...]] = ()
    not_the_same: ClassVar[tuple[UUID, ...]] = ()

    case = models.ForeignKey(TwinFile, related_name="parties", on_delete=models.CASCADE)
    role = models.CharField(max_length=20)
    full_name = models.CharField(max_length=200)
    other = models.JSONField()
    pronouns = models.CharField(max_length=40)
    a_number = models.CharField(max_length=9)
    born_on = models.DateField(null=True)
    languages = models.JSONField()
    reads = models.JSONField()
    careful = models.TextField()
    last_arrival_on = models.DateField(null=True)
    detained_since = models.DateField(null=True)

    class Meta(_Twin.Meta):
        db_table = "bench_party"

    @property
    def birth(self) -> PartialDate | None:
        """Return the date of birth as the page expects it."""
        return PartialDate.of_date(self.born_on) if self.born_on else None

    @property
    def name(self) -> Name:
        """Return the name as the page expects it."""
        return Name(full=self.full_name)

    @property
    def other_names(self) -> tuple[Name, ...]:
        """Return the other names as the page expects them."""
        return tuple(Name(full=full) for full in self.other)

    @property
    def contacts(self) -> list["TwinContact"]:
        """Return the prefetched contacts."""
        return list(self.ways.all())  # type: ignore[attr-defined]  # the reverse of TwinContact.party


class TwinContact(models.Model):
    """A contact of a person: a phone number or an address."""

    objects: ClassVar[models.Manager["TwinContact"]] = models.Manager()
    from_on: ClassVar[None] = None  # the twin has no periods of contacts
    until_on: ClassVar[None] = None
    id = models.UUIDField(primary_key=True, default=uuid4)
    party = models.ForeignKey(TwinParty, related_name="ways", on_delete=models.CASCADE)
    way = models.CharField(max_length=20)
    text = models.TextField()
    safe = models.CharField(max_length=20)

    class Meta:
        app_label = "index"
        managed = False
        db_table = "bench_contact"


class TwinHearing(_Twin):
    """A hearing."""

    case = models.ForeignKey(TwinFile, related_name="hearings", on_delete=models.CASCADE)
    kind = models.CharField(max_length=20)
    starts_at = models.DateTimeField()
    zone = models.CharField(max_length=60)
    court = models.CharField(max_length=200)
    room = models.CharField(max_length=60)
    way = models.CharField(max_length=20)
    judge = models.CharField(max_length=200)
    goes = models.UUIDField(null=True)
    proceeding = models.UUIDField(null=True)
    interpreter = models.CharField(max_length=60)
    interpreter_asked = models.BooleanField()
    text = models.TextField()
    outcome: ClassVar[None] = None
    superseded_by: ClassVar[None] = None
    parties: ClassVar[tuple[()]] = ()
    detained: ClassVar[bool] = False
    link: ClassVar[str] = ""
    bring: ClassVar[str] = ""

    class Meta(_Twin.Meta):
        db_table = "bench_hearing"

    @property
    def starts_on(self) -> dt.date:
        """Return the day of the hearing in the court's zone."""
        return clock.local_date(self.starts_at, self.zone)


class TwinDeadline(_Twin):
    """A deadline; the working is loaded with the deadline's own page only."""

    case = models.ForeignKey(TwinFile, related_name="deadlines", on_delete=models.CASCADE)
    what = models.CharField(max_length=200)
    severity = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    due_on = models.DateField(null=True)
    act_by = models.DateField(null=True)
    opens_on = models.DateField(null=True)
    due_minute = models.CharField(max_length=20)
    rule_state = models.CharField(max_length=20)
    owner = models.UUIDField(null=True)
    own_target_on = models.DateField(null=True)
    moved_to = models.DateField(null=True)
    reason = models.TextField()
    closed_on = models.DateField(null=True)
    closed_by = models.UUIDField(null=True)
    duty: ClassVar[str] = ""
    checks: ClassVar[tuple[()]] = ()
    filings: ClassVar[tuple[()]] = ()

    class Meta(_Twin.Meta):
        db_table = "bench_deadline"

    @property
    def working(self) -> SimpleNamespace | None:
        """Return the part of the working that the case page reads."""
        return SimpleNamespace(state=self.rule_state) if self.rule_state else None


class TwinDocument(_Twin):
    """A document's facts."""

    case = models.ForeignKey(TwinFile, related_name="papers", on_delete=models.CASCADE)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    removed_on = models.DateField(null=True)

    class Meta(_Twin.Meta):
        db_table = "bench_document"


class TwinNote(_Twin):
    """A note."""

    case = models.ForeignKey(TwinFile, related_name="notes", on_delete=models.CASCADE)
    text = models.TextField()
    story = models.BooleanField()

    class Meta(_Twin.Meta):
        db_table = "bench_note"


class TwinTask(_Twin):
    """A task."""

    case = models.ForeignKey(TwinFile, related_name="tasks", on_delete=models.CASCADE)
    text = models.TextField()
    owner = models.UUIDField(null=True)
    due_on = models.DateField(null=True)
    done_on = models.DateField(null=True)

    class Meta(_Twin.Meta):
        db_table = "bench_task"


TWIN_TABLES: tuple[type[models.Model], ...] = (
    TwinMember,
    TwinSession,
    TwinLog,
    TwinFile,
    TwinParty,
    TwinContact,
    TwinHearing,
    TwinDeadline,
    TwinDocument,
    TwinNote,
    TwinTask,
)
_TABLE_OF_KIND: dict[type[Record], type[_Twin]] = {
    Case: TwinFile,
    Party: TwinParty,
    Hearing: TwinHearing,
    Deadline: TwinDeadline,
    Document: TwinDocument,
    Note: TwinNote,
    Task: TwinTask,
}
_PREFETCH = ("parties__ways", "hearings", "deadlines", "papers", "notes", "tasks")


@dataclass
class OpenTwin:
    """Stand-in for `SealedFile` with rows that were fetched together."""

    id: UUID
    group: Any
    rows: dict[type[Record], list[Entry[Any]]]
    damaged: tuple[UUID, ...] = ()
    newer: tuple[UUID, ...] = ()
    doubt: str = ""
    is_compared: bool = True

    def entries_of(self, kind: type[Record]) -> list[Entry[Any]]:
        """Return the rows of a kind."""
        return self.rows.get(kind, [])

    def get_only(self, kind: type[Record]) -> Entry[Any]:
        """Return the only row of a kind."""
        return self.rows[kind][0]

    def get(self, record_id: UUID, kind: type[Record]) -> Entry[Any]:
        """Return a row by its id."""
        return next(entry for entry in self.entries_of(kind) if entry.id == record_id)


def open_twin(case_id: UUID, group: Any) -> OpenTwin:
    """Return one case with everything on its page, prefetched: seven queries."""
    case = TwinFile.objects.prefetch_related(*_PREFETCH).get(pk=case_id)
    return OpenTwin(
        case.id,
        group,
        {
            Case: _as_entries([case]),
            Party: _as_entries(case.parties.all()),
            Hearing: _as_entries(case.hearings.all()),
            Deadline: _as_entries(case.deadlines.all()),
            Document: _as_entries(case.papers.all()),
            Note: _as_entries(case.notes.all()),
            Task: _as_entries(case.tasks.all()),
        },
    )


def _as_entries(rows: Iterable[_Twin]) -> list[Entry[Any]]:
    return [Entry(row.id, row.version, row) for row in rows]


def write_twin(file: SealedFile) -> None:
    """Write the plaintext twin of an open file."""
    ref = file.get_only(Case)
    for kind in (Case, Party, Hearing, Deadline, Document, Note, Task):
        table = _TABLE_OF_KIND[kind]
        columns = {field.attname for field in table._meta.concrete_fields}
        for entry in file.entries_of(kind):
            values = {name: getattr(entry.record, name) for name in entry.record.__struct_fields__ if name in columns}
            values |= _odd_columns(entry.record)
            if kind is Case:
                values["relief"], values["team"] = list(ref.record.relief), []
            else:
                values["case_id"] = file.id
            row = table(id=file.id if kind is Case else entry.id, version=entry.version, **values)
            row.save(force_insert=True)
            if isinstance(entry.record, Party):
                _write_contacts(entry.id, entry.record.contacts)


def _odd_columns(record: Record) -> dict[str, Any]:
    if isinstance(record, Party):
        other = [name.full for name in record.other_names]
        return {
            "full_name": record.name.full,
            "other": other,
            "languages": list(record.languages),
            "reads": list(record.reads),
        }
    if isinstance(record, Deadline):
        return {"rule_state": record.working.state if record.working else ""}
    return {}


def _write_contacts(party: UUID, contacts: Iterable[Contact]) -> None:
    for contact in contacts:
        TwinContact(party_id=party, way=contact.way, text=contact.text, safe=contact.safe).save(force_insert=True)
