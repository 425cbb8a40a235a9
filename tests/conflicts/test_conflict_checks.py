"""A check goes to the conflict officer and comes back: through the pages, with what each member may read."""

import re
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.signin import recovery_code, sign_in
from caseapp.casefile import sharing
from caseapp.casefile.transaction import case_transaction
from caseapp.conflicts import panels
from caseapp.conflicts.models import ConflictRequest
from caseapp.conflicts.services import checks, comparison, content, officer, signatures
from caseapp.conflicts.services.content import AskedPerson
from caseapp.records.party import Name, Party
from caseapp.vault.core.inboxes import conflict_requests
from caseapp.vault.tenancy import office_transaction
from tests.conflicts.offices import group_of, make_officer, open_case
from tests.helpers.cast import WORDS, colleague_of, signed_in
from tests.helpers.two_offices import Worker

SENTENCE, REASON = "Please ask me before you take this on.", "She is the other side in a restricted case."


def _browser_of(email: str) -> tuple[Staff, Client]:
    """A colleague past the recovery code, with a browser."""
    arrived = sign_in.sign_in(email, WORDS)
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return arrived.staff, client


def _ask_page(client: Client, **fields: str) -> UUID:
    response = client.post(reverse("conflicts:ask"), {"names": "Halima Yusuf", "relation": "adverse", **fields})
    assert response.status_code == 303, response.content
    return UUID(response["Location"].rstrip("/").rsplit("/", 1)[1])


def _rows(staff: Staff) -> list[ConflictRequest]:
    with office_transaction(staff.org_id):
        return list(ConflictRequest.objects.all())


@pytest.fixture
def walled_case(attorney: Worker) -> UUID:
    """A case about Halima Yusuf, restricted to Ana."""
    case_id = open_case(attorney.staff, "Halima Yusuf", "000-555-417")
    sharing.restrict_to_members(attorney.staff, case_id, [attorney.staff.member_id])
    return case_id


def test_a_check_outside_of_a_case_is_answered_by_the_officer_and_read_by_its_asker(
    attorney: Worker, walled_case: UUID
) -> None:
    colleague_of(attorney.staff)
    _, ben = _browser_of("ben@office.test")
    asked = _ask_page(ben, names="Halimo Yuusuf\nحليمة يوسف", note="Her husband called.")
    page = reverse("conflicts:check", args=[asked])
    waiting = ben.get(page).content.decode()
    assert "Sent to the conflict officer" in waiting
    shown = attorney.client.get(page).content.decode()
    assert "Her husband called." in shown
    assert f"/cases/{walled_case}/" in shown
    answer = {"decision": "waivable", "sentence": SENTENCE, "reason": REASON, "shown": "1"}
    assert attorney.client.post(page, answer).status_code == 303
    after = ben.get(page).content.decode()
    assert SENTENCE in after
    assert "Waivable with informed written consent" in after
    assert REASON not in after
    assert "000555417" not in re.sub("[^0-9]", "", after)
    register = attorney.client.get(reverse("conflicts:list")).content.decode()
    assert REASON in register
    assert "Ben Okafor" in register


def test_an_officer_without_the_cases_key_sees_only_what_the_conflict_index_has(
    attorney: Worker, walled_case: UUID
) -> None:
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    signed_in("ana@office.test")
    from caseapp.casefile.upkeep import conflict_filing

    conflict_filing.tend_conflict_index(signed_in("ana@office.test"), 1.0)
    _, client = _browser_of("ben@office.test")
    asked = _ask_page(attorney.client, year="1987")
    shown = client.get(reverse("conflicts:check", args=[asked])).content.decode()
    assert "A case you cannot open" in shown
    assert str(walled_case) not in shown
    assert "Halima Yusuf" in shown
    assert "same name" in shown


def test_the_check_of_a_case_is_read_by_everyone_who_opens_the_case(attorney: Worker, case_id: UUID) -> None:
    colleague_of(attorney.staff)
    staff, ben = _browser_of("ben@office.test")
    path = reverse("conflicts:case", args=[case_id])
    assert ben.post(path, {"act": "all"}).status_code == 303
    (row,) = _rows(attorney.staff)
    officer.answer_check(attorney.staff, row.id, decision=content.CLEARED, sentence=SENTENCE, reason=REASON, shown=0)
    for client in (ben, attorney.client):
        shown = client.get(path).content.decode()
        assert "Cleared" in shown
        assert SENTENCE in shown
        assert REASON not in shown
    with office_transaction(staff.org_id):
        line = panels.check_line(staff, attorney.file(case_id))
    assert (line.state, line.decided_by, line.reason, line.is_current) == ("cleared", "Ana Ruiz", SENTENCE, True)


