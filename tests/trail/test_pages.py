"""Who opened what, and who opened this case, as pages."""

import datetime as dt
import re
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.urls import reverse

from caseapp.accounts.keys.permissions import CASEWORKER, SUPERVISOR, VOLUNTEER
from caseapp.accounts.members import roles
from caseapp.audit import checkpoints
from caseapp.audit.models import AuditEntry
from caseapp.cases.services import cases
from caseapp.lib import clock
from caseapp.records.case import Case
from caseapp.vault.tenancy import office_transaction
from tests.helpers import process_state
from tests.helpers.two_offices import NAME, NOW, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture(autouse=True)
def _new_chains() -> None:
    process_state.forget_audit_chains()  # a chain of another test's office was rolled back with it


def page(worker: Worker, query: str = "") -> str:
    response = worker.client.get(f"/trail/{query}")
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def test_an_admin_sees_who_opened_which_case_by_ref_and_no_clients_name(attorney: Worker, case_id: UUID) -> None:
    attorney.client.get(reverse("cases:case", args=[case_id]))
    html = page(attorney)
    ref = attorney.file(case_id).get_only(Case).record.ref
    assert "Opened a case" in html
    assert "Ana Ruiz" in html
    assert ref in html
    assert NAME not in html


def test_the_same_thing_done_again_is_one_line_and_the_one_odd_opening_stands_out(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reverse("cases:case", args=[case_id])
    colleague = member(attorney.staff, SUPERVISOR)
    for minutes in (1, 2, 9, 14, 25, 26, 27):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: NOW + dt.timedelta(minutes=minutes))
        who = colleague if minutes in {14, 26} else attorney
        who.client.get("/cases/" if minutes == 14 else path)
    for html in (page(attorney, "?kind=cases"), attorney.client.get(f"{path}trail/").content.decode()):
        lines = re.findall(r"<tr role=.row.>\s*<td.*?</tr>", html, re.DOTALL)
        said = [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]
        opened = [line for line in said if "Opened a case" in line]
        assert [("Ben Okafor" in line, "3 times" in line) for line in opened] == [
            (False, False), (True, False), (False, False), (False, True),
        ]  # fmt: skip
        assert "10:01 AM–10:09 AM" in opened[-1]


def test_a_supervisor_outside_a_wall_learns_that_a_case_was_opened_but_not_which(
    attorney: Worker, case_id: UUID
) -> None:
    supervisor = member(attorney.staff, SUPERVISOR)
    ref = attorney.file(case_id).get_only(Case).record.ref
    attorney.client.post(reverse("cases:access", args=[case_id]), {"act": "wall"})
    attorney.client.get(reverse("cases:case", args=[case_id]))
    html = page(supervisor)
    assert "a case you cannot open" in html
    assert ref not in html


def test_reading_the_trail_is_an_entry_too(attorney: Worker) -> None:
    page(attorney)
    assert "Read this trail" in page(attorney)


def test_a_day_and_a_kind_are_chosen_and_an_empty_one_says_so(attorney: Worker, case_id: UUID) -> None:
    attorney.client.post("/search/", {"text": NAME})
    assert "Searched" in page(attorney, "?kind=searches")
    assert "Opened a new case" not in page(attorney, "?kind=searches")
    assert "Searched" not in page(attorney, "?day=2026-11-24&kind=cases")
    assert "No entries of this kind on this day." in page(attorney, "?day=2026-11-20")
    moved = attorney.client.get("/trail/?on_day=20&on_month=11&on_year=2026&kind=cases")
    assert (moved.status_code, moved["Location"]) == (302, "/trail/?day=2026-11-20&kind=cases")


@pytest.mark.parametrize("query", ["?day=2026-02-30", "?day=" + "9" * 5_000, "?kind=spies", "?kind=" + "x" * 5_000])
def test_a_day_or_kind_that_is_none_is_not_found(attorney: Worker, query: str) -> None:
    assert attorney.client.get(f"/trail/{query}").status_code == 404


