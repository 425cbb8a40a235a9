"""Every rule has a way into a case: played through the visible fields of the real pages, by both ways.

The dates are compared with `caseapp deadlines compute`: the command itself for a sample, its engine for all.
"""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html import unescape
from uuid import UUID

import pytest
from django.urls import resolve, reverse

from caseapp import rules
from caseapp.cases.services import cases
from caseapp.hearings.services import hearings
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.rules import CatalogueEvent, EventStart
from caseapp.rules.explain import table
from caseapp.rules.packs import catalogue as catalogue_file
from tests.helpers.event_inputs import (
    EventDays,
    Inputs,
    day_of_event,
    engine_inputs,
    entries_of,
    has_period,
    question_values,
)
from tests.helpers.page_forms import PageForm
from tests.helpers.two_offices import NAME, Worker, signed_in

TODAY = dt.date(2026, 11, 24)  # a Tuesday
PAST = dt.date(2026, 11, 20)  # a Friday: the day an event happened
FUTURE = dt.date(2027, 2, 17)  # a Wednesday: an expiration, a hearing, a date that a document gives
BEFORE = dt.date(2026, 6, 5)  # an earlier date that a rule needs too
FIRST = dt.date(2026, 1, 9)  # the filing of a petition, before its approval
BORN = dt.date(2009, 3, 4)
DAYS = EventDays(past=PAST, future=FUTURE, before=BEFORE, first=FIRST, born=BORN)
ZONES = {"us-federal": "America/New_York", "france": "Europe/Paris"}
SAMPLE = 20  # each twentieth play goes through the command


@pytest.fixture(params=sorted(ZONES))
def office(request: pytest.FixtureRequest, db: None, frozen: None) -> tuple[str, Worker]:
    """The pack of a country, and an attorney of an office there."""
    pack = str(request.param)
    return pack, signed_in("Ana Ruiz", "ana@office.test", zone=ZONES[pack])


def _rules_of(pack: str) -> list[rules.Rule]:
    book = rules.standard()
    return [rule for rule in book.newest_rules() if book.pack_of(rule.id).id == pack]


def _open_case(worker: Worker) -> UUID:
    return cases.open_case(worker.staff, cases.NewCase(name=NAME, stage="on_appeal"))


def _engine(inputs: Inputs, zone: str) -> tuple[str, ...]:
    options = rules.Options(by_mail=inputs.by_mail, zone=zone)
    return _days(rules.compute(inputs.rule, inputs.events, options).dates_as_text())