def test_a_case_is_asked_about_once_until_its_names_change(attorney: Worker, case_id: UUID) -> None:
    checks.request_check(attorney.staff, case_id)
    checks.request_check(attorney.staff, case_id)
    assert len(_rows(attorney.staff)) == 1
    with case_transaction(attorney.staff, case_id) as draft:
        draft.add(Party(role="opposing", name=Name(full="Halima Yusuf")))
    assert not panels.check_line(attorney.staff, attorney.file(case_id)).is_current
    checks.request_check(attorney.staff, case_id)
    assert len(_rows(attorney.staff)) == 2
    newest = officer.waiting_checks(attorney.staff.keys)[0]
    assert {person.relation for check in newest for person in check.request.people} == {"client", "adverse"}


def test_a_new_adverse_party_is_asked_about_from_the_case(attorney: Worker, case_id: UUID) -> None:
    path = reverse("conflicts:case", args=[case_id])
    fields = {"act": "person", "names": "Halima Yusuf", "relation": "adverse"}
    assert attorney.client.post(path, fields).status_code == 303
    ((check,), _) = officer.waiting_checks(attorney.staff.keys)
    assert (check.request.case_id, check.request.people[0].names) == (case_id, ("Halima Yusuf",))


def test_a_member_without_the_role_reads_no_check_of_another_member(attorney: Worker) -> None:
    colleague_of(attorney.staff)
    _, ben = _browser_of("ben@office.test")
    page = reverse("conflicts:check", args=[_ask_page(attorney.client)])
    assert ben.get(page).status_code == 404
    assert ben.post(page, {"decision": "cleared", "reason": "x", "shown": "0"}).status_code == 404
    listed = ben.get(reverse("conflicts:list")).content.decode()
    assert "Register" not in listed
    assert "Halima" not in listed


def test_the_asker_cannot_answer_their_own_check_without_the_role(attorney: Worker) -> None:
    colleague_of(attorney.staff)
    _, ben = _browser_of("ben@office.test")
    page = reverse("conflicts:check", args=[_ask_page(ben)])
    assert ben.post(page, {"decision": "cleared", "reason": "x", "shown": "0"}).status_code == 404
    assert not any(row.answer for row in _rows(attorney.staff))


def test_pages_of_checks_hide_from_another_office(attorney: Worker, outsider: Worker, case_id: UUID) -> None:
    asked = _ask_page(attorney.client)
    assert outsider.client.get(reverse("conflicts:check", args=[asked])).status_code == 404
    assert outsider.client.get(reverse("conflicts:case", args=[case_id])).status_code == 404
    assert outsider.client.post(reverse("conflicts:case", args=[case_id]), {"act": "all"}).status_code == 404
    assert "Halima" not in outsider.client.get(reverse("conflicts:list")).content.decode()


def test_reading_a_page_of_checks_asks_for_nothing(attorney: Worker, case_id: UUID) -> None:
    for path in (reverse("conflicts:ask"), reverse("conflicts:list"), reverse("conflicts:case", args=[case_id])):
        assert attorney.client.get(path, {"act": "all", "names": "Halima"}).status_code == 200
    assert _rows(attorney.staff) == []


@pytest.mark.parametrize(
    "fields",
    [{"names": ""}, {"names": "x" * 20_000}, {"relation": "foe"}, {"year": "1887"}, {"year": "2031"}, {"year": "abc"}],
    ids=["no name", "very long", "no relation", "too early", "too late", "no year"],
)
def test_a_form_with_a_mistake_keeps_the_text_and_sends_nothing(attorney: Worker, fields: dict[str, str]) -> None:
    response = attorney.client.post(
        reverse("conflicts:ask"), {"names": "Halima Yusuf", "relation": "adverse", "note": "Kept", **fields}
    )
    assert response.status_code == 422
    assert "Kept" in response.content.decode()
    assert _rows(attorney.staff) == []


def test_an_office_without_an_officer_says_so_and_its_checks_wait_for_the_first_one(attorney: Worker) -> None:
    from caseapp.conflicts.services import upkeep

    make_officer(attorney.staff, attorney.staff.member_id, is_officer=False)
    asked = _ask_page(attorney.client)
    shown = attorney.client.get(reverse("conflicts:check", args=[asked])).content.decode()
    assert "This office has no conflict officer" in shown
    assert "Ana Ruiz" in shown
    (row,) = _rows(attorney.staff)
    assert (row.epoch, bytes(row.sealed)) == (0, b"")
    today = attorney.client.get("/").content.decode()
    assert "1 conflict check waits" in today
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    assert checks.pass_on_waiting(signed_in("ana@office.test").keys) == 1
    assert upkeep.PASS_ON.follows is None
    ((check,), total) = officer.waiting_checks(signed_in("ben@office.test").keys)
    assert (check.id, total) == (asked, 1)


