"""Pages of the law: the list and one rule, the office's own items, what a new law would change, the watch."""

import dataclasses
import datetime as dt
import re
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from caseapp import rules
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.signin import sessions
from caseapp.casefile import case_access, office_law
from caseapp.cases.services import cases
from caseapp.deadlines.services import recompute
from caseapp.deadlines.services.recompute import Bound
from caseapp.deadlines.services.upkeep import consistency_check
from caseapp.law import services
from caseapp.records.deadline import Deadline
from caseapp.vault.store import Entry, SealedFile
from caseapp.vault.tenancy import office_transaction
from tests.deadlines import law
from tests.helpers import process_state
from tests.helpers.flash import redirect_of
from tests.helpers.two_offices import NAME, Worker, boxes

pytestmark = pytest.mark.usefixtures("frozen")

ALL = Bound(seconds=3600, cases=10_000)
ONE_YEAR = "us.asylum.one_year"
CLOSURE = {
    **boxes("first", dt.date(2027, 4, 9)), "why": "Snow storm in Wexbridge", "source": "the court's page, 14 January"
}  # fmt: skip
ORDER = {
    "court": "Court North", "judge": "Judge Moreau", "rule": "us.eoir.individual.filings", "what": "45 days",
    "number": "45", "unit": "d", **boxes("effective_from", dt.date(2026, 11, 2)), "source": "order of 2 November",
}  # fmt: skip
RULE = {
    "what": "Brief for the clinic", "on": "order", "number": "20", "unit": "d", "direction": "+", "roll": "fwd",
    "severity": "serious", "starts_with": "", **boxes("effective_from", dt.date(2026, 1, 1)),
    "source": "handbook, p. 3", "note": "Ask Ana.",
}  # fmt: skip
FILE = """name = "Harbor Legal Aid"
version = "2026.11.24"
last_checked = 2026-11-20

[[closures]]
id = "flood"
from = 2027-02-01
to = 2027-02-01
why = "Flood"
source = "telephone"
"""
WRITES = {
    "law:new_closure": (CLOSURE, "closure:"),
    "law:new_order": (ORDER, "order:"),
    "law:new_rule": (RULE, "rule:office.brief_for_the_clinic"),
    "law:new_file": ({"text": FILE}, "closure:flood"),
}
PAGES = (
    "law:list",
    "law:new_closure",
    "law:new_order",
    "law:new_rule",
    "law:new_file",
    "deadlines:changes",
    "deadlines:check",
)


@pytest.fixture(autouse=True)
def _nothing_watched() -> None:
    process_state.forget_findings()


def _law(worker: Worker) -> office_law.Law:
    with office_transaction(worker.staff.org_id):
        return office_law.law_of(worker.staff.keys)


def _own(worker: Worker) -> list[str]:
    pack = _law(worker).pack
    return [what for what, _ in services.items_of(pack)] if pack else []


def token_of(worker: Worker, what: str) -> str:
    found = next(item for item in _law(worker).book.list_confirmables() if item.what == what)
    return f"{found.what} {found.digest}"


def _one_year(worker: Worker, case_id: UUID) -> Entry[Deadline]:
    return next(
        e for e in worker.file(case_id).entries_of(Deadline) if e.record.working and e.record.working.rule == ONE_YEAR
    )


