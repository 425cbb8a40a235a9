"""The row of each case in a group's index, and its encoding.

A row is MessagePack [keys, row]. `keys` is the summary: the few values that lists, agenda and search read, already
normalised, as small integers and plain text. A reader decodes the summary of every row, and the full row only to show
it. New fields go at the end of a struct with a default: older rows then read with the default, and older programs
ignore fields that they do not know. `SCHEMA` is raised when a reader must distinguish the two.
"""

import datetime as dt
from typing import Final
from uuid import UUID

import msgspec

from caseapp.index import text_keys
from caseapp.index.likeness.person_row import PersonRow
from caseapp.index.row_parts.contact import ClientRow, ReplyRow, StopRow
from caseapp.index.row_parts.intake import IntakeRow
from caseapp.lib import clock
from caseapp.lib.partial_dates import PartialDate

# 2: the row includes the clients to contact about a hearing. 3: judges, telephone numbers of people, documents, and
# the rules of deadlines. 4: if the clients to contact may be called and texted. 5: what each person is recognised by.
# 6: the summary has each reading of a name in another script (`text_keys.name_readings`).
SCHEMA: Final = 6
NO_DAY: Final = 0
STOP_SHOWN: Final = 7  # days for which Today shows that a client answered STOP
SEVERITY_ORDER: Final = {"fatal": 0, "serious": 1, "routine": 2}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class HearingRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A hearing. `starts_at` is aware UTC, `zone` the court's IANA zone; `outcome` is empty until it is recorded."""

    id: UUID
    starts_at: dt.datetime
    zone: str
    kind: str = ""
    court: str = ""
    room: str = ""
    hearing_format: str = ""
    goes: UUID | None = None
    interpreter: str = ""
    interpreter_asked: bool = False
    outcome: str = ""
    judge: str = ""

    @property
    def starts_on(self) -> dt.date:
        """Return the day of the hearing in the court's zone."""
        return clock.local_date(self.starts_at, self.zone)


class DeadlineRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """An open deadline. `act_by` is the internal deadline; one that only opens has neither `act_by` nor `due_on`."""

    id: UUID
    what: str
    severity: str
    state: str = "open"
    act_by: dt.date | None = None
    due_on: dt.date | None = None
    opens_on: dt.date | None = None
    checked: bool = False
    owner: UUID | None = None
    proposed: bool = False  # the changed law would give another date, and no member has decided yet
    is_watch: bool = False  # a date of the other side: never overdue
    reminder_days: tuple[int, ...] = ()  # the rule's own days before the date; () for those of the ladder
    rule: str = ""  # id of the rule that it was computed with; "" for a date set by hand

    @property
    def day(self) -> dt.date | None:
        """Return the day that the deadline is listed under."""
        return self.act_by or self.due_on or self.opens_on

    @property
    def day_of_ours(self) -> dt.date | None:
        """Return the day by which we must act; None for a window that only opens and for a date of the other side."""
        return None if self.is_watch else self.act_by or self.due_on


class TaskRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """An open task."""

    id: UUID
    text: str
    due_on: dt.date | None = None
    owner: UUID | None = None


class DocumentRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A document that is not removed; `kind` is empty until a member sorted it. `title` may be cut."""

    id: UUID
    title: str
    kind: str = ""
    added_at: dt.datetime | None = None


class CaseRow(msgspec.Struct, kw_only=True, array_like=True, frozen=True, gc=False):
    """A case as a group's members see it in lists. `head_version` and `head_digest` detect a file that was restored."""

    schema: int = SCHEMA
    ref: str
    stage: str
    names: tuple[tuple[str, str], ...] = ()  # (name as written, role); spellings too; the lead client's first
    a_numbers: tuple[str, ...] = ()  # nine digits each
    other_numbers: tuple[str, ...] = ()
    born: dt.date | None = None
    citizenships: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    relief: tuple[str, ...] = ()
    lead: UUID | None = None
    team: tuple[UUID, ...] = ()
    detained: bool = False
    hearings: tuple[HearingRow, ...] = ()
    deadlines: tuple[DeadlineRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    opened_on: dt.date | None = None
    last_contact_on: dt.date | None = None
    closed: bool = False
    head_version: int = 0
    head_digest: bytes = b""
    clients: tuple[ClientRow, ...] = ()
    stops: tuple[StopRow, ...] = ()
    phones: tuple[str, ...] = ()  # numbers with a consent to texts that is in force
    not_compared: bool = False  # written while nothing was there to compare the case's file with, and not accepted yet
    born_period: str = ""  # the year, or year and month, of a birth that is not known to the day
    ended_phones: tuple[str, ...] = ()  # numbers whose consent to texts ended
    replies: tuple[ReplyRow, ...] = ()
    contact_phones: tuple[str, ...] = ()  # digits of the telephone numbers of all people, as `text_keys` reads them
    documents: tuple[DocumentRow, ...] = ()  # the newest ones, and the newest of those not sorted yet
    unsorted: int = 0  # documents not sorted yet, also those that are not in `documents`
    people: tuple[PersonRow, ...] = ()  # in the order of `names`
    intake: IntakeRow | None = None  # of a case that began as an intake
    conflict_since: int = 0  # the state of the conflict officers' group that the names were written to; 0: never

    @property
    def birth(self) -> PartialDate | None:
        """Return the lead client's date of birth, to the day, the month or the year."""
        if self.born is not None:
            return PartialDate.of_date(self.born)
        return PartialDate.of_text(self.born_period) if self.born_period else None


class RowSummary(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The summary of a row. Days are ordinals (`date.toordinal`, 0 = none), instants are minutes since 1970 UTC."""

    head_version: int
    ref: str
    stage: str
    closed: bool
    detained: bool
    lead: bytes  # 16 bytes or empty
    team: tuple[bytes, ...]
    opened: int
    contacted: int
    hearings: tuple[int, ...]
    awaited: tuple[int, ...]  # of these, the hearings without an outcome
    deadlines: tuple[int, ...]  # day that each is listed under; one entry for each open deadline
    deadline_owners: tuple[bytes, ...]  # empty bytes = no owner
    due: int  # the earliest day something must be done by
    owners: tuple[bytes, ...]  # of open tasks; empty bytes = no owner
    names: tuple[str, ...]  # normalised by `text_keys`, names in other scripts in each reading
    numbers: tuple[str, ...]  # letters and digits only
    proposals: int = 0  # open deadlines for which a changed law would give another date
    tell_first: int = 0  # first and last day to contact a client about a hearing; 0 = none
    tell_last: int = 0
    phones: tuple[str, ...] = ()  # as in CaseRow
    schema: int = 1  # of the row; rows with an older schema are rewritten by `upkeep.reminder_reconciliation`
    not_compared: bool = False
    ended_phones: tuple[str, ...] = ()  # as in CaseRow
    replied: tuple[tuple[str, int], ...] = ()  # number, and the minute of the last reply from it that was recorded
    relief: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    courts: tuple[str, ...] = ()  # of the hearings without an outcome; of the newest hearing if all have one
    judges: tuple[str, ...] = ()  # of the same hearings
    people: tuple[bytes, ...] = ()  # the lead, the team, and who appears at a hearing without an outcome
    contact_phones: tuple[str, ...] = ()
    newest_document: int = 0  # minute at which the newest document was added; 0 = none
    unsorted: int = 0
    rules: tuple[str, ...] = ()  # of the open deadlines
    births: tuple[str, ...] = ()  # of all people, those that are known to the day
    intake: str = ""  # state of the intake
    conflict_since: int = 0  # as in CaseRow

    def next_minute(self, now: int, midnight: int) -> int | None:
        """Return the minute of the next event, or None: an open deadline, also an overdue one, or a future hearing.

        now       minutes since 1970
        midnight  minute at which day ordinal 0 would begin, so that days and instants share a scale
        """
        first = midnight + self.due * 1440 if self.due else None
        for minute in self.awaited:
            if minute >= now and (first is None or minute < first):
                first = minute
        return first


class _FullRow(msgspec.Struct, array_like=True, gc=False):
    keys: msgspec.Raw
    row: CaseRow


class _SummaryOnly(msgspec.Struct, array_like=True, gc=False):
    keys: RowSummary


_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_row_decoder = msgspec.msgpack.Decoder(_FullRow)
_summary_decoder = msgspec.msgpack.Decoder(_SummaryOnly)


def encode(row: CaseRow) -> bytes:
    """Return the bytes of a row with its summary."""
    return _encoder.encode((summary_of(row), row))


def decode(raw: bytes) -> CaseRow:
    """Return the full row."""
    return _row_decoder.decode(raw).row


def decode_summary(raw: bytes) -> RowSummary:
    """Return only the summary of a row, which is fast: no dates, ids or texts become objects.

    The summary that an older program wrote is made anew from its row; what the row lacks too stays empty until the row
    is rewritten (`upkeep.reminder_reconciliation.renew_rows`).
    """
    keys = _summary_decoder.decode(raw).keys
    return keys if keys.schema >= SCHEMA else summary_of(decode(raw))


def summary_of(row: CaseRow) -> RowSummary:
    """Return the summary of a row."""
    days = [deadline.day_of_ours for deadline in row.deadlines]
    current = _current_hearings(row)
    appearing = [hearing.goes for hearing in row.hearings if not hearing.outcome]
    contacted = days_to_contact(row)
    return RowSummary(
        head_version=row.head_version,
        ref=row.ref,
        stage=row.stage,
        closed=row.closed,
        detained=row.detained,
        lead=_id_bytes(row.lead),
        team=tuple(member.bytes for member in row.team),
        opened=_ordinal_of(row.opened_on),
        contacted=_ordinal_of(row.last_contact_on),
        hearings=tuple(minute_of(hearing.starts_at) for hearing in row.hearings),
        awaited=tuple(minute_of(hearing.starts_at) for hearing in row.hearings if not hearing.outcome),
        deadlines=tuple(_ordinal_of(deadline.day) for deadline in row.deadlines),
        deadline_owners=tuple(dict.fromkeys(_id_bytes(deadline.owner) for deadline in row.deadlines)),
        due=min((day.toordinal() for day in days if day), default=NO_DAY),
        owners=tuple(dict.fromkeys(_id_bytes(task.owner) for task in row.tasks)),
        names=tuple(dict.fromkeys(key for name, _ in row.names for key in text_keys.name_readings(name))),
        numbers=tuple(
            filter(None, (text_keys.normalise_number(text) for text in (*row.a_numbers, *row.other_numbers)))
        ),
        proposals=sum(deadline.proposed for deadline in row.deadlines),
        tell_first=contacted[0],
        tell_last=contacted[1],
        phones=row.phones,
        schema=row.schema,
        not_compared=row.not_compared,
        ended_phones=row.ended_phones,
        replied=tuple((number, minute_of(reply.newest)) for reply in row.replies for number in reply.numbers),
        relief=row.relief,
        languages=row.languages,
        courts=tuple(dict.fromkeys(hearing.court for hearing in current if hearing.court)),
        judges=tuple(dict.fromkeys(hearing.judge for hearing in current if hearing.judge)),
        people=tuple(dict.fromkeys(person.bytes for person in (row.lead, *row.team, *appearing) if person)),
        contact_phones=row.contact_phones,
        newest_document=max((minute_of(paper.added_at) for paper in row.documents if paper.added_at), default=0),
        unsorted=row.unsorted,
        rules=tuple(dict.fromkeys(deadline.rule for deadline in row.deadlines if deadline.rule)),
        births=tuple(dict.fromkeys(person.born for person in row.people if len(person.born) == len("1987-05-09"))),
        intake=row.intake.state if row.intake else "",
        conflict_since=row.conflict_since,
    )


def _current_hearings(row: CaseRow) -> list[HearingRow]:
    """Return the hearings without an outcome; if all have one, the newest."""
    awaited = [hearing for hearing in row.hearings if not hearing.outcome]
    return awaited or list(row.hearings[-1:])


def days_to_contact(row: CaseRow) -> tuple[int, int]:
    """Return the first and the last day to contact a client of a case, as ordinals; NO_DAY for none."""
    return min(_first_days(row), default=NO_DAY), max(_last_days(row), default=NO_DAY)


def severity_rank(severity: str) -> int:
    """Return the place of a severity in lists: fatal first."""
    return SEVERITY_ORDER.get(severity, len(SEVERITY_ORDER))


def _first_days(row: CaseRow) -> list[int]:
    return (
        [_ordinal_of(client.first_due_on) for client in row.clients if client.first_due_on]
        + [_ordinal_of(stop.on) for stop in row.stops]
        + [_ordinal_of(reply.since.date()) for reply in row.replies if reply.since]
    )


def _last_days(row: CaseRow) -> list[int]:
    # One extra day, because it can still be the hearing's day in another time zone.
    hearings = [client.starts_at.date().toordinal() + 1 for client in row.clients]
    stops = [_ordinal_of(stop.on) + STOP_SHOWN for stop in row.stops]
    return [*hearings, *stops, *(_ordinal_of(dt.date.max) for reply in row.replies if reply.since)]


def minute_of(instant: dt.datetime) -> int:
    """Return the minutes since 1970 UTC of an aware instant."""
    return int((instant - _EPOCH).total_seconds() // 60)


def _ordinal_of(day: dt.date | None) -> int:
    return day.toordinal() if day else NO_DAY


def _id_bytes(member: UUID | None) -> bytes:
    return member.bytes if member else b""
