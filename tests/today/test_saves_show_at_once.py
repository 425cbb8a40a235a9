"""Lists that the index keeps are never stale: what was saved, by whomever, is on Today, agenda and list at once."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.casefile import restriction, sharing
from caseapp.casefile.changes.saved_changes import saved_changes
from caseapp.casefile.transaction import case_transaction
from caseapp.cases.services import cases, closing, tasks, undo
from caseapp.clients.services import contact
from caseapp.deadlines.services import acts
from caseapp.hearings.services import hearings
from caseapp.index import cache, reader
from caseapp.index.group_index import GroupIndex
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.hearing import Hearing, Outcome
from caseapp.today.sections import TodayLists
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen")]
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
TOMORROW = TODAY + DAY
PAGES = {
    "today": "/",
    "team": "/?who=team",
    "due": "/today/due/",
    "tasks": "/today/tasks/",
    "agenda": f"/calendar/agenda/{TODAY}/",
    "list": "/cases/?show=team",
}


@pytest.fixture
def ben(attorney: Worker) -> Worker:
    return member(attorney.staff, "attorney")


@pytest.fixture
def case(attorney: Worker, ben: Worker) -> UUID:
    """A case without a date. Every list is read, by both, before anything changes."""
    case_id = cases.open_case(attorney.staff, cases.NewCase(name="Leila Hosseini"))
    read(attorney), read(ben)
    return case_id


def read(worker: Worker) -> dict[str, str]:
    """Every page that reads kept lists, without what the form of a page repeats."""
    answers = {name: worker.client.get(path) for name, path in PAGES.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(PAGES, 200)
    return {name: answer.content.decode().partition("<main")[2] for name, answer in answers.items()}


def shown_on(worker: Worker, text: str) -> set[str]:
    return {name for name, page in read(worker).items() if text in page}


def brief(worker: Worker, case_id: UUID, due_on: dt.date = TODAY + 3 * DAY) -> UUID:
    return acts.set_by_hand(
        worker.staff, case_id, what="Country brief", due_on=due_on, severity="serious", reason="order"
    )


def booked(worker: Worker, case_id: UUID, starts_at: dt.datetime) -> UUID:
    hearing = Hearing(kind="master", starts_at=starts_at, zone="America/New_York", court="Court North")
    return hearings.book_hearing(worker.staff, case_id, hearing)


def version_of(worker: Worker, case_id: UUID, record_id: UUID, kind: type[Deadline | Hearing]) -> int:
    return worker.file(case_id).get(record_id, kind).version


def in_another_process(act: Callable[[], object]) -> None:
    """Save with the memory of another process: this one learns of it from the database alone."""
    with pytest.MonkeyPatch.context() as patch:
        other = cache.Cache(GroupIndex)
        patch.setattr(cache, "get", other.get)
        patch.setattr(cache, "trim", other.trim)
        act()


def test_a_new_deadline_is_on_every_page_and_leaves_them_when_it_is_not_required(
    attorney: Worker, ben: Worker, case: UUID
) -> None:
    deadline = brief(attorney, case)
    assert shown_on(attorney, "Country brief") == {"today", "team", "due", "agenda", "list"}
    assert shown_on(ben, "Country brief") == {"today", "team", "due", "agenda", "list"}
    version = version_of(attorney, case, deadline, Deadline)
    acts.waive_deadline(attorney.staff, case, deadline, reason="The judge took it back.", version=version)
    assert shown_on(attorney, "Country brief") == set()
    assert shown_on(ben, "Country brief") == set()


def test_a_deadline_of_a_colleague_moves_to_their_today_and_back(attorney: Worker, ben: Worker, case: UUID) -> None:
    deadline = brief(attorney, case)
    read(attorney), read(ben)
    for giver, owner in ((attorney, ben), (ben, attorney)):
        version = version_of(giver, case, deadline, Deadline)
        acts.reassign_deadline(giver.staff, case, deadline, owner=owner.staff.member_id, version=version)
        assert "due" not in shown_on(giver, "Country brief")
        assert shown_on(owner, "Country brief") == {"today", "team", "due", "agenda", "list"}


def test_a_changed_date_moves_at_once(attorney: Worker, case: UUID) -> None:
    deadline = brief(attorney, case, TODAY + 60 * DAY)
    assert "due" not in shown_on(attorney, "Country brief")
    with case_transaction(attorney.staff, case) as draft:
        record = draft.file.get(deadline, Deadline).record
        draft.change(deadline, replace(record, due_on=TODAY + 2 * DAY, act_by=TODAY + 2 * DAY))
    assert shown_on(attorney, "Country brief") == {"today", "team", "due", "agenda", "list"}


def test_a_deadline_that_another_process_saves_is_shown_and_one_that_it_ends_is_not(
    attorney: Worker, ben: Worker, case: UUID
) -> None:
    in_another_process(lambda: brief(ben, case))
    assert shown_on(attorney, "Country brief") == {"today", "team", "due", "agenda", "list"}
    deadline = attorney.file(case).entries_of(Deadline)[0]
    in_another_process(
        lambda: acts.waive_deadline(ben.staff, case, deadline.id, reason="Taken back.", version=deadline.version)
    )
    assert shown_on(attorney, "Country brief") == set()


def test_a_day_that_passes_makes_a_deadline_overdue(
    attorney: Worker, case: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief(attorney, case, TOMORROW)
    assert listed(attorney) == ([], ["Country brief"])
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=37, minutes=59))  # 23:59 in New York
    assert listed(attorney) == ([], ["Country brief"])
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=38))
    assert listed(attorney) == (["Country brief"], [])


def listed(worker: Worker) -> tuple[list[str], list[str]]:
    """What is overdue and what is due, as Today lists it. (The session of the browser ends in such a long time.)"""
    with office_transaction(worker.staff.org_id):
        lists = TodayLists(worker.staff, reader.open_view(worker.staff.keys, zone=worker.staff.zone), team=False)
        overdue, due = (lists.rows_of(name) for name in ("overdue", "due"))
        return [each.item.what for each in overdue], [each.item.what for each in due]


def test_a_language_changes_nothing_but_words(attorney: Worker, case: UUID) -> None:
    brief(attorney, case, TODAY - 2 * DAY)
    assert "Overdue" in read(attorney)["today"]
    sent = {"language": "es", "theme": "auto", "zone": attorney.staff.zone}
    assert attorney.client.post("/account/", sent).status_code == 303
    page = read(attorney)["today"]
    assert "Country brief" in page
    assert "Vencido" in page
    assert "Overdue" not in page


def test_a_hearing_is_booked_rescheduled_and_held(attorney: Worker, ben: Worker, case: UUID) -> None:
    hearing = booked(attorney, case, NOW + dt.timedelta(hours=4))
    assert shown_on(ben, "2:00") >= {"today", "agenda"}
    entry = attorney.file(case).get(hearing, Hearing)
    later = replace(entry.record, starts_at=NOW + 2 * DAY + dt.timedelta(hours=1, minutes=35))
    hearings.change_hearing(attorney.staff, case, hearing, later, version=entry.version)
    assert shown_on(ben, "2:00") == set()
    assert shown_on(ben, "11:35") >= {"today", "agenda"}
    version = version_of(attorney, case, hearing, Hearing)
    following = replace(later, starts_at=NOW + 5 * DAY + dt.timedelta(minutes=17))
    in_another_process(
        lambda: hearings.record_outcome(
            ben.staff, case, hearing, Outcome(what="continued"), version=version, next_hearing=following
        )
    )
    assert "10:17" in read(attorney)["agenda"]
    assert "11:35" not in read(attorney)["today"]


def test_a_task_is_shown_until_it_is_done(attorney: Worker, ben: Worker, case: UUID) -> None:
    task = tasks.add_task(ben.staff, case, text="Ask for the birth record", owner=attorney.staff.member_id)
    assert shown_on(attorney, "Ask for the birth record") == {"today", "team", "tasks"}
    tasks.finish_task(ben.staff, case, task)
    assert shown_on(attorney, "Ask for the birth record") == set()


def test_what_is_undone_leaves_every_page(attorney: Worker, case: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=2))
    brief(attorney, case)
    assert shown_on(attorney, "Country brief") == {"today", "team", "due", "agenda", "list"}
    file = attorney.file(case)
    with office_transaction(attorney.staff.org_id):
        change = saved_changes(file)[0]
    undo.undo_saved_change(attorney.staff, case, change.mark, head_version=file.head_version)
    assert shown_on(attorney, "Country brief") == set()


def test_a_case_behind_a_wall_leaves_the_pages_of_those_outside_and_comes_back(
    attorney: Worker, ben: Worker, case: UUID
) -> None:
    brief(attorney, case)
    assert shown_on(ben, "Leila Hosseini") == {"today", "team", "due", "agenda", "list"}
    restriction.restrict_to_team(attorney.staff, case)
    assert shown_on(ben, "Leila Hosseini") == set()
    assert shown_on(attorney, "Leila Hosseini") == {"today", "team", "due", "agenda", "list"}
    sharing.move_to_group(attorney.staff, case, attorney.staff.keys.teams[0])
    assert shown_on(ben, "Leila Hosseini") == {"today", "team", "due", "agenda", "list"}


def test_a_closed_and_destroyed_case_leaves_every_page(attorney: Worker, ben: Worker, case: UUID) -> None:
    assert shown_on(ben, "Leila Hosseini") == {"list"}
    record = attorney.file(case).get_only(Case)
    closing.close_case(attorney.staff, case, code="granted", retain_until=TODAY, version=record.version)
    assert shown_on(ben, "Leila Hosseini") == set()
    closed = ben.client.get("/cases/?show=closed").content.decode()
    assert "Leila Hosseini" in closed


def test_texts_go_out_in_contact_hours_alone(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    client_world.use_gateway(attorney.staff, "https://gateway.test/send")
    case_id = client_world.a_case(attorney.staff)
    client_world.agreed(attorney.staff, case_id)
    assert "Text message: due now" in read(attorney)["today"]
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=12, minute=59))  # 7:59 in New York
    assert "Text message: due now" not in read(attorney)["today"]
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(hour=13, minute=0))
    assert "Text message: due now" in read(attorney)["today"]
    contact.withdraw_consent(attorney.staff, case_id, client_world.client_of(attorney.staff, case_id), how="phone")
    assert "Text message: due now" not in read(attorney)["today"]
