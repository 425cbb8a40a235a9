"""What the program did on its own is no act of a person, and the trail is read by person and by case."""

import ast
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

import caseapp
from caseapp.accounts.directory import audit_trail
from caseapp.accounts.keys.permissions import ATTORNEY, SUPERVISOR, VOLUNTEER
from caseapp.audit.records import AUDIT_CODES, FINDING_CODES, SYSTEM_CODES
from caseapp.cases.services import cases
from caseapp.records.case import Case
from caseapp.team.services import removal
from caseapp.trail import pages
from caseapp.vault.tenancy import office_transaction
from tests.helpers import process_state
from tests.helpers.two_offices import Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
FILTER = "/trail/filter/"
JOB = "The program went through cases"


@pytest.fixture(autouse=True)
def _new_chains() -> None:
    process_state.forget_audit_chains()  # a chain of another test's office was rolled back with it


def write(worker: Worker, action: str, **facts: object) -> None:
    with office_transaction(worker.staff.org_id):
        audit_trail.record_entry_in_transaction(worker.staff.keys, action, **facts)  # type: ignore[arg-type]


def rows(worker: Worker, path: str = "/trail/") -> list[str]:
    """Return the lines of a page as text: time, who, what, case, about."""
    response = worker.client.get(path)
    assert response.status_code == 200
    found = re.findall(r"<tr role=.row.>\s*<td.*?</tr>", response.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def of(what: str, lines: list[str]) -> list[str]:
    return [line for line in lines if what in line]


def sent_to(worker: Worker, **typed: str) -> str:
    response = worker.client.post(FILTER, typed)
    assert response.status_code == 303
    return response["Location"]


def test_what_the_program_did_is_hidden_until_asked_for_and_names_no_person(attorney: Worker) -> None:
    write(attorney, "job", reason="law changes", count=7)
    write(attorney, "search", count=2)
    html = attorney.client.get("/trail/").content.decode()
    assert of(JOB, rows(attorney)) == []
    assert of("Searched", rows(attorney))
    assert "1 entry of the system is hidden." in html
    assert "system=1" in html
    [line] = of(JOB, rows(attorney, "/trail/?system=1"))
    assert "System" in line
    assert "Ana Ruiz" not in line
    assert "Hide entries of the system" in attorney.client.get("/trail/?system=1").content.decode()


@pytest.mark.parametrize("code", sorted(FINDING_CODES))
def test_a_finding_of_the_program_is_marked_and_never_hidden(attorney: Worker, code: str) -> None:
    write(attorney, code, reason="damaged")
    lines = [line for line in rows(attorney) if "System" in line]
    assert len(lines) == 1
    assert "Ana Ruiz" not in lines[0]


def test_reading_the_dates_that_a_changed_law_would_move_is_an_act_of_the_reader(attorney: Worker) -> None:
    write(attorney, "job", reason="dates that a changed law would change")
    [line] = of("dates that a changed law would change", rows(attorney))
    assert "Ana Ruiz" in line


def test_each_entry_that_upkeep_writes_is_one_of_the_program() -> None:
    """A job that is added later gets its code into SYSTEM_CODES, or this fails."""
    root = Path(caseapp.__file__).parent
    files = [
        *root.glob("**/upkeep/*.py"),
        root / "deadlines/services/recompute.py",
        root / "casefile/integrity/findings.py",
    ]
    codes = {
        node.args[1].value
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith("record_entry")
        and isinstance(node.args[1], ast.Constant)
    }
    assert {"job", "group.rotate", "index.rebuild", "case.doubt"} <= codes
    assert codes <= SYSTEM_CODES <= set(AUDIT_CODES)


def test_the_trail_of_a_case_marks_and_hides_the_program_too(attorney: Worker, case_id: UUID) -> None:
    file = attorney.file(case_id)
    write(attorney, "client.stop", file=file)
    path = reverse("trail:of_case", args=[case_id])
    assert of("Texts ended", rows(attorney, path)) == []
    [line] = of("Texts ended", rows(attorney, f"{path}?system=1"))
    assert "System" in line
    assert "Ana Ruiz" not in line
    assert of("Opened a new case", rows(attorney, path))


def test_the_entries_of_one_person_are_read_without_the_others_and_without_the_program(attorney: Worker) -> None:
    ben = member(attorney.staff, SUPERVISOR)
    write(ben, "search", count=3)
    write(ben, "job", reason="law changes")
    write(attorney, "export")
    path = sent_to(attorney, member=str(ben.staff.member_id))
    assert path == f"/trail/people/{ben.staff.member_id}/?day=2026-11-24"
    lines = rows(attorney, f"{path}&system=1")
    assert of("Searched", lines)
    assert all("Ben Okafor" in line for line in lines)
    assert of(JOB, lines) == of("Exported", lines) == []


def test_the_entries_of_a_person_who_left_are_still_read(attorney: Worker) -> None:
    ben = member(attorney.staff, ATTORNEY)
    write(ben, "search", count=3)
    removal.remove_member(attorney.staff, ben.staff.member_id)
    path = sent_to(attorney, member=str(ben.staff.member_id))
    assert of("Searched", rows(attorney, path))


def test_the_entries_of_one_case_are_found_by_its_reference_and_the_address_holds_no_name(
    attorney: Worker, case_id: UUID
) -> None:
    other = cases.open_case(attorney.staff, cases.NewCase(name="Samira Haddad"))
    ref, other_ref = (attorney.file(case).get_only(Case).record.ref for case in (case_id, other))
    path = sent_to(attorney, case=f" {ref.lower()} ")
    assert path == f"/trail/cases/{case_id}/?day=2026-11-24"
    lines = rows(attorney, path)
    assert of("Opened a new case", lines)
    assert of(ref, lines) == lines
    assert of(other_ref, lines) == []
    ana = str(attorney.staff.member_id)
    both = sent_to(attorney, case=ref, member=ana, kind="cases", day="2026-11-25")
    assert both == f"/trail/people/{ana}/cases/{case_id}/?day=2026-11-25&kind=cases"
    [line] = of("Opened a new case", rows(attorney, both))  # a week back, so each line has its day
    assert line.startswith("Tue, Nov 24, 2026")
    assert rows(attorney, both.replace("2026-11-25", "2026-12-01")) == []


def test_a_case_behind_a_wall_is_no_filter_for_who_may_not_open_it(attorney: Worker, case_id: UUID) -> None:
    supervisor = member(attorney.staff, SUPERVISOR)
    ref = attorney.file(case_id).get_only(Case).record.ref
    attorney.client.post(reverse("cases:access", args=[case_id]), {"act": "wall"})
    refused = [supervisor.client.post(FILTER, {"case": text}) for text in (ref, "ZZZZZ")]
    assert [response.status_code for response in refused] == [422, 422]
    for response in refused:
        assert "No case that you can open has this reference." in response.content.decode()
    assert supervisor.client.get(reverse("trail:entries_of_case", args=[case_id])).status_code == 404


@pytest.mark.parametrize("typed", [{"case": "x" * 5_000}, {"member": "x" * 5_000}, {"member": str(uuid4())}])
def test_a_filter_that_names_no_person_or_case_is_refused(attorney: Worker, typed: dict[str, str]) -> None:
    assert attorney.client.post(FILTER, typed).status_code == 422


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?page=" + "9" * 5_000, "?page=401", "?page=-1"])
def test_a_page_that_cannot_be_is_not_found(attorney: Worker, case_id: UUID, query: str) -> None:
    assert attorney.client.get(f"/trail/{query}").status_code == 404
    assert attorney.client.get(f"{reverse('trail:of_case', args=[case_id])}{query}").status_code == 404


def test_a_page_is_short_and_the_program_pushes_no_act_of_a_person_off_it(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LINES", 4)
    monkeypatch.setattr(pages, "FOLD_WITHIN", -pages.FOLD_WITHIN)  # every entry is a line
    for number in range(6):
        write(attorney, "search", count=number + 2)
        write(attorney, "job", reason="law changes")
    people = f"/trail/people/{attorney.staff.member_id}/"
    assert [len(rows(attorney, f"{people}?kind=searches&page={page}")) for page in (1, 2)] == [4, 2]
    html = attorney.client.get("/trail/?kind=searches").content.decode()
    assert "Page 1 of 2" in html
    assert "page=2" in html
    assert of(JOB, rows(attorney, "/trail/?kind=searches&page=2")) == []
    assert len(rows(attorney, "/trail/?kind=office&system=1")) == 4
    assert len(rows(attorney, reverse("trail:of_case", args=[case_id]))) <= 4


def test_only_an_auditor_filters_and_nothing_is_done_by_get(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    volunteer, ana = member(attorney.staff, VOLUNTEER), attorney.staff.member_id
    paths = [
        reverse("trail:of_member", args=[ana]),
        reverse("trail:entries_of_case", args=[case_id]),
        reverse("trail:of_member_and_case", args=[ana, case_id]),
    ]
    for path in paths:
        assert volunteer.client.get(path).status_code == 404
        assert outsider.client.get(path).status_code == 404
        assert attorney.client.get(path).status_code == 200
        assert attorney.client.post(path).status_code == 405
    assert volunteer.client.post(FILTER, {"member": str(ana)}).status_code == 404
    assert outsider.client.post(FILTER, {"member": str(ana)}).status_code == 422
    assert attorney.client.get(FILTER).status_code == 405
