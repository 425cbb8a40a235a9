"""The office of `make run DEMO=1`: what a visitor sees looks like an office, and nobody in it is real or twice."""

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from caseapp.accounts.signin import sign_in
from caseapp.casefile import case_access
from caseapp.cli import demo
from caseapp.cli.demo.calendar import is_open
from caseapp.cli.demo.people import read_clients
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.vault.store import SealedFile
from caseapp.vault.tenancy import office_transaction

NOW = dt.datetime(2026, 11, 25, 15, 0, tzinfo=dt.UTC)  # the day before Thanksgiving


@pytest.fixture
def files(db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[SealedFile]:
    """Every case of a new demo office."""
    settings.BLOBS = tmp_path
    monkeypatch.setattr(clock, "now", lambda: NOW)
    made = demo.seed_office()
    staff = sign_in.sign_in(made.email, made.passphrase).staff
    with office_transaction(staff.org_id):
        ids = reader.open_view(staff.keys, zone=staff.zone).case_ids()
        return [case_access.open_case(staff.keys, case_id) for case_id in ids]


def test_a_demo_office_looks_like_an_office(files: list[SealedFile]) -> None:
    """One office for all of it: making it takes seconds."""
    _people_differ(files)
    _hearings_are_on_working_days(files)


def _people_differ(files: list[SealedFile]) -> None:
    """Each person comes once; there are families, people in custody, and one story of a year."""
    people = [entry.record for file in files for entry in file.entries_of(Party)]
    leads = [person for person in people if person.role == "lead"]
    assert len(leads) == len(files) == 40
    words = Counter(" ".join(sorted(person.name.full.split())) for person in people)
    assert words.most_common(1)[0][1] == 1, "no person comes twice, nor with swapped names"
    assert all(person.a_number.startswith("000") for person in leads)
    assert sum(person.role == "rider" for person in people) >= 6
    assert sum(person.detained_since is not None for person in leads) == 3
    notes = [entry.record.text for file in files for entry in file.entries_of(Note)]
    assert len(set(notes)) == len(notes) > 40
    titles = {entry.record.title for file in files for entry in file.entries_of(Document)}
    assert len(titles) == 6
    kinds = {entry.record.kind for file in files for entry in file.entries_of(Document)}
    assert kinds == {"", "identity", "translation", "nta", "evidence", "letter"}
    story = max(files, key=lambda file: len(list(file.entries_of(Hearing))))
    hearings = sorted(entry.record.starts_on for entry in story.entries_of(Hearing))
    assert (hearings[-1] - hearings[0]).days > 300
    assert story.get_only(Case).record.stage == "individual"


def _hearings_are_on_working_days(files: list[SealedFile]) -> None:
    hearings = [entry.record for file in files for entry in file.entries_of(Hearing)]
    assert [hearing.starts_on for hearing in hearings if not is_open(hearing.starts_on)] == []
    assert any(hearing.starts_on == dt.date(2026, 11, 25) for hearing in hearings)
    assert not is_open(dt.date(2026, 11, 26)), "Thanksgiving"
    assert {hearing.court for hearing in hearings} > {"Harborview Immigration Court", "Lakeshore Immigration Court"}


def test_the_list_of_fictional_people_is_long_enough_for_the_office() -> None:
    clients = read_clients()
    assert len({client.name for client in clients}) == len(clients) == 40
    assert len({client.country for client in clients}) >= 18