def test_a_day_that_does_not_exist_in_the_boxes_is_said_so(attorney: Worker) -> None:
    answer = attorney.client.get("/trail/?on_day=30&on_month=2&on_year=2026")
    assert answer.status_code == 422
    assert b"error" in answer.content


@pytest.mark.parametrize("role", [CASEWORKER, VOLUNTEER])
def test_who_holds_no_key_of_the_trail_finds_no_page(attorney: Worker, role: str) -> None:
    assert member(attorney.staff, role).client.get("/trail/").status_code == 404


def test_a_member_who_stopped_being_a_supervisor_finds_no_page(attorney: Worker) -> None:
    supervisor = member(attorney.staff, SUPERVISOR)
    page(supervisor)
    roles.change_role(attorney.staff, supervisor.staff.member_id, role=CASEWORKER, is_admin=False)
    assert supervisor.client.get("/trail/").status_code == 404


def test_nothing_is_done_by_get_and_nothing_taken_by_post(attorney: Worker, case_id: UUID) -> None:
    assert attorney.client.post("/trail/").status_code == 405
    assert attorney.client.post(reverse("trail:of_case", args=[case_id])).status_code == 405


def test_another_office_sees_none_of_it(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    html = page(outsider)
    assert "Ana Ruiz" not in html
    assert "does not open" not in html
    assert outsider.client.get(reverse("trail:of_case", args=[case_id])).status_code == 404
    assert outsider.client.get(reverse("trail:of_case", args=[uuid4()])).status_code == 404


def test_an_entry_that_was_altered_is_shown_as_one_that_does_not_open(attorney: Worker, case_id: UUID) -> None:
    with office_transaction(attorney.staff.org_id), connection.cursor() as cursor:
        entry = AuditEntry.objects.filter(org_id=attorney.staff.org_id).order_by("seq").first()
        assert entry is not None
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER append_only")
        broken = bytes(entry.sealed)[:-1] + bytes([bytes(entry.sealed)[-1] ^ 1])
        AuditEntry.objects.filter(org_id=entry.org_id, chain=entry.chain, seq=entry.seq).update(sealed=broken)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER append_only")
    html = page(attorney)
    assert "This entry does not open." in html
    assert "1 entry of this day does not open with your keys." in html


def test_the_page_says_when_the_last_checkpoint_was_and_whether_there_is_a_witness(
    attorney: Worker, case_id: UUID, settings: object, tmp_path: object
) -> None:
    html = page(attorney)
    assert "No checkpoint was signed yet." in html
    assert "No witness is set." in html
    settings.AUDIT_WITNESS_FOLDER = str(tmp_path)  # type: ignore[attr-defined]  # pytest-django's
    assert checkpoints.checkpoint_all() >= 1
    html = page(attorney)
    assert "Last signed checkpoint:" in html
    assert "10:00" in html
    assert "Each checkpoint is sent to a witness outside this program:" in html


def test_the_people_of_a_case_see_who_opened_it_and_nothing_of_other_cases(attorney: Worker, case_id: UUID) -> None:
    other = cases.open_case(attorney.staff, cases.NewCase(name="Mina Sol", last_arrival_on=dt.date(2026, 5, 1)))
    colleague = member(attorney.staff, CASEWORKER)
    colleague.client.get(reverse("cases:case", args=[case_id]))
    html = attorney.client.get(reverse("trail:of_case", args=[case_id])).content.decode()
    assert "Ben Okafor" in html
    assert "Opened a new case" in html
    assert "Opened a case" in html
    assert "Ben Okafor" not in attorney.client.get(reverse("trail:of_case", args=[other])).content.decode()


def test_a_volunteer_reads_a_case_but_not_who_opened_it(attorney: Worker, case_id: UUID) -> None:
    volunteer = member(attorney.staff, VOLUNTEER)
    assert volunteer.client.get(reverse("cases:case", args=[case_id])).status_code == 200
    assert volunteer.client.get(reverse("trail:of_case", args=[case_id])).status_code == 404
