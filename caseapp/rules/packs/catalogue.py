"""Reading and validation of the catalogue of events, one file for each pack.

An error is one line that names the file, the row and the column.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms.catalogue import CatalogueEvent, CatalogueFile, EventQuestion, EventStart, Words
from caseapp.rules.terms.errors import RuleError

EVENTS_FOLDER = Path(__file__).parent / "events"
# Rules that the catalogue names and no pack has yet. A test fails for one that a pack has: take it out then.
AWAITED_RULES: frozenset[str] = frozenset()
DATE_KINDS = ("date",)
# The pages that record an event, as addresses of the site.
NOTICE_PAGE = "/cases/<case>/notices/new/"
PERSON_PAGE = "/cases/<case>/people/<person>/dates/"
BOOKING_PAGE = "/cases/<case>/hearings/new/"
OUTCOME_PAGE = "/hearings/<hearing>/outcome/"
RULE_PAGE = "/cases/<case>/deadlines/from-rule/"


class CatalogueFault(NamedTuple):
    """A fault in a catalogue: the table, the row (from 1, or a name), the column, and what is wrong."""

    row: str
    column: str
    text: str


@dataclass(frozen=True)
class Catalogue:
    """The events of all packs. `groups` keep the order of the files."""

    files: tuple[CatalogueFile, ...]

    @cached_property
    def events(self) -> dict[str, CatalogueEvent]:
        """Return every event by its id."""
        return {event.id: event for file in self.files for event in file.events}

    @cached_property
    def questions(self) -> dict[str, EventQuestion]:
        """Return every question by its id; packs that share an id ask the same."""
        return {name: question for file in self.files for name, question in file.questions.items()}

    @cached_property
    def groups(self) -> dict[str, Words]:
        """Return every group of events by its id."""
        return {name: words for file in self.files for name, words in file.groups.items()}

    @cached_property
    def by_outcome(self) -> dict[str, CatalogueEvent]:
        """Return the event of each decision of a hearing, by the stored code of the decision."""
        return {event.outcome: event for event in self.events.values() if event.outcome}

    @cached_property
    def chains(self) -> frozenset[str]:
        """Return the chains of the packs that an event follows: only these can start a rule of an office."""
        return frozenset(event.follows for event in self.events.values() if event.follows)

    @cached_property
    def pack_of(self) -> dict[str, str]:
        """Return the pack of each event."""
        return {event.id: file.pack for file in self.files for event in file.events}

    @cached_property
    def texts(self) -> dict[str, Words]:
        """Return every text of the catalogue by its English words."""
        labels = [event.label for event in self.events.values()]
        choices = [choice for question in self.questions.values() for choice in question.choices]
        return {words.en: words for words in (*labels, *choices, *self.questions.values(), *self.groups.values())}

    def events_starting(self, rule_id: str) -> tuple[CatalogueEvent, ...]:
        """Return the events that start a rule."""
        return tuple(event for event in self.events.values() if any(start.rule == rule_id for start in event.starts))


def page_of(event: CatalogueEvent) -> str:
    """Return the address of the page that records an event."""
    if event.booking:
        return BOOKING_PAGE
    if event.recorded_on == "person":
        return PERSON_PAGE
    return OUTCOME_PAGE if event.outcome else NOTICE_PAGE


@lru_cache(maxsize=1)
def standard_catalogue() -> Catalogue:
    """Return the catalogue of the packs that are part of Caseapp, read once per process."""
    paths = sorted(EVENTS_FOLDER.glob("*.toml"), reverse=True)
    files = [read_catalogue(path.read_text(encoding="utf-8"), path.name, standard()) for path in paths]
    catalogue = Catalogue(tuple(files))
    if len(catalogue.events) != sum(len(file.events) for file in files):
        raise RuleError("two packs have an event with the same id")
    return catalogue


def read_catalogue(text: str, name: str, book: Rulebook) -> CatalogueFile:
    """Read the catalogue of one pack, checked against the rules. Raises RuleError that names row and column.

    A start whose rule is awaited is left out; an event that would then start less than it must is left out too.
    """
    try:
        file = msgspec.convert(tomllib.loads(text), CatalogueFile)
    except tomllib.TOMLDecodeError as exc:
        raise RuleError(f"{name}: not TOML: {exc}") from exc
    except msgspec.ValidationError as exc:
        raise RuleError(f"{name}, {_describe_invalid_value(str(exc))}") from exc
    for fault in _faults(file, book):
        raise RuleError(f"{name}, {fault.row}, column {fault.column}: {fault.text}")
    return replace(file, events=tuple(filter(None, map(_without_awaited_rules, file.events))))


def _describe_invalid_value(message: str) -> str:
    """Return the row and the column of a value that has not the shape of the catalogue."""
    problem, _, path = message.partition(" - at `")
    table, name, number, column = "", "", "", ""
    if match := re.match(r"\$\.(\w+)(?:\[(\d+)\]|\.(\w+)|\[\.\.\.\])?(?:\.(\w+))?", path.rstrip("`")):
        table, number, name, column = (part or "" for part in match.groups())
    missing = re.search(r"required field `(\w+)`|unknown field `(\w+)`", problem)
    if missing:
        column = missing[1] or missing[2] or column
    row = f"row {int(number) + 1} of {table}" if number else f"row {name or '?'} of {table}" if table else "row 1"
    return f"{row}, column {column or '?'}: {problem}"


def _without_awaited_rules(event: CatalogueEvent) -> CatalogueEvent | None:
    """Return the event with the rules that packs have; None while it cannot start what it must."""
    ready = tuple(start for start in event.starts if start.rule not in AWAITED_RULES)
    groups = {start.one_of for start in event.starts if start.one_of}
    is_whole = groups <= {start.one_of for start in ready} and (ready or not event.starts)
    return replace(event, starts=ready) if is_whole else None


def _faults(file: CatalogueFile, book: Rulebook) -> Iterator[CatalogueFault]:
    seen: set[str] = set()
    for name, question in file.questions.items():
        yield from _question_faults(f"question {name}", question)
    for number, event in enumerate(file.events, 1):
        row = f"row {number} of events ({event.id})"
        if event.id in seen:
            yield CatalogueFault(row, "id", f"{event.id} is in the file twice")
        seen.add(event.id)
        yield from (fault._replace(row=row) for fault in _event_faults(event, file, book))


def _question_faults(row: str, question: EventQuestion) -> Iterator[CatalogueFault]:
    ids = [choice.id for choice in question.choices]
    if question.kind in {"choice", "served"} and len(ids) < 2:
        yield CatalogueFault(row, "choices", "a question has two choices or more")
    if question.kind not in {"choice", "served"} and ids:
        yield CatalogueFault(row, "choices", f"a question of the kind {question.kind} has no choices")
    if len(ids) != len(set(ids)):
        yield CatalogueFault(row, "choices", "two choices have the same id")


def _event_faults(event: CatalogueEvent, file: CatalogueFile, book: Rulebook) -> Iterator[CatalogueFault]:
    if event.group not in file.groups:
        yield CatalogueFault("", "group", f"there is no group {event.group}")
    if event.date not in file.questions or file.questions[event.date].kind != "date":
        yield CatalogueFault("", "date", f"there is no question for a date {event.date}")
    for name in event.ask:
        if name not in file.questions:
            yield CatalogueFault("", "ask", f"there is no question {name}")
    for name in event.required:
        if name not in event.ask:
            yield CatalogueFault("", "required", f"{name} is not asked")
    if event.follows and not any(pack.id == file.pack and _has_follow(book, event.follows) for pack in book.packs):
        yield CatalogueFault("", "follows", f"the packs have no chain {event.follows}")
    for start in event.starts:
        for column, text in _start_faults(start, event, file, book):
            yield CatalogueFault("", column, text)


def _has_follow(book: Rulebook, name: str) -> bool:
    return book.find_follow(name) is not None


def _start_faults(
    start: EventStart, event: CatalogueEvent, file: CatalogueFile, book: Rulebook
) -> Iterator[tuple[str, str]]:
    for name, allowed in start.when.items():
        known = {choice.id for choice in file.questions[name].choices} if name in event.ask else set()
        if unknown := sorted(set(allowed) - known):
            yield "starts", f"{start.rule}: {name} has no choice {', '.join(unknown)}"
    for name in start.dates.values():
        if name not in event.ask or file.questions[name].kind not in DATE_KINDS:
            yield "starts", f"{start.rule}: {name} is not a date that is asked"
    if start.rule in AWAITED_RULES:
        return
    if start.rule not in book.known_names.rules:
        yield "starts", f"there is no rule {start.rule}"
        return
    rule = book.versions_of(start.rule)[-1]
    used = book.events_used(rule)
    for name in (start.on or event.event, *start.dates):
        if name not in used:
            yield "starts", f"{start.rule} does not count from {name}"
    readings = {reading.id for reading in book.readings_of(rule) if reading.role in {"position", "variant"}}
    if start.variant and start.variant not in readings:
        yield "starts", f"{start.rule} has no reading {start.variant}"
