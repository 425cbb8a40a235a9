"""A large fictional office is sealed as the pages would seal it: its cases open, are listed, and have their dates."""

import datetime as dt
from collections import Counter

import pytest

from caseapp.casefile import case_access
from caseapp.casefile.changes import batches
from caseapp.index import reader
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.document import Document
from caseapp.records.hearing import Hearing
from caseapp.records.note import Note
from caseapp.records.party import Party
from caseapp.records.task import Task
from caseapp.reminders.models import PlanA, PlanB
from caseapp.tools.bench.large_office import content, office, sealing
from caseapp.tools.bench.large_office.content import fictional_case
from caseapp.vault import shred_keys
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

TODAY = dt.date(2026, 11, 30)


@pytest.mark.django_db(transaction=True)
def test_cases_sealed_by_two_processes_open_and_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 10)
    filled = office.found_office(2)
    staff = filled.staff
    sealing.seal_cases(staff, filled.member_ids, range(40), processes=2)
    with office_transaction(staff.org_id):
        index = reader.open_readable_view(staff.keys, zone=staff.zone)
        listed = index.list_cases(size=100)
        assert listed.total == 40
        files = [case_access.open_case(staff.keys, row.case_id) for row in listed.rows]
        assert PlanA.objects.count() + PlanB.objects.count() >= 40  # each save has exactly one plan
    assert not any(file.doubt or file.damaged or not file.is_compared for file in files)
    kinds = Counter(kind for file in files for kind in map(type, (entry.record for entry in file.entries.values())))
    assert kinds[Case] == 40
    assert kinds[Party] > 40
    assert all(kinds[kind] for kind in (Hearing, Deadline, Note, Task, Document))
    leads = {file.get_only(Case).record.lead for file in files}
    assert leads == set(filled.member_ids)
    deadlines = [entry.record for file in files for entry in file.entries_of(Deadline)]
    assert any(deadline.working and deadline.planned for deadline in deadlines)
    names = {fictional_case(number, clock.today(staff.zone)).name for number in range(40)}
    clients = [entry.record for file in files for entry in file.entries_of(Party)]
    assert {party.name.full for party in clients if party.role == "lead"} == names


@pytest.mark.django_db
def test_a_batch_that_fails_leaves_no_case_and_no_shred_half(monkeypatch: pytest.MonkeyPatch) -> None:
    filled = office.found_office(1)
    destroyed: list[int] = []
    monkeypatch.setattr(shred_keys, "destroy_each", lambda kind, ids: destroyed.append(len(ids)))

    def refuse(drafts: list[Draft]) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(batches, "save_drafts", lambda staff, drafts: refuse(drafts))
    with pytest.raises(RuntimeError):
        sealing.seal_batch(filled.staff, filled.member_ids, range(3))
    assert destroyed == [3]


def test_a_case_depends_on_its_number_and_the_day_alone_and_hearings_are_on_open_days() -> None:
    cases = [fictional_case(number, TODAY) for number in range(300)]
    content.family_names.cache_clear()
    assert cases[7] == fictional_case(7, TODAY)
    days = [hearing.day for case in cases for hearing in case.hearings]
    assert len(days) > 200
    assert all(content.open_day(day) == day for day in days)
    assert any(day < TODAY for day in days)
