"""What is done with selected cases: each by itself, by who may, and with a sentence for each that stays as it is."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from caseapp.casefile import sharing
from caseapp.cases.services import cases, tasks
from caseapp.deadlines.services import acts
from caseapp.records.case import Case
from caseapp.records.deadline import Deadline
from caseapp.records.task import Task
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
REASSIGN, TASK = "/cases/selected/reassign/", "/cases/selected/task/"


@pytest.fixture
def ben(attorney: Worker) -> Worker:
    return member(attorney.staff, "attorney")


@pytest.fixture
def two(attorney: Worker, ben: Worker) -> list[str]:
    """Two cases of Ana's, open to Ben."""
    return [str(cases.open_case(attorney.staff, cases.NewCase(name=name))) for name in ("Aminata Diallo", "Bo Lin")]


def lead_of(worker: Worker, case_id: str) -> UUID | None:
    return worker.file(UUID(case_id)).get_only(Case).record.lead


def tasks_of(worker: Worker, case_id: str) -> list[tuple[str, UUID | None]]:
    return [(entry.record.text, entry.record.owner) for entry in worker.file(UUID(case_id)).entries_of(Task)]


def restrict(worker: Worker, case_id: str) -> None:
    """Restrict a case to its lead."""
    sharing.restrict_to_members(worker.staff, UUID(case_id), [])


def test_choosing_an_act_shows_the_cases_and_saves_nothing(attorney: Worker, ben: Worker, two: list[str]) -> None:
    shown = attorney.client.post("/cases/selected/", {"act": "reassign", "case": two})
    assert shown.status_code == 200
    html = " ".join(shown.content.decode().split())
    assert [text for text in ("2 cases selected", "Aminata Diallo", "Bo Lin", "Ben Okafor") if text not in html] == []
    assert {lead_of(attorney, case_id) for case_id in two} == {attorney.staff.member_id}


def test_selected_cases_get_a_new_lead_and_the_work_of_the_old_one(
    attorney: Worker, ben: Worker, two: list[str]
) -> None:
    case_id = UUID(two[0])
    acts.set_by_hand(
        attorney.staff,
        case_id,
        what="Brief",
        due_on=NOW.date(),
        severity="serious",
        reason="order",
        owner=attorney.staff.member_id,
    )
    tasks.add_task(attorney.staff, case_id, text="Call back")
    tasks.add_task(attorney.staff, case_id, text="Ben's own", owner=ben.staff.member_id)
    sent = {"case": two, "lead": str(ben.staff.member_id), "with_work": "on"}
    assert attorney.client.post(REASSIGN, sent).status_code == 303
    assert {lead_of(attorney, each) for each in two} == {ben.staff.member_id}
    assert {owner for _, owner in tasks_of(attorney, two[0])} == {ben.staff.member_id}
    assert {entry.record.owner for entry in attorney.file(case_id).entries_of(Deadline)} == {ben.staff.member_id}


def test_without_the_tick_deadlines_and_tasks_stay_with_the_old_lead(
    attorney: Worker, ben: Worker, two: list[str]
) -> None:
    tasks.add_task(attorney.staff, UUID(two[0]), text="Call back")
    attorney.client.post(REASSIGN, {"case": two, "lead": str(ben.staff.member_id)})
    assert tasks_of(attorney, two[0]) == [("Call back", attorney.staff.member_id)]


def test_a_case_that_is_not_open_to_the_new_lead_stays_and_says_so(
    attorney: Worker, ben: Worker, two: list[str]
) -> None:
    restrict(attorney, two[1])
    answer = attorney.client.post(REASSIGN, {"case": two, "lead": str(ben.staff.member_id), "with_work": "on"})
    assert answer.status_code == 200
    html = " ".join(answer.content.decode().split())
    assert "1 case was changed" in html
    assert "This person cannot open the case. Share the case first" in html
    assert "Bo Lin" in html
    assert [lead_of(attorney, each) for each in two] == [ben.staff.member_id, attorney.staff.member_id]


def test_when_no_case_could_be_changed_the_form_returns_with_each_reason(
    attorney: Worker, ben: Worker, two: list[str]
) -> None:
    for case_id in two:
        restrict(attorney, case_id)
    answer = attorney.client.post(REASSIGN, {"case": two, "lead": str(ben.staff.member_id)})
    assert answer.status_code == 422
    assert answer.content.decode().count("This person cannot open the case.") == 2


