"""Hearings, appointments and deadlines of a row. An imported date has no working: it says its source."""

import datetime as dt
from typing import NamedTuple

from caseapp.lib.courts import find_court
from caseapp.moving.reading.cells.dates import CellMoment, CellTime, read_date, read_moment, read_time, to_utc
from caseapp.moving.reading.cells.problems import CellProblem
from caseapp.moving.reading.cells.words import find_code
from caseapp.moving.reading.plans.row_reader import Cell, RowReader
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing

IMPORTED_REASON = "Imported date, no working"  # stored; the job writes it in the office's language


class HearingDetails(NamedTuple):
    """The facts of a hearing in a file besides its moment and kind."""

    court: str
    room: str
    judge: str
    text: str


def imported_deadline(what: str, on: dt.date, *, is_fatal: bool = False, done_on: dt.date | None = None) -> Deadline:
    """Return a deadline as the file has it."""
    severity = "fatal" if is_fatal else find_code("severity", what) or "serious"
    if done_on is None:
        return Deadline(what=what, severity=severity, due_on=on, reason=IMPORTED_REASON)
    return Deadline(what=what, severity=severity, due_on=on, reason=IMPORTED_REASON, state="done", closed_on=done_on)


def read_case_deadlines(reader: RowReader) -> tuple[Deadline, ...]:
    """Return the deadlines of a list of cases, each named by its heading."""
    deadlines = []
    for cell in reader.cells("deadline.on"):
        on = reader.read(cell, lambda text: read_date(text, reader.context.dates))
        if on:
            deadlines.append(imported_deadline(cell.heading, on))
    return tuple(deadlines)


def read_case_hearing(reader: RowReader) -> tuple[tuple[Hearing, ...], tuple[Deadline, ...]]:
    """Return the hearing of a list of cases; a deadline of its heading where the file has no time for it."""
    cells = reader.cells("hearing.on")
    if not cells:
        return (), ()
    moment = reader.read(cells[0], lambda text: read_moment(text, reader.context.dates))
    kind_text = reader.text("hearing.kind")
    kind = find_code("hearing", kind_text or reader.text("case.stage")) or "other"
    details = HearingDetails(reader.text("hearing.court"), "", reader.text("hearing.judge"), kind_text)
    return _place_moment(reader, moment, cells[0], time_code="hearing.time", kind=kind, details=details)


def read_event(reader: RowReader) -> tuple[tuple[Hearing, ...], tuple[Deadline, ...]]:
    """Return the hearing or appointment of a list of events: a hearing where a court is given or the type names one."""
    cells = reader.cells("event.starts_at") or reader.cells("event.on")
    if not cells:
        reader.add_problem("date_missing")
        return (), ()
    moment = reader.read(cells[0], lambda text: read_moment(text, reader.context.dates))
    title, court = reader.text("event.title"), reader.text("event.court")
    kinds = [find_code("hearing", text) for text in (reader.text("event.kind"), title)]
    kind = next((code for code in kinds if code not in {"", "other"}), "") or next(filter(None, kinds), "")
    lines = [title, reader.text("event.kind"), reader.text("event.place"), reader.lines("event.ends_at")]
    text = "\n".join(dict.fromkeys(line for line in lines if line))
    details = HearingDetails(court, reader.text("event.room"), reader.text("event.judge"), text)
    if moment is not None and reader.yes_no("event.is_all_day"):
        moment = CellMoment(moment.on)
    time_code = "" if reader.yes_no("event.is_all_day") else "event.time"
    what = Cell(title or cells[0].heading, cells[0].text)
    kind = kind or ("other" if court else "appointment")
    return _place_moment(reader, moment, what, time_code=time_code, kind=kind, details=details)


def _place_moment(
    reader: RowReader, moment: CellMoment | None, what: Cell, *, time_code: str, kind: str, details: HearingDetails
) -> tuple[tuple[Hearing, ...], tuple[Deadline, ...]]:
    """Return the hearing at its moment; without a time a deadline on its day, so that it reminds all the same."""
    if moment is None:
        return (), ()
    time = _read_time_column(reader, time_code) or moment.time
    if time is None:
        reader.warn("hearing_without_time", what)
        label = " / ".join(dict.fromkeys(part for part in (what.heading, details.text.split("\n")[0]) if part))
        return (), (imported_deadline(label, moment.on),)
    court = find_court(details.court)
    zone = court.zone if court else reader.context.answers.zone
    starts_at = reader.read(what, lambda _text: _to_moment(moment.on, time, reader.context.answers.zone, zone))
    if starts_at is None:
        return (), ()
    hearing = Hearing(
        kind=kind,
        starts_at=starts_at,
        zone=zone,
        court=details.court,
        room=details.room,
        judge=details.judge,
        text=details.text,
    )
    return (hearing,), ()


def _to_moment(on: dt.date, time: CellTime, file_zone: str, zone: str) -> dt.datetime:
    """Return the moment in UTC: the file's times are in the file's zone, wherever the court is."""
    if not zone:
        raise CellProblem("zone")
    return to_utc(on, time, file_zone)


def _read_time_column(reader: RowReader, code: str) -> CellTime | None:
    cells = reader.cells(code) if code else []
    return reader.read(cells[0], _read_time_of_day) if cells else None


def _read_time_of_day(text: str) -> CellTime:
    """Return a time that may be a part of a day, as a spreadsheet counts it: 0.5625 is 13:30."""
    try:
        part = float(text)
    except ValueError:
        return read_time(text)
    if not 0 <= part < 1:
        raise CellProblem("time_unknown")
    minutes = min(round(part * 1440), 1439)
    return CellTime(dt.time(minutes // 60, minutes % 60))