def test_a_new_officer_reads_the_register_once_an_earlier_officer_was_here(attorney: Worker) -> None:
    asked = _ask_page(attorney.client)
    officer.answer_check(attorney.staff, asked, decision="cleared", sentence="", reason=REASON, shown=0)
    ben = colleague_of(attorney.staff)
    make_officer(attorney.staff, ben)
    assert officer.answered_checks(signed_in("ben@office.test").keys, page=1, size=50)[0] == []
    assert officer.reseal_older(signed_in("ana@office.test").keys) == 1
    ((check,), _) = officer.answered_checks(signed_in("ben@office.test").keys, page=1, size=50)
    assert check.entry is not None
    assert check.entry.reason == REASON


def test_an_answer_that_no_officer_signed_does_not_count(attorney: Worker) -> None:
    colleague_of(attorney.staff)
    staff = signed_in("ben@office.test")
    asked = checks.ask(staff, content.SEARCH, [AskedPerson(names=("Halima Yusuf",))])
    own = checks.own_check(staff.keys, asked)
    assert own is not None
    asked_about = content.digest_of(own.request.people)
    answer = content.AnswerContent(decision="cleared", sentence="", at=own.request.asked_at, asked=asked_about)
    body = content.encode(answer)
    forged = signatures.sign_answer(staff.keys, asked, body)
    sealed = conflict_requests.seal_answer(own.request.answer_key, staff.org_id, asked, forged)
    with office_transaction(staff.org_id):
        ConflictRequest.objects.filter(id=asked).update(answer=sealed)
    again = checks.own_check(staff.keys, asked)
    assert again is not None
    assert again.answer is None


def test_a_request_that_someone_else_signed_is_not_shown_under_the_askers_name(attorney: Worker) -> None:
    colleague_of(attorney.staff)
    staff = signed_in("ben@office.test")
    asked = checks.ask(staff, content.SEARCH, [AskedPerson(names=("Halima Yusuf",))])
    with office_transaction(staff.org_id):
        row = ConflictRequest.objects.get(id=asked)
        other = UUID(int=asked.int ^ 1)
        ConflictRequest.objects.filter(id=asked).update(id=other)
    assert row is not None
    assert officer.waiting_checks(attorney.staff.keys)[0] == []


def test_a_request_in_another_members_name_is_not_shown_under_it(attorney: Worker) -> None:
    colleague_of(attorney.staff)
    ben = signed_in("ben@office.test")
    asked = checks.ask(ben, content.SEARCH, [AskedPerson(names=("Halima Yusuf",))])
    own = checks.own_check(ben.keys, asked)
    group = group_of(ben)
    assert own is not None
    assert group is not None
    body = content.encode(replace(own.request, asked_by=attorney.staff.member_id))
    sealed = conflict_requests.seal_request(
        group.public, ben.org_id, asked, signatures.sign_request(ben.keys, asked, body)
    )
    with office_transaction(ben.org_id):
        ConflictRequest.objects.filter(id=asked).update(sealed=sealed)
    assert officer.waiting_checks(attorney.staff.keys)[0] == []


def test_the_case_that_a_check_is_about_is_not_among_its_matches(attorney: Worker) -> None:
    mine, other = (open_case(attorney.staff, "Halima Yusuf") for _ in range(2))
    checks.request_check(attorney.staff, mine)
    ((check,), _) = officer.waiting_checks(attorney.staff.keys)
    (found,) = comparison.find_all_matches(attorney.staff, check)
    assert [match.case_id for match in found.matches] == [other]


def test_a_check_is_answered_once(attorney: Worker) -> None:
    page = reverse("conflicts:check", args=[_ask_page(attorney.client)])
    fields = {"decision": "cleared", "sentence": "", "reason": REASON, "shown": "0"}
    assert attorney.client.post(page, fields).status_code == 303
    assert attorney.client.post(page, {**fields, "decision": "not_waivable"}).status_code == 422
    ((check,), _) = officer.answered_checks(attorney.staff.keys, page=1, size=50)
    assert check.entry is not None
    assert check.entry.decision == "cleared"