def _command(inputs: Inputs, zone: str) -> tuple[str, ...]:
    dates = [part for name, on in inputs.events.items() for part in ("--on", f"{name}={on.isoformat()}")]
    mail = ["--by-mail"] if inputs.by_mail else []
    done = subprocess.run(
        [sys.executable, "-m", "caseapp.cli.main", "deadlines", "compute", "--rule", inputs.rule, *dates, *mail,
         "--office-zone", zone, "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return _days(json.loads(done.stdout))


def _days(texts: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple((texts.get(name) or "")[:10] for name in ("due_on", "act_by", "opens_on"))


def _stored(worker: Worker, case_id: UUID, rule: str) -> set[tuple[str, ...]]:
    """The days of the open deadlines of a rule: legal, internal, first."""
    records = (entry.record for entry in worker.file(case_id).entries_of(Deadline))
    return {
        tuple(day.isoformat() if day else "" for day in (record.due_on, record.act_by, record.opens_on))
        for record in records
        if record.working and record.working.rule == rule and record.state == "open"
    }


def _problems(pack: str, worker: Worker, played: Iterator[tuple[str, UUID, Inputs]]) -> dict[str, str]:
    """What does not agree: the case has another date than the engine, or the engine than the command."""
    problems = {}
    for number, (name, case_id, inputs) in enumerate(played):
        rule_id = inputs.rule.partition("@")[0]
        wanted, stored = _engine(inputs, ZONES[pack]), _stored(worker, case_id, rule_id)
        if wanted not in stored:
            problems[name] = f"{inputs}: the case has {stored}, the engine {wanted}"
        if number % SAMPLE == 0 and (told := _command(inputs, ZONES[pack])) != wanted:
            problems[name] = f"{inputs}: the command says {told}, the engine {wanted}"
    return problems


# ---- By hand: "Add a deadline from a rule"


def _play_by_hand(worker: Worker, rule: rules.Rule) -> tuple[UUID, Inputs]:
    book, case_id = rules.standard(), _open_case(worker)
    events = dict.fromkeys((*rule.on[:1], *sorted(book.events_needed(rule))), PAST)
    events |= {name: BEFORE for name in events if name in {"petition_filed", "u_granted", "t_granted"}}
    if "birth_date" in events:
        events["birth_date"] = BORN
    if not has_period(rule.id):
        events["printed_date"] = FUTURE
    form = PageForm.open(worker.client, reverse("deadlines:from_rule", args=[case_id]))
    form.fill("what", f"rule:{rule.id}")
    form = form.next_form()
    for name, on in events.items():
        form.fill_date(f"on_{name}", on)
    form.next_form().send_and_leave()
    return case_id, Inputs(rule.id, events)


def test_every_rule_becomes_a_deadline_by_hand_with_the_engines_dates(office: tuple[str, Worker]) -> None:
    pack, worker = office
    played = ((rule.id, *_play_by_hand(worker, rule)) for rule in _rules_of(pack))
    assert _problems(pack, worker, played) == {}


# ---- By an event of the catalogue


def _play_event(worker: Worker, event: CatalogueEvent, start: EventStart) -> tuple[UUID, Inputs]:
    if event.booking:
        return _play_booking(worker, event, start)
    if event.outcome:
        return _play_outcome(worker, event, start)
    case_id, on = _open_case(worker), day_of_event(event, start, DAYS)
    values = question_values(event, start, DAYS)
    form = PageForm.open(worker.client, _record_page(worker, case_id, event))
    form.fill("what", event.id)
    form = form.next_form()
    form.fill_all({"dated_on": on, **values})
    if form.shows("how"):
        form.fill("how", "by_hand")
    form.send_and_leave()
    return case_id, engine_inputs(event, start, values, on)


def _record_page(worker: Worker, case_id: UUID, event: CatalogueEvent) -> str:
    """The place of record: the page of the person's dates, or of a notice."""
    if event.recorded_on != "person":
        return reverse("cases:notice_new", args=[case_id])
    return reverse("clients:date_new", args=[case_id, worker.file(case_id).entries_of(Party)[0].id])


def _play_booking(worker: Worker, event: CatalogueEvent, start: EventStart) -> tuple[UUID, Inputs]:
    case_id = _open_case(worker)
    form = PageForm.open(worker.client, reverse("hearings:book", args=[case_id]))
    form.fill_all({"kind": event.booking, "on": FUTURE, "at": "8:30", "half": "am", "court": "Court North"})
    form.send_and_leave()
    return case_id, engine_inputs(event, start, {}, FUTURE)


def _play_outcome(worker: Worker, event: CatalogueEvent, start: EventStart) -> tuple[UUID, Inputs]:
    case_id = _open_case(worker)
    starts_at = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)  # 9:00 in New York, today
    hearing = Hearing(kind="individual", starts_at=starts_at, zone="America/New_York", court="Court North")
    hearing_id = hearings.book_hearing(worker.staff, case_id, hearing)
    values: dict[str, str | dt.date] = {"what": "decided", "decision": event.outcome, "decided_on": TODAY}
    if "departure" in event.outcome:
        values["leave_by"] = FUTURE
    if start.when.get("detained_now") == ("yes",):
        values["in_custody"] = "yes"
    form = PageForm.open(worker.client, reverse("hearings:outcome", args=[hearing_id]))
    form.fill_all(values)
    form.send_and_leave()
    return case_id, engine_inputs(event, start, values, TODAY)


def test_every_event_starts_each_of_its_rules_with_the_engines_dates(office: tuple[str, Worker]) -> None:
    pack, worker = office
    entries = entries_of(pack)
    assert {rule.id for rule in _rules_of(pack)} <= {start.rule for _event, start in entries}
    played = ((f"{event.id}: {start.question}", *_play_event(worker, event, start)) for event, start in entries)
    assert _problems(pack, worker, played) == {}


def _address(path: str) -> str:
    """An address of the command with ids in its places."""
    for number, place in enumerate(("<case>", "<hearing>", "<person>"), 7):
        path = path.replace(place, str(UUID(int=number)))
    return path


def test_the_command_names_the_entries_of_each_rule_and_their_pages() -> None:
    for rule in table.rules_as_json():
        events = rules.catalogue().events_starting(rule["id"])
        assert [entry["event"] for entry in rule["entries"]] == [event.id for event in events] != []
        for path in (*(entry["page"] for entry in rule["entries"]), rule["by_hand"]):
            assert resolve(_address(path))


@pytest.mark.parametrize(
    ("path", "view"),
    [
        (catalogue_file.NOTICE_PAGE, "cases:notice_new"),
        (catalogue_file.PERSON_PAGE, "clients:date_new"),
        (catalogue_file.BOOKING_PAGE, "hearings:book"),
        (catalogue_file.OUTCOME_PAGE, "hearings:outcome"),
        (catalogue_file.RULE_PAGE, "deadlines:from_rule"),
    ],
)
def test_the_page_of_an_entry_is_the_one_that_records_it(path: str, view: str) -> None:
    assert resolve(_address(path)).view_name == view


def test_the_page_of_a_rule_says_what_is_wired_to_start_it_and_nothing_else(office: tuple[str, Worker]) -> None:
    """What each of these sentences names is played above."""
    pack, worker = office
    for rule in _rules_of(pack)[::12]:
        html = worker.client.get(reverse("law:rule", args=[rule.id])).content.decode()
        promised = html.partition("Starts automatically when:")[2].partition("</li>")[0].partition("</strong>")[2]
        labels = [event.label_en for event in rules.catalogue().events_starting(rule.id)]
        assert [part.strip() for part in unescape(promised).split(";")] == labels, rule.id
