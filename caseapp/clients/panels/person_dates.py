"""Key dates of a person as finished values: each with the deadlines that follow from it, shown in place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.deadlines.panels.case_deadlines import deadline_status
from caseapp.deadlines.panels.event_buttons import EventButton, event_buttons
from caseapp.deadlines.services.person_dates import kept_dates
from caseapp.lib import clock
from caseapp.lib.birthdays import birthday
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Party
from caseapp.ui.display import tags
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.rule_names import translate_deadline_name
from caseapp.ui.display.status import StatusLabel
from caseapp.vault.store import UNDO_DAYS, Entry, SealedFile

AGES = (14, 18, 21)
EXPIRATION = "d_expiry"  # the question for the day on which a status or document expires


@dataclass(frozen=True)
class FollowingDeadline:
    """A deadline that follows from a date, and its days in words."""

    href: str
    what: str
    status: StatusLabel
    days: str


@dataclass(frozen=True)
class PersonDate:
    """A recorded date of a person. `href` corrects it; `answers` are (question, answer)."""

    label: str
    on: date
    href: str
    status: StatusLabel | None
    answers: tuple[tuple[str, str], ...]
    note: str
    deadlines: tuple[FollowingDeadline, ...]


@dataclass(frozen=True)
class DateGroup:
    """A group of the catalogue: what is recorded, and what is not. Expirations are entered most."""

    label: str
    has_expirations: bool
    dates: tuple[PersonDate, ...]
    missing: tuple[EventButton, ...]


@dataclass(frozen=True)
class AgeLine:
    """The days between which a person reaches an age; the same day where the birth is known to the day."""

    age: int
    first: date
    last: date

    @property
    def is_exact(self) -> bool:
        """Return True when the day is known."""
        return self.first == self.last


@dataclass(frozen=True)
class RemovedDate:
    """A date that was removed, and the page that puts it back."""

    label: str
    on: date
    restore: str
    version: int


@dataclass(frozen=True)
class PersonDates:
    """The key dates of a person. `path` is the page that enters one."""

    path: str
    groups: tuple[DateGroup, ...]
    ages: tuple[AgeLine, ...]
    removed: tuple[RemovedDate, ...]


def person_dates_of(file: SealedFile, party_id: UUID, staff: Staff) -> PersonDates:
    """Return the key dates of a person of an open case."""
    today, entry = clock.today(staff.zone), file.get(party_id, Party)
    offered = event_buttons(staff, file.id, kept_dates.PERSON).events
    current = kept_dates.current_dates(file, party_id)
    groups = _date_groups(file, entry, current, offered, today)
    return PersonDates(
        path=quick_reverse("clients:date_new", file.id, party_id),
        groups=tuple(sorted(groups, key=lambda group: not group.has_expirations)),
        ages=age_lines(entry.record, today),
        removed=tuple(_removed_dates(file, party_id, today)),
    )


def age_lines(party: Party, today: date) -> tuple[AgeLine, ...]:
    """Return the ages that a person has yet to reach, earliest and latest day."""
    if party.birth is None:
        return ()
    first, last = party.birth.earliest, party.birth.latest
    lines = (AgeLine(age, birthday(first, age), birthday(last, age)) for age in AGES)
    return tuple(line for line in lines if line.last >= today)


def _date_groups(
    file: SealedFile,
    person: Entry[Party],
    current: list[Entry[Notice]],
    offered: tuple[EventButton, ...],
    today: date,
) -> Iterator[DateGroup]:
    events, language = rules.catalogue().events, get_language() or "en"
    for name, words in rules.catalogue().groups.items():
        dates = [_recorded_date(file, entry, person.id, today) for entry in _of_group(current, name)]
        known = {entry.record.what for entry in current} - kept_dates.RECURRING
        if events[kept_dates.ARRIVAL].group == name and person.record.last_arrival_on is not None:
            dates.insert(0, _arrival(file, person, person.record.last_arrival_on, today))
            known.add(kept_dates.ARRIVAL)
        missing = [button for button in offered if events[button.id].group == name and button.id not in known]
        if dates or missing:
            has_expirations = any(events[code].date == EXPIRATION for code in _codes_of(name))
            yield DateGroup(words.in_language(language), has_expirations, tuple(dates), tuple(missing))


def _codes_of(group: str) -> list[str]:
    return [event.id for event in rules.catalogue().events.values() if event.group == group]


def _of_group(current: list[Entry[Notice]], group: str) -> list[Entry[Notice]]:
    events = rules.catalogue().events
    matching = [entry for entry in current if events[entry.record.what].group == group]
    return sorted(matching, key=lambda entry: (entry.record.dated_on, entry.record.what))


def _recorded_date(file: SealedFile, entry: Entry[Notice], party_id: UUID, today: date) -> PersonDate:
    notice, event = entry.record, rules.catalogue().events[entry.record.what]
    return PersonDate(
        label=event.label.in_language(get_language() or "en"),
        on=notice.dated_on,
        href=quick_reverse("clients:date", file.id, party_id, entry.id),
        status=_expiration_status(event, notice.dated_on, today),
        answers=tuple(_answers_in_words(event, notice.facts)),
        note=notice.text,
        deadlines=tuple(_following_deadlines(file, entry.id, today)),
    )


def _arrival(file: SealedFile, person: Entry[Party], on: date, today: date) -> PersonDate:
    event = rules.catalogue().events[kept_dates.ARRIVAL]
    return PersonDate(
        label=event.label.in_language(get_language() or "en"),
        on=on,
        href="#arrival",
        status=None,
        answers=tuple(_answers_in_words(event, person.record.arrival_facts)),
        note="",
        deadlines=tuple(_following_deadlines(file, person.id, today)),
    )


def _expiration_status(event: rules.CatalogueEvent, on: date, today: date) -> StatusLabel | None:
    if event.date != EXPIRATION or on >= today:
        return None
    # Translators: %(distance)s is for example "24 days ago".
    return StatusLabel("passed", _("Expired %(distance)s") % {"distance": tags.distance_between(today, on)})


def _answers_in_words(event: rules.CatalogueEvent, facts: dict[str, str]) -> Iterator[tuple[str, str]]:
    language, questions = get_language() or "en", rules.catalogue().questions
    for name in event.ask:
        answer = facts.get(name, "")
        if not answer:
            continue
        question = questions[name]
        chosen = {choice.id: choice.in_language(language) for choice in question.choices}
        text = tags.day(date.fromisoformat(answer)) if question.kind == "date" else chosen.get(answer, answer)
        yield question.in_language(language), text


def _following_deadlines(file: SealedFile, trigger: UUID, today: date) -> Iterator[FollowingDeadline]:
    entries = [entry for entry in file.entries_of(Deadline) if entry.record.trigger == trigger]
    shown = [entry for entry in entries if entry.record.state != "superseded"]
    for entry in sorted(shown, key=lambda entry: (entry.record.due_on or date.max, entry.record.what)):
        record = entry.record
        yield FollowingDeadline(
            href=quick_reverse("deadlines:deadline", entry.id),
            what=translate_deadline_name(record.what),
            status=deadline_status(record, today),
            days=describe_days(record),
        )


def describe_days(deadline: Deadline) -> str:
    """Return the window of a deadline in words: from when until when, and our internal deadline where it is earlier."""
    words = {
        "opens": tags.day(deadline.opens_on) if deadline.opens_on else "",
        "act": tags.day(deadline.act_by) if deadline.act_by else "",
        "due": tags.day(deadline.due_on) if deadline.due_on else "",
    }
    has_earlier = deadline.act_by is not None and deadline.act_by != deadline.due_on
    if words["due"] and words["opens"]:
        text = _("From %(opens)s until %(due)s; internal deadline %(act)s") if has_earlier else ""
        return (text or _("From %(opens)s until %(due)s")) % words
    if words["due"]:
        return (_("By %(act)s; legal deadline %(due)s") if has_earlier else _("By %(due)s")) % words
    return _("Opens %(opens)s") % words if words["opens"] else ""


def _removed_dates(file: SealedFile, party_id: UUID, today: date) -> Iterator[RemovedDate]:
    for entry in file.entries_of(Notice):
        notice = entry.record
        if notice.removed_on is None or party_id not in notice.parties or (today - notice.removed_on).days > UNDO_DAYS:
            continue
        label = rules.catalogue().events[notice.what].label.in_language(get_language() or "en")
        restore = quick_reverse("clients:date_restore", file.id, party_id, entry.id)
        yield RemovedDate(label, notice.dated_on, restore, entry.version)
