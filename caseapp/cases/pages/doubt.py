"""View model of the warning about a case that is not in its newest known state, and of the decision about it."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import restoration
from caseapp.casefile.restoration import ListedItem, NewerState
from caseapp.index.rows import DeadlineRow, HearingRow
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import client_name_of
from caseapp.ui.display.paths import case_path, quick_reverse
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.vault.store import SealedFile

DAMAGED, NOT_COMPARED, NEWER = "damaged", "not_compared", "newer"
SENTENCES: dict[str, Promise] = {
    "older": gettext_lazy(
        "This case is older than the state that was saved last. Rows of the database were put back to an earlier "
        "state. Nothing can be saved here until the case's lead or a supervisor decides. Reminders keep going out."
    ),
    "list_older": gettext_lazy(
        "Your list of cases has an older state than this case. Rows of the database were put back to an earlier "
        "state. Nothing can be saved here until the list is rebuilt. Reminders keep going out."
    ),
    "unlisted": gettext_lazy(
        "No list of cases contains this case. Rows of the database were put back to an earlier state, or removed. "
        "Nothing can be saved here until the case's lead or a supervisor decides. Reminders keep going out."
    ),
    DAMAGED: gettext_lazy(
        "A part of this case does not open: it was altered or damaged. What is shown can be trusted. Notify "
        "your admin; until it is repaired nothing can be saved here."
    ),
    NEWER: gettext_lazy(
        "A newer version of Caseapp wrote a part of this case. What this version can read is shown; the rest "
        "is kept unchanged. Nothing can be saved here until the newer version is installed again: notify the "
        "person who runs the server. Reminders are still sent."
    ),
    NOT_COMPARED: gettext_lazy(
        "This case was not compared with a list, because the list was damaged. Check its dates against your own "
        "documents, then accept it."
    ),
}


@dataclass(frozen=True)
class DoubtItem:
    """A date or task of the newer state. `severity` is a word, empty for one that is no deadline."""

    what: str
    on: date | None
    severity: str
    is_fatal: bool


@dataclass(frozen=True)
class DoubtPanel:
    """The warning. `items` are what the newer state still shows; `href` is "" for a member who may not decide."""

    kind: str
    sentence: str
    items: tuple[DoubtItem, ...]
    href: str


@dataclass(frozen=True)
class DecisionPage:
    """The decision: what can be restored, and how many damaged records do not open in any version."""

    panel: DoubtPanel
    stored_version: int
    newest_version: int
    restorable: int
    lost: int


@dataclass(frozen=True)
class UncomparedLine:
    """A case that could not be compared."""

    href: str
    ref: str
    name: str


def doubt_panel(staff: Staff, file: SealedFile) -> DoubtPanel | None:
    """Return the warning about a case, or None when nothing is wrong. In the office's transaction."""
    kind = _kind_of(file)
    if not kind:
        return None
    if kind == NEWER:  # nothing is to be decided
        return DoubtPanel(kind, str(SENTENCES[kind]), (), "")
    return _panel(staff, file, kind, restoration.find_newer_state(staff, file))


def decision_page(staff: Staff, file: SealedFile) -> DecisionPage | None:
    """Return the page of the decision, or None when nothing is to be decided. In the office's transaction."""
    kind = _kind_of(file)
    if not kind or kind == NEWER:
        return None
    newer = restoration.find_newer_state(staff, file)
    return DecisionPage(
        panel=_panel(staff, file, kind, newer),
        stored_version=file.head_version,
        newest_version=file.newest_known,
        restorable=len(newer.stored) + len(newer.listed),
        lost=len(newer.lost),
    )


def _kind_of(file: SealedFile) -> str:
    if file.newer:
        return NEWER
    if file.doubt or file.damaged:
        return file.doubt or DAMAGED
    return "" if file.is_compared else NOT_COMPARED


def _panel(staff: Staff, file: SealedFile, kind: str, newer: NewerState) -> DoubtPanel:
    href = quick_reverse("cases:restore", file.id) if restoration.may_decide(staff, file) else ""
    return DoubtPanel(kind, str(SENTENCES[kind]), tuple(_items_of(newer)), href)


def _items_of(newer: NewerState) -> list[DoubtItem]:
    stored = [
        _deadline_item(record.what, record.act_by or record.due_on or record.opens_on, record.severity)
        if isinstance(record, Deadline)
        else _hearing_item(record.kind, clock.local_date(record.starts_at, record.zone))
        for record in (entry.record for entry in newer.stored)
        if isinstance(record, Hearing) or (isinstance(record, Deadline) and record.state == "open")
    ]
    return sorted(
        [*stored, *map(_listed_item, newer.listed)], key=lambda item: (not item.is_fatal, item.on or date.max)
    )


def _listed_item(item: ListedItem) -> DoubtItem:
    if isinstance(item, DeadlineRow):
        return _deadline_item(item.what, item.day, item.severity)
    if isinstance(item, HearingRow):
        return _hearing_item(item.kind, clock.local_date(item.starts_at, item.zone))
    return DoubtItem(item.text, item.due_on, "", is_fatal=False)


def _deadline_item(what: str, on: date | None, severity: str) -> DoubtItem:
    return DoubtItem(
        translate_deadline_name(what), on, labels.label_of(labels.SEVERITIES, severity), is_fatal=severity == "fatal"
    )


def _hearing_item(kind: str, on: date) -> DoubtItem:
    return DoubtItem(labels.label_of(labels.HEARING_KINDS, kind), on, "", is_fatal=False)


def uncompared_lines(staff: Staff, index: IndexView) -> tuple[UncomparedLine, ...]:
    """Return the cases that could not be compared and that this member may accept."""
    return tuple(
        UncomparedLine(case_path(case_id), row.ref, client_name_of(row))
        for case_id, row in restoration.uncompared_cases(staff, index)
    )
