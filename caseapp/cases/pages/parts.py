"""The long lists of a case: the case page shows the first lines of each, a page of its own shows all, 25 at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.accounts.keys.staff import Staff
from caseapp.cases.pages import activity
from caseapp.cases.pages.proceedings import proceeding_line, proceedings_in_order
from caseapp.clients.panels import contact_sections
from caseapp.clients.panels.people import case_person, parties_by_role
from caseapp.deadlines.panels.case_deadlines import case_deadline, main_date, sort_deadlines
from caseapp.hearings.panels import case_hearing
from caseapp.lib import clock
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.task import Task
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.status import StatusLabel, day_status
from caseapp.vault.store import Entry, SealedFile

T = TypeVar("T")


@dataclass(frozen=True)
class LongListKind:
    """A long list: how many lines the case page shows, the title of its own page, and the template of a line."""

    limit: int
    title: Promise
    row: str
    lists: str = "lines card"  # classes of the list


# A case with 40 hearings and 300 documents is one page of 90 KB at most.
KINDS: Final[dict[str, LongListKind]] = {
    "people": LongListKind(6, gettext_lazy("People"), "clients/_card.html", ""),
    "hearings": LongListKind(8, gettext_lazy("Hearings"), "hearings/_row.html", "lines card with-hours"),
    "deadlines": LongListKind(10, gettext_lazy("Deadlines"), "deadlines/_row.html"),
    "closed": LongListKind(5, gettext_lazy("Done, not required or superseded"), "deadlines/_row.html"),
    "contacts": LongListKind(3, gettext_lazy("Client contact"), "clients/_line.html", "stream card"),
    "attempts": LongListKind(8, gettext_lazy("Calls and messages so far"), "clients/_attempt.html", "stream card"),
    "tasks": LongListKind(8, gettext_lazy("Tasks"), "cases/_task.html", "stream card"),
    "proceedings": LongListKind(4, gettext_lazy("Proceedings"), "cases/_proceeding.html", ""),
    "story": LongListKind(4, gettext_lazy("Story"), "cases/_story.html", "stream card"),
    "activity": LongListKind(12, gettext_lazy("Activity"), "cases/_activity.html", "stream card"),
}


@dataclass(frozen=True)
class ListPart(Generic[T]):
    """The lines of one part. `all_href` shows all `total` of them; empty where none is left out."""

    lines: tuple[T, ...]
    total: int
    all_href: str


@dataclass(frozen=True)
class LongList(Generic[T]):
    """A list in its order. `make` makes the lines of the rows that are shown, and of no others."""

    rows: Sequence[Any]
    make: Callable[[Sequence[Any]], tuple[T, ...]]


@dataclass(frozen=True)
class CaseTask:
    """Task of the case, open or done."""

    id: UUID
    done_action: str
    text: str
    who: str
    on: date | None
    status: StatusLabel | None
    is_done: bool


@dataclass(frozen=True)
class CaseLists:
    """The long lists of an open case, as a member sees them.

    show  filters the activity (`activity.FILTERS`)
    only  the client whose contacts and attempts are listed; None for all
    """

    file: SealedFile
    staff: Staff
    names: MemberNames
    show: str = "all"
    only: UUID | None = None

    @property
    def today(self) -> date:
        """Return the day in the member's zone."""
        return clock.today(self.staff.zone)

    def first_lines(self, name: str) -> ListPart[Any]:
        """Return the first lines of a list of KINDS, with the link to all of them."""
        rows, limit = self.list_named(name), KINDS[name].limit
        kept = f"?show={self.show}" if name == "activity" and self.show != "all" else ""
        href = quick_reverse("cases:part", self.file.id, name) + kept if len(rows.rows) > limit else ""
        return ListPart(rows.make(rows.rows[:limit]), len(rows.rows), href)

    def list_named(self, name: str) -> LongList[Any]:
        """Return a list of KINDS."""
        lists: dict[str, Callable[[], LongList[Any]]] = {
            "people": self._people,
            "hearings": self._hearings,
            "deadlines": self._deadlines,
            "closed": self._closed,
            "contacts": self._contacts,
            "attempts": self._attempts,
            "tasks": self._tasks,
            "proceedings": self._proceedings,
            "story": self._story,
            "activity": self._activity,
        }
        return lists[name]()

    def _people(self) -> LongList[Any]:
        return self._each(parties_by_role(self.file), lambda entry: case_person(self.file, entry, on=self.today))

    def _hearings(self) -> LongList[Any]:
        return self._each(hearings_in_order(self.file), lambda entry: case_hearing(entry, self.names))

    def _deadlines(self) -> LongList[Any]:
        return self._each(open_deadlines(self.file), self._deadline)

    def _closed(self) -> LongList[Any]:
        closed = [entry for entry in self.file.entries_of(Deadline) if entry.record.state != "open"]
        return self._each(sort_deadlines(closed), self._deadline)

    def _deadline(self, entry: Entry[Deadline]) -> Any:
        return case_deadline(entry, self.names, self.today, self.file)

    def _contacts(self) -> LongList[Any]:
        keys, zone = self.staff.keys, self.staff.zone
        return LongList(
            contact_sections.contacts_of(self.file, only=self.only),
            lambda rows: contact_sections.contact_lines(self.file, keys, rows, zone=zone),
        )

    def _attempts(self) -> LongList[Any]:
        return self._each(
            contact_sections.attempts_of(self.file, only=self.only),
            lambda entry: contact_sections.attempt_line(entry, self.names, self.staff.zone),
        )

    def _tasks(self) -> LongList[Any]:
        return self._each(_tasks_in_order(self.file), self._task)

    def _task(self, entry: Entry[Task]) -> CaseTask:
        record = entry.record
        is_done = record.done_on is not None
        status = day_status(self.today, record.due_on) if record.due_on else None
        return CaseTask(
            id=entry.id,
            done_action=quick_reverse("cases:task_done", entry.id),
            text=record.text,
            who=self.names.get(record.owner, "") if record.owner else "",
            on=record.due_on,
            status=StatusLabel("done", _("Done")) if is_done else status,
            is_done=is_done,
        )

    def _proceedings(self) -> LongList[Any]:
        return self._each(proceedings_in_order(self.file), lambda entry: proceeding_line(self.file.id, entry))

    def _story(self) -> LongList[Any]:
        return self._each([e for e in self.file.entries_of(Note) if e.record.story], lambda entry: entry.record.text)

    def _activity(self) -> LongList[Any]:
        context = activity.ActivityContext(self.file, self.names, self.staff.zone)
        return LongList(
            activity.activity_rows(self.file, self.show), lambda rows: activity.activity_items(rows, context)
        )

    def _each(self, rows: Sequence[T], make: Callable[[T], Any]) -> LongList[Any]:
        return LongList(rows, lambda shown: tuple(map(make, shown)))


def open_deadlines(file: SealedFile) -> list[Entry[Deadline]]:
    """Return the open deadlines by the day they are listed under; those without one last."""
    entries = [entry for entry in file.entries_of(Deadline) if entry.record.state == "open"]
    return sorted(sort_deadlines(entries), key=lambda entry: main_date(entry.record) or date.max)


def hearings_in_order(file: SealedFile) -> list[Entry[Hearing]]:
    """Return the hearings without an outcome, the earliest first; then those with one, the newest first."""
    by_start = sorted(file.entries_of(Hearing), key=lambda entry: entry.record.starts_at)
    still_open = [entry for entry in by_start if entry.record.outcome is None]
    return still_open + [entry for entry in reversed(by_start) if entry.record.outcome is not None]


def _tasks_in_order(file: SealedFile) -> list[Entry[Task]]:
    return sorted(
        file.entries_of(Task), key=lambda entry: (entry.record.done_on is not None, entry.record.due_on or date.max)
    )