@pytest.fixture
def changed(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> Entry[Deadline]:
    """The one-year date, for which a new law would give Tue 9 Mar 2027."""
    law.change(monkeypatch, ONE_YEAR, count="+11m")
    recompute.recompute_due_cases(attorney.staff, ALL)
    return _one_year(attorney, case_id)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_and_names_nobody_in_its_title(attorney: Worker, changed: object, name: str) -> None:
    response = attorney.client.get(reverse(name))
    assert response.status_code == 200
    title = response.content.decode().partition("<title>")[2].partition("</title>")[0]
    assert title.strip()
    assert "Karimi" not in title


@pytest.mark.parametrize("path", ["/law/?pack=nowhere", "/law/rules/us.no.such/", "/law/rules/office.brief/"])
def test_what_is_not_there_is_not_found(attorney: Worker, path: str) -> None:
    assert attorney.client.get(path).status_code == 404


def test_one_rule_shows_its_source_its_readings_and_who_confirmed_it(attorney: Worker) -> None:
    path = reverse("law:rule", args=["us.bia.appeal"])
    html = attorney.client.get(path).content.decode()
    assert "8 CFR 1003.38" in html
    assert "Amica Center" in html
    assert "confirmed by Ana" not in html
    sent = {"text": token_of(attorney, "rule:us.bia.appeal"), "of": "us.bia.appeal"}
    done = attorney.client.post(reverse("law:confirm"), sent)
    assert redirect_of(done) == (303, path, "rules-confirmed")
    assert (
        "confirmed by Ana Ruiz on Tue, Nov 24, 2026, version us-federal" in attorney.client.get(path).content.decode()
    )
    attorney.client.post(reverse("law:confirm"), {"take_back": "rule:us.bia.appeal", "of": "us.bia.appeal"})
    assert "confirmed by Ana" not in attorney.client.get(path).content.decode()


def test_rules_are_read_one_after_the_other_with_an_example_and_a_changed_one_is_not_confirmed(
    attorney: Worker,
) -> None:
    """Ten days from a decision of Tue 24 Nov 2026 is Fri 4 Dec, by the earliest reading (8 CFR 1003.38)."""
    listed = attorney.client.get("/law/?show=flux").content.decode()
    assert 'type="checkbox"' not in listed, "a tick in a list would say that something was read"
    [first] = re.findall(r'href="(/law/rules/[a-z0-9_.]+/[?]queue=flux)"', listed)
    waiting = int(re.findall(r"Read and confirm the (\d+) rules that wait", listed)[0])
    page = attorney.client.get("/law/rules/us.bia.appeal/?queue=flux").content.decode()
    assert "8 CFR 1003.38" in page
    assert "Worked example" in page
    assert "Tue, Nov 24, 2026" in page
    assert "Fri, Dec 4, 2026" in page
    assert f"{waiting} rules wait to be confirmed." in page
    [after] = re.findall(r'href="(/law/rules/[a-z0-9_.]+/[?]queue=flux)">Skip this one', page)
    stale = attorney.client.post(reverse("law:confirm"), {"text": "rule:us.bia.appeal 0000000000000000"})
    assert stale.status_code == 422
    assert b"changed after you opened" in stale.content
    assert not _law(attorney).book.is_confirmed("rule:us.bia.appeal")
    sent = {"text": token_of(attorney, "rule:us.bia.appeal"), "of": "us.bia.appeal", "queue": "flux"}
    assert redirect_of(attorney.client.post(reverse("law:confirm"), sent)) in {
        (303, after, "rules-confirmed"),
        (303, first, "rules-confirmed"),
    }
    assert f"the {waiting - 1} rules that wait" in attorney.client.get("/law/?show=flux").content.decode()


def test_the_rules_that_open_cases_use_are_confirmed_first(attorney: Worker, case_id: UUID, hearing_id: UUID) -> None:
    """The case of Farid Karimi has an arrival and an individual hearing: the one-year rule and the filing date."""
    listed = attorney.client.get("/law/?show=used").content.decode()
    used = set(re.findall(r'<code dir="ltr">([a-z0-9_.]+)</code>', listed))
    assert used == {ONE_YEAR, "us.eoir.individual.filings"}
    assert "Confirm the 2 rules your open cases use" in listed
    [first] = re.findall(r'href="/law/rules/([a-z0-9_.]+)/[?]queue=used"', listed)
    sent = {"text": token_of(attorney, f"rule:{first}"), "of": first, "queue": "used"}
    status, second, flash = redirect_of(attorney.client.post(reverse("law:confirm"), sent))
    [other] = used - {first}
    assert (status, second, flash) == (303, f"/law/rules/{other}/?queue=used", "rules-confirmed")
    sent = {"text": token_of(attorney, f"rule:{other}"), "of": other, "queue": "used"}
    assert redirect_of(attorney.client.post(reverse("law:confirm"), sent))[:2] == (303, "/law/")
    assert "your open cases use" not in attorney.client.get("/law/").content.decode()


def test_after_the_last_rule_of_a_queue_comes_the_list(attorney: Worker) -> None:
    done = {}
    for pack in rules.standard().packs:
        for rule in pack.rules:
            if f"rule:{rule.id}" not in done and _law(attorney).book.versions_of(rule.id)[-1].state == "manual":
                sent = {"text": token_of(attorney, f"rule:{rule.id}"), "of": rule.id, "queue": "manual"}
                done[f"rule:{rule.id}"] = redirect_of(attorney.client.post(reverse("law:confirm"), sent))[1]
    assert list(done.values())[-1] == "/law/"
    assert "that wait" not in attorney.client.get("/law/?show=manual").content.decode()


@pytest.mark.parametrize("text", ["", "nonsense", "x" * 100_000, "rule: "])
def test_nothing_and_nonsense_are_refused_with_a_sentence(attorney: Worker, text: str) -> None:
    response = attorney.client.post(reverse("law:confirm"), {"text": text})
    assert response.status_code == 422
    assert b"There is a problem" in response.content


@pytest.mark.parametrize("name", WRITES)
def test_each_form_adds_shows_and_can_be_taken_back(attorney: Worker, name: str) -> None:
    sent, what = WRITES[name]
    assert attorney.client.post(reverse(name), sent).status_code == 303
    (found,) = _own(attorney)
    assert found.startswith(what)
    html = attorney.client.get("/law/").content.decode()
    assert "entered by Ana Ruiz" in html
    assert "Not yet confirmed" in html
    assert attorney.client.post(reverse("law:confirm"), {"text": token_of(attorney, found)}).status_code == 303
    assert _law(attorney).book.is_confirmed(found)
    assert attorney.client.post(reverse("law:remove"), {"what": found}).status_code == 303
    assert _own(attorney) == []
    assert attorney.client.post(reverse("law:remove"), {"what": found}).status_code == 404


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("law:new_closure", boxes("first", None), "Enter the first day it was closed"),
        ("law:new_closure", boxes("last", dt.date(2027, 4, 1)), "The last day is before the first."),
        ("law:new_closure", boxes("last", dt.date(2028, 6, 1)), "A closure lasts at most 366 days."),
        ("law:new_closure", {"why": ""}, "Enter the reason for the closure, for example snow."),
        ("law:new_closure", {"source": "y" * 5_000}, "at most"),
        ("law:new_closure", {"court": "y" * 5_000}, "at most 200"),
        ("law:new_order", {"rule": "us.no.such"}, "is not one of the available choices"),
        ("law:new_order", {"number": "0"}, "greater than or equal to 1"),
        ("law:new_order", {"number": "forty-five"}, "number"),
        ("law:new_rule", {"unit": "w"}, "is not one of the available choices"),
        ("law:new_rule", {"number": "99999"}, "less than or equal to 9999"),
        ("law:new_rule", {"note": "z" * 60_000}, "at most"),
    ],
)
def test_a_mistake_is_told_what_was_typed_stays_and_nothing_is_saved(
    attorney: Worker, name: str, changes: dict[str, str], sentence: str
) -> None:
    sent = {**WRITES[name][0], **changes}
    response = attorney.client.post(reverse(name), sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert sentence in html
    assert "<title>Problem:" in html
    kept = str(sent.get("why") or sent.get("what") or "")
    assert kept in html
    assert _own(attorney) == []


def test_an_uploaded_pack_is_read_and_nothing_of_it_stays_in_storage(attorney: Worker) -> None:
    pack = SimpleUploadedFile("office.toml", FILE.encode(), content_type="application/toml")
    assert attorney.client.post(reverse("law:new_file"), {"pack": pack, "text": ""}).status_code == 303
    assert _own(attorney) == ["closure:flood"]
    with office_transaction(attorney.staff.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vault_blob")
        assert cursor.fetchone() == (0,)


def test_a_mistake_in_a_file_names_its_line_and_the_text_stands_in_the_box(attorney: Worker) -> None:
    broken = FILE.replace('why = "Flood"', "why = 7")
    pack = SimpleUploadedFile("office.toml", broken.encode())
    response = attorney.client.post(reverse("law:new_file"), {"pack": pack, "text": ""})
    html = response.content.decode()
    assert response.status_code == 422
    assert f"line {broken.splitlines().index('why = 7') + 1}" in html
    assert "why = 7" in html
    assert _own(attorney) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "not plain text"),
        (b"", "Choose a file"),
        (b"x" * 1_000_001, "too large"),
        (b"x" * 200_001, "at most"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(attorney: Worker, content: bytes, sentence: str) -> None:
    response = attorney.client.post(reverse("law:new_file"), {"pack": SimpleUploadedFile("x.toml", content)})
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_the_offices_rules_are_saved_as_a_file_that_reads_again(attorney: Worker) -> None:
    for name, (sent, _) in WRITES.items():
        attorney.client.post(reverse(name), sent)
    response = attorney.client.get(reverse("law:download"))
    assert rules.read_office_pack(response.content.decode()) == _law(attorney).pack


def test_a_volunteer_adds_nothing_and_a_caseworker_confirms_nothing(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _become(monkeypatch, "volunteer")
    for name, (sent, _) in WRITES.items():
        assert attorney.client.get(reverse(name)).status_code == 404
        assert attorney.client.post(reverse(name), sent).status_code == 404
    assert (
        b"Court closures"
        not in attorney.client.get("/law/").content.partition(b"Rules that come")[0].partition(b"None yet")[0]
    )
    _become(monkeypatch, "caseworker")
    assert attorney.client.post(reverse("law:new_closure"), CLOSURE).status_code == 303
    refused = attorney.client.post(reverse("law:confirm"), {"text": token_of(attorney, "rule:us.bia.appeal")})
    assert refused.status_code == 404
    assert not _law(attorney).book.is_confirmed("rule:us.bia.appeal")
    assert b"confirm them" not in attorney.client.get("/law/").content


def _become(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """Whoever signs in has this role."""
    real = sessions.open

    def opened(*args: object, **options: object) -> Staff:
        return dataclasses.replace(real(*args, **options), role=role)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(sessions, "open", opened)


def test_the_changes_page_says_was_would_be_and_why_and_today_points_there(
    attorney: Worker, changed: Entry[Deadline]
) -> None:
    html = attorney.client.get(reverse("deadlines:changes")).content.decode()
    assert "1 date to decide" in html
    assert "Would be earlier" in html
    assert "Fri, Apr 9, 2027" in html
    assert "Tue, Mar 9, 2027" in html
    today = attorney.client.get("/").content.decode()
    assert "1 date would change under the current law" in today
    attorney.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    assert NAME not in attorney.client.get(reverse("deadlines:changes")).content.decode()


@pytest.mark.parametrize("act", ["keep", "accept"])
@pytest.mark.parametrize("ticked", [True, False])
def test_a_person_keeps_or_accepts(
    attorney: Worker, case_id: UUID, changed: Entry[Deadline], act: str, ticked: bool
) -> None:
    token = f"{changed.id} {changed.version}"
    sent = {"act": act, "line": [token]} if ticked else {"act": f"{act} {token}"}
    assert attorney.client.post(reverse("deadlines:changes"), sent).status_code == 303
    record = _one_year(attorney, case_id).record
    assert record.proposal is None
    assert record.due_on == (dt.date(2027, 3, 9) if act == "accept" else dt.date(2027, 4, 9))
    assert "Nothing to decide" in attorney.client.get(reverse("deadlines:changes")).content.decode()


def test_a_line_that_was_saved_meanwhile_is_not_decided(
    attorney: Worker, case_id: UUID, changed: Entry[Deadline]
) -> None:
    sent = {"act": f"accept {changed.id} {changed.version - 1}"}
    response = attorney.client.post(reverse("deadlines:changes"), sent)
    assert response.status_code == 422
    assert b"Another member saved one of these dates" in response.content
    assert _one_year(attorney, case_id).record.proposal is not None


@pytest.mark.parametrize("sent", [{"act": "delete"}, {}, {"act": "keep x 1"}, {"act": "keep " + "9" * 50_000}])
def test_nonsense_on_the_changes_page_is_not_found(attorney: Worker, sent: dict[str, str]) -> None:
    assert attorney.client.post(reverse("deadlines:changes"), sent).status_code == 404


def test_going_on_computes_further(attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    law.change(monkeypatch, ONE_YEAR, count="+11m")
    assert attorney.client.post(reverse("deadlines:changes"), {"act": "go_on"}).status_code == 303
    assert _one_year(attorney, case_id).record.proposal is not None


def test_the_first_look_at_today_computes_again_and_shows_what_to_check(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.open_case(attorney.staff, cases.NewCase(name="Olena Kovalenko", stage="in_court"))
    law.change(monkeypatch, ONE_YEAR, count="+11m")
    html = attorney.client.get("/").content.decode()
    assert "1 date would change" in html
    assert "In immigration court, with no future hearing." in html
    assert _one_year(attorney, case_id).record.proposal is not None
    html = attorney.client.get(reverse("deadlines:check")).content.decode()
    assert "Looked at today: 2 of 2 open cases." in html
    assert attorney.client.post(reverse("deadlines:check")).status_code == 303


def test_opening_the_check_opens_no_case_and_going_on_opens_those_that_are_left(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Olena Kovalenko", "Aminata Diallo"):
        cases.open_case(attorney.staff, cases.NewCase(name=name, stage="in_court"))
    opened, real = list[UUID](), case_access.open_case

    def open_and_note(keys: Keys, file_id: UUID, **how: Any) -> SealedFile:
        opened.append(file_id)
        return real(keys, file_id, **how)

    monkeypatch.setattr(case_access, "open_case", open_and_note)
    html = attorney.client.get(reverse("deadlines:check")).content.decode()
    assert opened == []
    assert "Looked at today: 0 of 3 open cases." in html
    assert ">Continue<" in html
    assert attorney.client.post(reverse("deadlines:check")).status_code == 303
    assert len(opened) == 3
    html = attorney.client.get(reverse("deadlines:check")).content.decode()
    assert "Looked at today: 3 of 3 open cases." in html
    assert "In immigration court, with no future hearing." in html
    assert ">Continue<" not in html
    assert len(opened) == 3
    monkeypatch.setattr(consistency_check, "COMPARED", 1)
    assert "1 more needs attention" in attorney.client.get(reverse("deadlines:check")).content.decode()


def test_another_office_sees_and_does_nothing_of_it(
    attorney: Worker, outsider: Worker, case_id: UUID, changed: Entry[Deadline]
) -> None:
    attorney.client.post(reverse("law:new_closure"), CLOSURE)
    (what,) = _own(attorney)
    for path in ("/", *(reverse(name) for name in (*PAGES, "law:download"))):
        html = outsider.client.get(path).content.decode()
        assert "Wexbridge" not in html
        assert "Karimi" not in html
    token = f"{changed.id} {changed.version}"
    assert outsider.client.post(reverse("deadlines:changes"), {"act": f"accept {token}"}).status_code == 404
    assert outsider.client.post(reverse("law:remove"), {"what": what}).status_code == 404
    assert outsider.client.post(reverse("law:confirm"), {"text": token_of(attorney, what)}).status_code == 422
    assert _one_year(attorney, case_id).record.proposal is not None
    assert _own(attorney) == [what]


def test_writes_are_refused_as_get_and_pages_as_other_methods(attorney: Worker) -> None:
    for name in ("law:confirm", "law:remove"):
        assert attorney.client.get(reverse(name)).status_code == 405
    for name in ("law:list", "law:download"):
        assert attorney.client.post(reverse(name)).status_code == 405
    for name in PAGES:
        assert attorney.client.delete(reverse(name)).status_code == 405


def test_nobody_signed_in_is_sent_to_the_door(attorney: Worker) -> None:
    attorney.client.cookies.clear()
    for name in (*PAGES, "law:download"):
        assert attorney.client.get(reverse(name)).status_code == 302


def test_what_the_office_wrote_is_sealed_wherever_it_stands(attorney: Worker) -> None:
    attorney.client.post(reverse("law:new_closure"), CLOSURE)
    with office_transaction(attorney.staff.org_id), connection.cursor() as cursor:
        for table in ("vault_record", "vault_past", "index_head", "index_part", "vault_blob"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            stored = " ".join(row[0] for row in cursor.fetchall())
            assert "Wexbridge" not in stored
            assert b"Wexbridge".hex() not in stored
