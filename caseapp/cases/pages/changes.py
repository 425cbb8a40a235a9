"""The page "Recent changes" of a case as finished values: each save, what an undo would take back, or why it cannot."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from caseapp.accounts.directory import team_members
from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.changes.saved_changes import RecordChange, SavedChange, changed_fields, is_in_force, saved_changes
from caseapp.cases.services import undo
from caseapp.cases.services.undo import Dependence
from caseapp.clients.panels.custody_lines import step_label
from caseapp.deadlines.panels.change_preview import ChangePreview, preview_act
from caseapp.lib.errors import Refused
from caseapp.records.case import Case
from caseapp.records.consent import Consent
from caseapp.records.contact_attempt import TEXT, ContactAttempt
from caseapp.records.custody import CustodyStep
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.history import History
from caseapp.records.note import Note
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.records.proceeding import Proceeding
from caseapp.records.task import Task
from caseapp.ui.display import labels, tags
from caseapp.ui.display.case_header import CaseHead, case_head
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.refusals import translate_refusal
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.vault.registry import Record
from caseapp.vault.store import SealedFile

MOST_CHANGES = 50
OTHER_FACTS = ("referred_by",)  # of a case, besides stage, relief and lead
ListedChange = tuple[SavedChange, tuple[str, str]]  # a save with its title and detail


@dataclass(frozen=True)
class RecentChangeLine:
    """One save. `mark` is what its button sends, "" where it cannot be taken back; `reasons` then say why.

    title     what was saved; `detail` is its own words or name, which are hidden while names are covered
    effect    what the undo would take back
    warnings  what the undo does not reach
    """

    mark: str
    at: datetime
    by: str
    title: str
    detail: str
    effect: ChangePreview | None
    warnings: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class RecentChangesPage:
    """The saves of the last 30 days that a member can take back, the newest first."""

    head: CaseHead
    lines: tuple[RecentChangeLine, ...]
    is_cut: bool
    head_version: int


def changes_page(staff: Staff, file: SealedFile, names: MemberNames) -> RecentChangesPage:
    """Return the page of an open case."""
    listed = list(islice(_listed_changes(file), MOST_CHANGES + 1))
    team = team_members.team_of_case(staff.keys, file)
    lines = tuple(_change_line(staff, file, names, team, saved) for saved in listed[:MOST_CHANGES])
    return RecentChangesPage(case_head(file), lines, len(listed) > MOST_CHANGES, file.head_version)


def _listed_changes(file: SealedFile) -> Iterator[ListedChange]:
    """Yield the saves that are shown, each with its title: acts of members of which something is still in force."""
    for change in saved_changes(file):
        title = _title_of(file, change)
        if title is not None:
            yield change, title


def _change_line(
    staff: Staff, file: SealedFile, names: MemberNames, team: Sequence[Colleague], saved: ListedChange
) -> RecentChangeLine:
    change, title = saved
    reasons = [_reason_of(dependence) for dependence in undo.find_dependences(file, change)]
    effect: ChangePreview | None = None
    if not reasons:
        try:
            effect = preview_act(staff, file, partial(undo.undo_in_draft, staff=staff, change=change), team=team)
        except Refused as exc:
            reasons = [translate_refusal(exc)]
    return RecentChangeLine(
        mark=change.mark if effect is not None else "",
        at=change.at,
        by=names.get(change.by, "") if change.by else "",
        title=title[0],
        detail=title[1],
        effect=effect,
        warnings=tuple(_warnings_of(file, change)) if effect is not None else (),
        reasons=tuple(dict.fromkeys(reasons)),
    )


def _title_of(file: SealedFile, change: SavedChange) -> tuple[str, str] | None:
    """Return title and detail of a save by its leading record; None for one that no member can take back here."""
    if any(isinstance(item.after, Consent) for item in change.records):
        return None
    for item in change.records:
        if isinstance(item.after, Case) and item.before is None:
            return _("Case opened"), ""
    # An outcome that books the next hearing is an outcome: what was there before leads.
    records = sorted(change.records, key=lambda item: item.before is None)
    for kind, describe in _DESCRIPTIONS:
        for item in records:
            if isinstance(item.after, kind) and _counts(file, item) and (title := describe(item)) is not None:
                return title
    return None


def _counts(file: SealedFile, item: RecordChange) -> bool:
    entry = file.entries.get(item.id)
    if entry is None or not is_in_force(item, entry.record):
        return False
    current = entry.record
    is_gone = isinstance(current, Document) and current.removed_on is not None and item.before is None
    return not is_gone and not (isinstance(current, CustodyStep) and current.undone_on is not None)


def _describe_case(item: RecordChange) -> tuple[str, str] | None:
    after, before = item.after, item.before
    assert isinstance(after, Case)
    if before is None:
        return None
    fields = set(changed_fields(before, after))
    if fields & {"closed_on", "hold_reason"} or not fields & {"stage", "relief", "lead", *OTHER_FACTS}:
        return None
    if not fields & {"stage", "relief", "lead"}:
        return _("Facts of the case changed"), ""
    return _("Stage, relief or lead changed"), labels.label_of(labels.STAGES, after.stage)


def _describe_hearing(item: RecordChange) -> tuple[str, str] | None:
    after, before = item.after, item.before
    assert isinstance(after, Hearing)
    name = f"{labels.label_of(labels.HEARING_KINDS, after.kind)}, {tags.day(after.starts_on)}"
    if before is None:
        return _("Hearing booked: %(hearing)s") % {"hearing": name}, ""
    assert isinstance(before, Hearing)
    if before.outcome == after.outcome:
        return (_("Hearing changed: %(hearing)s") % {"hearing": name}, "") if changed_fields(before, after) else None
    if after.outcome is None:
        return _("Outcome taken back: %(hearing)s") % {"hearing": name}, ""
    outcome = labels.label_of(labels.OUTCOMES, after.outcome.what)
    sentence = _("Outcome recorded: %(hearing)s: %(outcome)s")
    if before.outcome is not None:
        sentence = _("Outcome corrected: %(hearing)s: %(outcome)s")
    return sentence % {"hearing": name, "outcome": outcome}, after.outcome.text


def _describe_custody(item: RecordChange) -> tuple[str, str] | None:
    assert isinstance(item.after, CustodyStep)
    return (step_label(item.after), item.after.facility) if item.before is None else None


def _describe_notice(item: RecordChange) -> tuple[str, str] | None:
    after, before = item.after, item.before
    assert isinstance(after, Notice)
    values = {"notice": labels.notice_label(after.what), "day": tags.day(after.dated_on)}
    if before is None:
        return _("Notice or event recorded: %(notice)s, %(day)s") % values, after.text
    assert isinstance(before, Notice)
    if after.removed_on is not None and before.removed_on is None:
        return _("Date removed: %(notice)s, %(day)s") % values, after.text
    if set(changed_fields(before, after)) <= {"replaced_by"}:
        return None
    return _("Notice or event corrected: %(notice)s, %(day)s") % values, after.text


def _describe_party(item: RecordChange) -> tuple[str, str] | None:
    assert isinstance(item.after, Party)
    return (_("Person added") if item.before is None else _("Person changed")), item.after.name.full


def _describe_proceeding(item: RecordChange) -> tuple[str, str] | None:
    assert isinstance(item.after, Proceeding)
    if item.before is not None and not changed_fields(item.before, item.after):
        return None
    detail = ", ".join(filter(None, (item.after.court, item.after.docket)))
    return (_("Proceeding added") if item.before is None else _("Proceeding changed")), detail


def _describe_history(item: RecordChange) -> tuple[str, str] | None:
    assert isinstance(item.after, History)
    return (_("Earlier order added") if item.before is None else _("Earlier order changed")), item.after.result


def _describe_document(item: RecordChange) -> tuple[str, str] | None:
    after, before = item.after, item.before
    assert isinstance(after, Document)
    if before is None:
        return _("Document added"), after.title
    assert isinstance(before, Document)
    removed = after.removed_on is not None and before.removed_on is None
    return (_("Document removed") if removed else _("Document changed")), after.title


def _describe_task(item: RecordChange) -> tuple[str, str] | None:
    after, before = item.after, item.before
    assert isinstance(after, Task)
    if before is None:
        return _("Task added"), after.text
    assert isinstance(before, Task)
    is_done = after.done_on is not None and before.done_on is None
    return (_("Task done") if is_done else _("Task changed")), after.text


def _describe_note(item: RecordChange) -> tuple[str, str] | None:
    assert isinstance(item.after, Note)
    text = "" if item.after.story else item.after.text
    return (_("Note added") if item.before is None else _("Note changed")), Truncator(text).chars(200)


def _describe_attempt(item: RecordChange) -> tuple[str, str] | None:
    after = item.after
    assert isinstance(after, ContactAttempt)
    if after.way == TEXT or item.before is not None:
        return None
    return _("Call or contact recorded"), after.note


def _describe_deadline(item: RecordChange) -> tuple[str, str] | None:
    after, before = item.after, item.before
    assert isinstance(after, Deadline)
    name = translate_deadline_name(after.what)
    if before is None:
        return (_("Deadline added: %(deadline)s") % {"deadline": name}, "") if after.trigger is None else None
    assert isinstance(before, Deadline)
    acts = {"state", "moved_to", "own_target_on", "owner", "filings", "checks", "decisions"}
    if not set(changed_fields(before, after)) & acts or after.state == "superseded":
        return None
    if len(after.filings) > len(before.filings):
        return _("Filing recorded: %(deadline)s") % {"deadline": name}, ""
    return _("Deadline changed: %(deadline)s") % {"deadline": name}, ""


_Describe = Callable[[RecordChange], tuple[str, str] | None]
# The record that gives a save its title: the first kind that the save has.
_DESCRIPTIONS: tuple[tuple[type[Record], _Describe], ...] = (
    (CustodyStep, _describe_custody),
    (Hearing, _describe_hearing),
    (Proceeding, _describe_proceeding),
    (Notice, _describe_notice),
    (Deadline, _describe_deadline),
    (Party, _describe_party),
    (History, _describe_history),
    (Document, _describe_document),
    (Task, _describe_task),
    (Note, _describe_note),
    (ContactAttempt, _describe_attempt),
    (Case, _describe_case),
)


def _reason_of(dependence: Dependence) -> str:
    """Return the sentence that says what depends on a save."""
    record = dependence.record
    if isinstance(record, Deadline) and dependence.why != "more":
        sentences = {
            "filing": _("A filing is recorded for “%(deadline)s”, which followed from it. Take the filing back first."),
            "closed": _("“%(deadline)s”, which followed from it, was closed. Open that deadline again first."),
            "proof": _("It is the proof of “%(deadline)s”. Open that deadline again first."),
            "refers": _("“%(deadline)s” is a deadline of this person. Correct the person instead."),
        }
        return sentences[dependence.why] % {"deadline": translate_deadline_name(record.what)}
    return {
        "changed": _("It was changed again since. Take the later change back first."),
        "refers": _("Later entries of this case refer to it. Take those back first."),
        "sent": _("A message to the client is no longer to be taken back."),
        "custody": _("One of its dates was changed since. Correct it where it is recorded."),
        "more": _("More was recorded in this case since. Close the case instead."),
    }.get(dependence.why, "")


def _warnings_of(file: SealedFile, change: SavedChange) -> Iterator[str]:
    """Yield what an undo does not reach: a client who already knows of a hearing."""
    added = {item.id for item in change.records if item.before is None and isinstance(item.after, Hearing)}
    if any(entry.record.hearing in added for entry in file.entries_of(ContactAttempt)):
        yield _("The client was already contacted about this hearing: call them.")
    if any(item.before is None and isinstance(item.after, Case) for item in change.records):
        yield _("The case is closed and kept for 30 days; it can be opened again until then.")
