"""The effect of an unsaved change of a case: deadlines, hearings, tasks and reminders, as was and would be."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes.preview import preview_change, reminder_days
from caseapp.deadlines.panels.case_deadlines import main_date
from caseapp.deadlines.panels.filing_lines import short_filing
from caseapp.deadlines.services.corrections import follow
from caseapp.deadlines.services.corrections.follow import KeptDeadline
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.ui.display import labels, tags
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.vault.store import Draft, Entry, SealedFile, changed_records


@dataclass(frozen=True)
class ChangedLine:
    """A dated record before and after a change. `verb` says in one word what happens to it; `notes` are sentences.

    A missing date says that there is none: a deadline without `was` is new, one without `would` ends.
    """

    name: str
    verb: str
    was: date | None
    would: date | None
    notes: tuple[str, ...]
    is_fatal: bool


@dataclass(frozen=True)
class ChangePreview:
    """The effect of a change.

    sentences          what else changes
    reminders_was      reminder days of the changed dates from today on, over all members
    has_passed         a deadline that is new or moves has a date before today
    fingerprint        changes when anything of the preview does; a save is accepted for the one that was shown
    """

    lines: tuple[ChangedLine, ...]
    sentences: tuple[str, ...]
    reminders_was: int
    reminders_would: int
    has_passed: bool
    fingerprint: str

    def was_shown(self, posted: str) -> bool:
        """Return True when nothing follows, or when a member saw this very preview. `posted` is its fingerprint."""
        return self.is_empty or posted == self.fingerprint

    @property
    def message(self) -> str:
        """Return the code of the message after the save."""
        return "entry-corrected-passed" if self.has_passed else "entry-corrected"

    @property
    def is_empty(self) -> bool:
        """Return True when nothing follows from the change."""
        return not (self.lines or self.sentences or self.reminders_was or self.reminders_would)


def preview_act(
    staff: Staff,
    file: SealedFile,
    act: Callable[[Draft], Sequence[KeptDeadline]],
    *,
    team: Sequence[Colleague] | None = None,
) -> ChangePreview:
    """Return the effect of an act on an open case, without saving it.

    team    the case's team, where it was read already
    Raises  what the act raises
    """
    draft, kept = preview_change(staff, file, act, team=team)
    return change_preview(draft, clock.today(staff.zone), kept)


def change_preview(draft: Draft, today: date, kept: Sequence[KeptDeadline] = ()) -> ChangePreview:
    """Return the effect of a draft that was made by `casefile.changes.preview.preview_change`."""
    moved = (after.record for _before, after in changed_records(draft, Deadline) if after is not None)
    has_passed = any(record.state == "open" and (main_date(record) or today) < today for record in moved)
    lines = sorted(
        (*_deadline_lines(draft), *_hearing_lines(draft), *(_kept_line(item) for item in kept)),
        key=lambda line: (not line.is_fatal, line.would or line.was or date.max, line.name),
    )
    sentences = (*_court_sentences(draft), *_task_sentences(draft), *_person_sentences(draft), *_stage_sentences(draft))
    was, would = reminder_days(draft)
    content = repr((lines, sentences, was, would)).encode()
    return ChangePreview(tuple(lines), sentences, was, would, has_passed, hashlib.sha256(content).hexdigest()[:32])


def _deadline_lines(draft: Draft) -> Iterator[ChangedLine]:
    pairs = list(changed_records(draft, Deadline))
    new_ids = {after.id for _before, after in pairs if after is not None}
    successors = {before.id: after.record.superseded_by for before, after in pairs if before and after}
    predecessors = {successors[before.id]: before for before, after in pairs if before and after}
    taken_out = [before for before, after in pairs if before is not None and after is None]
    for before, after in pairs:
        if before is None and after is not None:
            old = predecessors.get(after.id) or _pop_same(taken_out, after)
            yield from _new_lines(after.record, old)
        elif before is not None and after is not None and successors[before.id] not in new_ids:
            yield from _changed_lines(before.record, after.record)
    for before in taken_out:
        yield from _changed_lines(before.record, None)


def _pop_same(taken_out: list[Entry[Deadline]], new: Entry[Deadline]) -> Entry[Deadline] | None:
    """Take the deadline of the same name out of the list and return it: the new one is in its place."""
    same = next((entry for entry in taken_out if entry.record.what == new.record.what), None)
    if same is not None:
        taken_out.remove(same)
    return same


def _new_lines(record: Deadline, replaced: Entry[Deadline] | None) -> Iterator[ChangedLine]:
    if replaced is None:
        yield _line(record, _("New"), None, main_date(record))
        return
    old = replaced.record
    if (old.due_on, old.act_by, old.opens_on) == (record.due_on, record.act_by, record.opens_on):
        return
    notes = []
    if old.filings:
        notes.append(_("The recorded filing is kept with the new date: %(filing)s.") % {"filing": short_filing(old)})
    if old.moved_by is not None and not follow.keeps_own_date(old, record.act_by or record.due_on):
        notes.append(_("The date that your office set ends: it would be after the new one."))
    if old.checks:
        notes.append(_("A second person checks the new date again."))
    yield _line(record, _("Moves"), main_date(old), main_date(record), notes=tuple(notes))


def _changed_lines(old: Deadline, new: Deadline | None) -> Iterator[ChangedLine]:
    if new is None or (old.state == "open" and new.state == "superseded"):
        yield _line(old, _("Ends"), main_date(old), None, notes=_ended_notes(old))
    elif old.state != "open" and new.state == "open":
        yield _line(new, _("Opens again"), None, main_date(new))
    elif old.state == "open" and new.state in {"done", "waived"}:
        yield _line(old, _("Is closed again"), main_date(old), None)
    elif main_date(old) != main_date(new):
        yield _line(new, _("Moves"), main_date(old), main_date(new))


def _ended_notes(old: Deadline) -> tuple[str, ...]:
    notes = []
    if old.severity == "fatal":
        notes.append(_("This deadline is fatal. It ends, and its reminders stop."))
    if old.filings:
        notes.append(_("A filing is recorded for it and stays with it: %(filing)s.") % {"filing": short_filing(old)})
    return tuple(notes)


def _line(
    record: Deadline, verb: str, was: date | None, would: date | None, *, notes: tuple[str, ...] = ()
) -> ChangedLine:
    return ChangedLine(
        translate_deadline_name(record.what), verb, was, would, notes, is_fatal=record.severity == "fatal"
    )


def _kept_line(kept: KeptDeadline) -> ChangedLine:
    record = kept.entry.record
    is_done = record.state == "done"
    notes = [_("It was done and stays done.") if is_done else _("It is not required and stays so.")]
    if kept.would is None:
        notes.append(_("The corrected entry does not ask for it."))
    else:
        day = main_date(kept.would)
        notes.append(_("The corrected entry gives %(day)s.") % {"day": tags.day(day)} if day else "")
    return _line(record, _("Stays"), main_date(record), main_date(record), notes=tuple(note for note in notes if note))


def _hearing_lines(draft: Draft) -> Iterator[ChangedLine]:
    for before, after in changed_records(draft, Hearing):
        shown = after or before
        assert shown is not None
        name = labels.label_of(labels.HEARING_KINDS, shown.record.kind)
        was = before.record.starts_on if before else None
        would = after.record.starts_on if after else None
        if before is None:
            yield ChangedLine(name, _("New"), None, would, (_("The hearing is booked."),), is_fatal=False)
        elif after is None:
            yield ChangedLine(name, _("Ends"), was, None, (_("The hearing leaves the case."),), is_fatal=False)
        elif before.record.starts_at != after.record.starts_at or before.record.kind != after.record.kind:
            yield ChangedLine(name, _("Moves"), was, would, (), is_fatal=False)


def _court_sentences(draft: Draft) -> Iterator[str]:
    for before, after in changed_records(draft, Hearing):
        if before is not None and after is not None and before.record.court != after.record.court:
            yield _("%(hearing)s, %(day)s: the court changes from %(was)s to %(would)s.") % {
                "hearing": labels.label_of(labels.HEARING_KINDS, after.record.kind),
                "day": tags.day(after.record.starts_on),
                "was": before.record.court,
                "would": after.record.court,
            }


def _task_sentences(draft: Draft) -> Iterator[str]:
    for before, after in changed_records(draft, Task):
        shown = after or before
        assert shown is not None
        if before is None:
            sentence = _("Task added: %(text)s")
        elif after is None:
            sentence = _("Task taken out: %(text)s")
        elif after.record.done_on and not before.record.done_on:
            sentence = _("Task done: %(text)s")
        elif before.record.done_on and not after.record.done_on:
            sentence = _("Task open again: %(text)s")
        else:
            continue
        yield sentence % {"text": shown.record.text}


def _person_sentences(draft: Draft) -> Iterator[str]:
    for before, after in changed_records(draft, Party):
        if before is None or after is None:
            continue
        was, would = before.record.detained_since, after.record.detained_since
        values = {"name": after.record.name.full}
        if was != would and would is not None:
            yield _("%(name)s is shown as detained since %(day)s.") % {**values, "day": tags.day(would)}
        elif was != would:
            yield _("%(name)s is no longer shown as detained.") % values


def _stage_sentences(draft: Draft) -> Iterator[str]:
    for before, after in changed_records(draft, Case):
        if before is None or after is None:
            continue
        if before.record.stage != after.record.stage:
            stage = labels.label_of(labels.STAGES, after.record.stage)
            yield _("The stage of the case changes to: %(stage)s.") % {"stage": stage}
        if after.record.stage_question and before.record.stage_question != after.record.stage_question:
            yield _("The case page asks which stage the case is at now.")
        elif before.record.stage_question and not after.record.stage_question:
            yield _("The case page no longer asks for the stage.")