def test_a_case_of_which_the_member_has_no_key_is_changed_by_no_list(
    attorney: Worker, ben: Worker, two: list[str]
) -> None:
    restrict(attorney, two[1])
    answer = ben.client.post(TASK, {"case": two, "text": "Call back"})
    html = answer.content.decode()
    assert "You cannot open this case." in html
    assert "Bo Lin" not in html
    assert [len(tasks_of(attorney, each)) for each in two] == [1, 0]


def test_a_task_is_added_to_each_for_its_lead_or_one_member(attorney: Worker, ben: Worker, two: list[str]) -> None:
    attorney.client.post(REASSIGN, {"case": two[:1], "lead": str(ben.staff.member_id)})
    assert attorney.client.post(TASK, {"case": two, "text": "Ask for proof of address"}).status_code == 303
    assert [owner for each in two for _, owner in tasks_of(attorney, each)] == [
        ben.staff.member_id,
        attorney.staff.member_id,
    ]
    sent = {"case": two[:1], "text": "Second", "owner": str(ben.staff.member_id), "due_on_text": "2026-12-01"}
    assert attorney.client.post(TASK, sent).status_code == 303
    assert ("Second", ben.staff.member_id) in tasks_of(attorney, two[0])


def test_the_same_form_sent_twice_adds_one_task(attorney: Worker, two: list[str]) -> None:
    sent = {"case": two, "text": "Call back", "form_mark": "AAAAAAAAAAAAAAAAAAAAAA"}
    first, second = (attorney.client.post(TASK, sent) for _ in range(2))
    assert (first.status_code, second.status_code, second["Location"]) == (303, 303, "/cases/")
    assert [len(tasks_of(attorney, each)) for each in two] == [1, 1]


@pytest.mark.parametrize("path", ["/cases/selected/", REASSIGN, TASK])
def test_cases_of_another_office_do_not_exist_and_a_get_changes_nothing(
    attorney: Worker, outsider: Worker, two: list[str], path: str
) -> None:
    sent = {"act": "task", "case": two, "text": "Call back", "lead": str(outsider.staff.member_id)}
    answer = outsider.client.post(path, sent)
    assert answer.status_code in {404, 422}
    assert answer.status_code == 404 or path != "/cases/selected/"
    assert "Diallo" not in answer.content.decode()
    assert attorney.client.get(path, sent).status_code == 303
    assert [lead_of(attorney, each) for each in two] == [attorney.staff.member_id] * 2
    assert [tasks_of(attorney, each) for each in two] == [[], []]


@pytest.mark.parametrize(
    "sent",
    [{}, {"case": ["x"]}, {"case": ["7" * 5_000]}, {"case": [str(uuid4()) for _ in range(51)]},
     {"case": [str(UUID(int=number)) for number in range(200)]}],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/cases/selected/", REASSIGN, TASK])
def test_no_case_a_wrong_one_and_more_than_a_page_are_refused(
    attorney: Worker, two: list[str], path: str, sent: dict[str, list[str]]
) -> None:
    fields = {"act": "task", "text": "Call back", "lead": str(attorney.staff.member_id), **sent}
    assert attorney.client.post(path, fields).status_code == 422
    assert [tasks_of(attorney, each) for each in two] == [[], []]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (REASSIGN, {}),
        (REASSIGN, {"lead": str(UUID(int=7))}),
        (TASK, {"text": ""}),
        (TASK, {"text": "x" * 501}),
        (TASK, {"text": "Call", "owner": "nobody"}),
    ],
)
def test_a_form_that_is_not_filled_returns_with_the_cases(
    attorney: Worker, two: list[str], path: str, fields: dict[str, str]
) -> None:
    answer = attorney.client.post(path, {"case": two, **fields})
    assert answer.status_code == 422
    assert all(f'value="{case_id}"' in answer.content.decode() for case_id in two)


def test_an_act_that_does_not_exist_is_not_found(attorney: Worker, two: list[str]) -> None:
    assert attorney.client.post("/cases/selected/", {"act": "destroy", "case": two}).status_code == 404


def test_each_changed_case_is_one_entry_of_the_trail(attorney: Worker, two: list[str]) -> None:
    attorney.client.post(TASK, {"case": two, "text": "Call back"})
    for case_id in two:
        page = attorney.client.get(reverse("trail:entries_of_case", args=[case_id])).content.decode()
        assert "Changed" in page
