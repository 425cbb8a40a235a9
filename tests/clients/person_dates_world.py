"""A person's page as a member uses it: enter, correct and remove a date; read the deadlines that follow."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.urls import reverse

from caseapp.cases.services import cases
from caseapp.clients.services import people
from caseapp.records.deadline import Deadline
from caseapp.records.notice import Notice
from caseapp.records.party import Name, Party
from caseapp.vault.store import Entry
from tests.helpers.page_forms import Answer, PageForm
from tests.helpers.two_offices import Worker

Typed = Mapping[str, str | dt.date]
Days = tuple[dt.date | None, dt.date | None, dt.date | None]  # first day, internal deadline, legal deadline


def lead_of(worker: Worker, case_id: UUID) -> UUID:
    return next(e.id for e in worker.file(case_id).entries_of(Party) if e.record.role == "lead")


def add_rider(worker: Worker, case_id: UUID, name: str, born_on: dt.date | None = None) -> UUID:
    return people.add_person(worker.staff, case_id, Party(role="rider", name=Name(full=name), born_on=born_on))


def open_case(worker: Worker, name: str, *relief: str, born_on: dt.date | None = None) -> tuple[UUID, UUID]:
    """Return a new case and its client."""
    case_id = cases.open_case(worker.staff, cases.NewCase(name=name, relief=relief, born_on=born_on))
    return case_id, lead_of(worker, case_id)


def page_of(worker: Worker, case_id: UUID, party_id: UUID) -> str:
    """The text of the person's page, on one line."""
    html = worker.client.get(reverse("clients:person", args=[case_id, party_id])).content.decode()
    return " ".join(html.split())


def date_form(worker: Worker, case_id: UUID, party_id: UUID, what: str) -> PageForm:
    """The form that enters one kind of date, reached by its choice in the list."""
    form = PageForm.open(worker.client, reverse("clients:date_new", args=[case_id, party_id]))
    form.fill("what", what)
    return form.next_form()


def enter(worker: Worker, case_id: UUID, party_id: UUID, what: str, on: dt.date, **typed: str | dt.date) -> None:
    form = date_form(worker, case_id, party_id, what)
    form.fill_all({"dated_on": on, **typed})
    form.send_and_leave()


def refused(worker: Worker, case_id: UUID, party_id: UUID, what: str, on: dt.date) -> Answer:
    """What the page answers to a date that it refuses."""
    form = date_form(worker, case_id, party_id, what)
    form.fill_all({"dated_on": on})
    return form.send()


def dates(worker: Worker, case_id: UUID, party_id: UUID, what: str) -> list[Entry[Notice]]:
    """Every entry of one kind of date of a person, also removed and replaced ones."""
    entries = worker.file(case_id).entries_of(Notice)
    return [entry for entry in entries if (entry.record.what, entry.record.parties) == (what, (party_id,))]


def date_path(worker: Worker, case_id: UUID, party_id: UUID, what: str, act: str = "date") -> str:
    """The page of the date that counts."""
    [entry] = [e for e in dates(worker, case_id, party_id, what) if e.record.replaced_by is None]
    return reverse(f"clients:{act}", args=[case_id, party_id, entry.id])


def correct(worker: Worker, case_id: UUID, party_id: UUID, what: str, **typed: str | dt.date) -> None:
    path = date_path(worker, case_id, party_id, what)
    html = worker.client.get(path).content.decode()
    form = PageForm(worker.client, path, f"<main{html.partition('<main')[2].partition('</form>')[0]}</form></main>")
    form.fill_all(typed)
    form.send_and_leave()


def press(worker: Worker, case_id: UUID, party_id: UUID, what: str, act: str) -> int:
    """Remove a date, or put it back, with its button. Return the status."""
    [entry] = [e for e in dates(worker, case_id, party_id, what) if e.record.replaced_by is None]
    path = reverse(f"clients:{act}", args=[case_id, party_id, entry.id])
    return worker.client.post(path, {"version": entry.version}).status_code


def days(worker: Worker, case_id: UUID, party_id: UUID, name: str, state: str = "open") -> list[Days]:
    """The days of a person's deadlines by rule, or by the name of a deadline without a rule."""
    return sorted(
        (record.opens_on, record.act_by, record.due_on)
        for record in (entry.record for entry in worker.file(case_id).entries_of(Deadline))
        if name in (record.working.rule if record.working else "", record.what)
        and (record.parties, record.state) == ((party_id,), state)
    )
