"""Rows of lists other than cases and people: tasks, notes, proceedings, earlier events, documents."""

import datetime as dt

from caseapp.moving.reading.cells.dates import CellTime, to_utc
from caseapp.moving.reading.cells.values import read_note
from caseapp.moving.reading.cells.words import find_code
from caseapp.moving.reading.plans.dated import imported_deadline
from caseapp.moving.reading.plans.row_plan import DocumentReference
from caseapp.moving.reading.plans.row_reader import RowReader
from caseapp.records.deadline import Deadline
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.proceeding import Proceeding
from caseapp.records.task import Task

NOTE_LIMIT = 50_000  # characters, as the form of notes has it; a longer one becomes several
_NOON = CellTime(dt.time(12), dt.timedelta())


def read_task(reader: RowReader) -> tuple[tuple[Task, ...], tuple[Deadline, ...], tuple[Note, ...], str]:
    """Return the row as a task or a deadline; one that is done on an unknown day as a note; an alert as safety note."""
    title = reader.text("task.title") or reader.text("task.kind")
    if not title:
        reader.add_problem("text_missing")
        return (), (), (), ""
    due_on, done_on = reader.date("task.due_on"), reader.date("task.done_on")
    is_done = reader.yes_no("task.is_done") or find_code("done", reader.text("task.status")) == "done" or bool(done_on)
    if reader.yes_no("task.is_alert"):
        return (), (), (), title
    is_limitation = bool(reader.yes_no("task.is_limitation"))
    if (is_limitation or reader.yes_no("task.is_deadline")) and due_on:
        done = (done_on or due_on) if is_done else None
        return (), (imported_deadline(title, due_on, is_fatal=is_limitation, done_on=done),), (), ""
    details = reader.lines("task.kind") if reader.text("task.title") else reader.lines()
    text = "\n".join(part for part in (title, details) if part)
    if is_done and not (done_on or due_on):
        return (), (), make_notes(text), ""
    return (Task(text=text, due_on=due_on, done_on=(done_on or due_on) if is_done else None),), (), (), ""


def read_expiry(reader: RowReader) -> tuple[Deadline, ...]:
    """Return an expiry date as a deadline."""
    on = reader.date("task.due_on")
    if on is None:
        if not reader.cells("task.due_on"):
            reader.add_problem("date_missing")
        return ()
    what = " / ".join(part for part in (reader.text("task.kind"), reader.text("task.title")) if part)
    return (imported_deadline(what or reader.cells("task.due_on")[0].heading, on),)


def read_note_row(reader: RowReader) -> tuple[Note, ...]:
    """Return the note of the row, its author and time as the file has them."""
    body = read_note(reader.text("note.text"))
    head = [" / ".join(part for part in (reader.text("note.title"), reader.text("note.kind")) if part)]
    text = "\n\n".join(part for part in (*head, body, reader.lines()) if part)
    if not text:
        reader.add_problem("text_missing")
        return ()
    return make_notes(text, author=reader.text("note.author"), at=_read_note_time(reader))


def _read_note_time(reader: RowReader) -> dt.datetime | None:
    """Return when the note was written; noon where only the day is known, UTC where no zone was answered."""
    moment = reader.moment("note.at")
    if moment is None:
        return None
    return to_utc(moment.on, moment.time or _NOON, reader.context.answers.zone or "UTC")


def make_notes(text: str, *, author: str = "", at: dt.datetime | None = None) -> tuple[Note, ...]:
    """Return a text as a note, or as several where it is longer than a note may be."""
    pieces = [text[start : start + NOTE_LIMIT] for start in range(0, len(text), NOTE_LIMIT)]
    return tuple(Note(text=piece, told_by=author, entered_at=at) for piece in pieces)


def read_proceeding(reader: RowReader) -> tuple[tuple[Proceeding, ...], tuple[Note, ...]]:
    """Return the proceeding of the row; columns without a field become a note."""
    court = reader.text("proceeding.court")
    proceeding = Proceeding(
        forum=find_code("forum", court) or ("state_court" if court else "immigration_court"),
        docket=reader.text("proceeding.docket"),
        court=court,
        judge=reader.text("proceeding.judge"),
        began_on=reader.date("proceeding.began_on"),
        state="closed" if reader.date("proceeding.ended_on") else "open",
    )
    rest = reader.lines("proceeding.ended_on")
    return (proceeding,), make_notes(rest) if rest else ()


def read_history(reader: RowReader) -> tuple[History, ...]:
    """Return the earlier event of the row, of the kind that its list is about."""
    on, until = reader.date("history.on"), reader.date("history.until_on")
    return (
        History(
            what=reader.context.preset.event,
            from_period=on.isoformat() if on else "",
            until_period=until.isoformat() if until else "",
            text=reader.text("history.text"),
            result=reader.text("history.result"),
            number=reader.text("history.number"),
            facts=dict(reader.other_facts()),
        ),
    )


def read_document(reader: RowReader) -> tuple[DocumentReference, ...]:
    """Return the document that the row names."""
    name, number = reader.text("document.name"), reader.text("document.id")
    if not (name or number):
        reader.add_problem("text_missing")
        return ()
    return (DocumentReference(name=name, id=number, title=reader.text("document.title")),)
