"""People, invitations, and who a case is open to, as pages."""

import datetime as dt
import re
from html import unescape
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest
from django.conf import settings
from django.core import mail
from django.test import Client, override_settings
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.directory import groups, members
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import invitations
from caseapp.accounts.models import Door, Invitation, Member
from caseapp.accounts.signin import recovery_code, sessions, sign_in
from caseapp.casefile import sharing
from caseapp.lib import clock
from caseapp.vault.core import blob, hybrid
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.two_offices import NAME, NOW, Worker, boxes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ASKED = {"email": "vera@office.test", "name": "Vera Lind", "role": "volunteer", "language": "en"}
WORDS = re.compile(r'<ol class="words".*?</ol>', re.DOTALL)
FINGERPRINT = re.compile(r'name="fingerprint" value="([0-9a-f]{64})"')
OLD_ADDRESSES = ("/join/", "/sign-in/lost/")  # until version 2, a code followed
PROOF = re.compile(r'name="proof" value="([^"]*)"')


def words_on(html: str) -> list[str]:
    """The six words a page shows."""
    found = WORDS.search(html)
    assert found, html
    return re.findall(r"<li>([a-z-]+)</li>", found.group())


def approval_on(html: str) -> dict[str, str]:
    """The form by which an admin approves what this page shows."""
    found = FINGERPRINT.search(html)
    assert found, html
    return {"act": "let_in", "fingerprint": found.group(1)}


def member(staff: Staff, role: str, email: str = "ben@office.test") -> Worker:
    """A colleague in the same team, at a browser, past the recovery code."""
    cast.colleague_of(staff, email=email, role=role)
    arrived = sign_in.sign_in(email, cast.WORDS)
    code = recovery_code.propose_recovery_code(arrived.staff)
    recovery_code.confirm_recovery_code(arrived.staff, code, code)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE] = arrived.token
    return Worker(arrived.staff, client)


def invited(attorney: Worker, **more: str) -> str:
    """Ask Vera; answers the code of the link in her mail."""
    response = attorney.client.post("/team/invite/", {**ASKED, **more})
    assert response.status_code == 303, response.content.decode()
    found = re.search(r"/join/#([\w-]+)", str(mail.outbox[-1].body))
    assert found, str(mail.outbox[-1].body)
    return found.group(1)


def accepted(code: str) -> Client:
    """Make the account, as far as the recovery code."""
    client = Client(raise_request_exception=False)
    assert "You are invited to join" in client.post("/join/", {"code": code}).content.decode()
    shown = client.post("/join/", {"code": code, "step": "make"}).content.decode()
    proof = PROOF.search(shown)
    assert proof
    told = {"code": code, "step": "words", "proof": unescape(proof.group(1)), "words": " ".join(words_on(shown))}
    assert client.post("/join/", told).status_code == 303
    sheet = client.get("/setup/recovery/").content.decode()
    shown_code = re.search(r'class="[^"]*\bcode\b[^"]*"[^>]*>([^<]+)<', sheet)
    proof = PROOF.search(sheet)
    assert shown_code
    assert proof
    typed = {"proof": unescape(proof.group(1)), "typed": unescape(shown_code.group(1)).strip()}
    assert client.post("/setup/recovery/", typed).status_code == 303
    return client


def _only_invitation(staff: Staff) -> UUID:
    return invitations.list_open_invitations(staff)[0].id


def test_an_invitation_names_nobody_in_the_mail_and_lists_as_waiting(attorney: Worker) -> None:
    invited(attorney)
    sent = mail.outbox[-1]
    assert sent.to == ["vera@office.test"]
    for name in ("Vera", "Ana", "Harbor", "Caseapp"):
        assert name not in f"{sent.subject} {sent.body}"
    assert "Waiting for them to use the link" in attorney.client.get("/team/").content.decode()


def handed_over(attorney: Worker, **more: str) -> str:
    """Invite Vera without a mail; return the code of the link on the page."""
    response = attorney.client.post("/team/invite/", {**ASKED, "delivery": "hand", **more})
    assert response.status_code == 200
    assert response.headers["Cache-Control"].startswith("no-store")
    found = re.search(r"/join/#([\w-]+)", response.content.decode())
    assert found
    assert 'class="qr"' in response.content.decode()
    return found.group(1)


def test_without_mail_a_link_is_handed_over_and_today_names_who_waits(attorney: Worker) -> None:
    vera, ben = accepted(handed_over(attorney)), member(attorney.staff, "caseworker").client
    assert mail.outbox == []
    assert "Vera Lind" not in ben.get("/").content.decode(), "a caseworker approves nobody"
    today = attorney.client.get("/").content.decode()
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    assert "Vera Lind accepted your office's invitation and waits." in " ".join(unescape(today).split())
    assert f'href="{page}"' in today
    fingerprint = FINGERPRINT.search(attorney.client.get(page).content.decode())
    assert fingerprint
    attorney.client.post(page, {"act": "let_in", "fingerprint": fingerprint.group(1)})
    assert "Vera Lind" not in attorney.client.get("/").content.decode()
    assert vera.get("/").status_code in {200, 302, 303}


def test_a_form_for_a_link_sent_again_says_how_to_get_another_and_invites_once(
    attorney: Worker,
) -> None:
    mark = re.search(r'name="form_mark" value="([^"]+)"', attorney.client.get("/team/invite/").content.decode())
    assert mark
    handed_over(attorney, form_mark=mark[1])
    asked = {**ASKED, "delivery": "hand", "form_mark": mark[1]}
    again = attorney.client.post("/team/invite/", asked)
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    assert (again.status_code, again.headers["Location"]) == (303, page)
    assert "Withdraw the invitation and invite them again" in attorney.client.get(page).content.decode()
    assert len(invitations.list_open_invitations(attorney.staff)) == 1


def test_a_link_to_hand_over_is_shown_once_and_is_stored_nowhere(attorney: Worker) -> None:
    code = handed_over(attorney)
    pages = ("/team/", "/team/invite/", reverse("team:invitation", args=[_only_invitation(attorney.staff)]))
    assert all(code not in attorney.client.get(page).content.decode() for page in pages)


@pytest.mark.parametrize(("is_set", "chosen"), [(True, "mail"), (False, "hand")])
def test_an_office_without_a_mail_server_is_offered_the_link_first(attorney: Worker, is_set: bool, chosen: str) -> None:
    with override_settings(MAIL_IS_SET=is_set):
        html = attorney.client.get("/team/invite/").content.decode()
    assert re.search(rf'name="delivery" value="{chosen}"[^>]* checked', html)
    assert ("No mail server is set up yet" in html) is not is_set
    assert "You were asked to join a work account" in html  # what the letter looks like


def test_the_only_team_is_chosen_beforehand(attorney: Worker) -> None:
    team = attorney.staff.keys.teams[0].group
    assert re.search(
        rf'name="teams" value="{team}"[^>]* checked', attorney.client.get("/team/invite/").content.decode()
    )


def test_both_sides_see_the_same_six_words_and_then_she_is_in(attorney: Worker, case_id: UUID) -> None:
    team = attorney.staff.keys.teams[0].group
    vera = accepted(invited(attorney, teams=str(team)))
    assert vera.get("/").headers["Location"] == "/waiting/"
    hers = words_on(vera.get("/waiting/").content.decode())
    assert vera.get(reverse("cases:case", args=[case_id])).headers["Location"] == "/waiting/"
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    shown = attorney.client.get(page).content.decode()
    assert words_on(shown) == hers
    assert len(hers) == 6  # a word may come twice
    assert attorney.client.post(page, approval_on(shown)).status_code == 303
    assert vera.get("/").status_code == 200
    assert vera.get(reverse("cases:case", args=[case_id])).status_code == 200
    assert [p.name for p in groups.active_members_of(attorney.staff.keys, team)] == ["Ana Ruiz", "Vera Lind"]
    assert attorney.client.get(page).status_code == 404


def test_an_exchanged_key_shows_in_the_six_words(attorney: Worker) -> None:
    """Somebody with the link and the database answers in her place."""
    link = invited(attorney)
    vera = accepted(link)
    hers = words_on(vera.get("/waiting/").content.decode())
    other = invited(attorney, email="other@office.test", name="Other")
    accepted(other)
    with office_transaction(attorney.staff.org_id):
        rows = {w.record.name: w for w in invitations.list_open_invitations(attorney.staff)}
    assert rows["Other"].words != tuple(hers)
    assert rows["Vera Lind"].words == tuple(hers)


def _answer_with(attorney: Worker, **changed: bytes) -> None:
    """Write another answer into the only invitation's row, as a colleague can who holds the office's key."""
    staff = attorney.staff
    with office_transaction(staff.org_id):
        row = Invitation.objects.get(org_id=staff.org_id)
        given = invitations._open_answer(staff, row)
        assert given is not None
        answer = replace(given, **changed)
        key = invitations._open_record(staff, row).link_key
        sealed = blob.seal_blob(key, invitations.ANSWER_LABEL, (row.org_id, row.id), msgspec.msgpack.encode(answer))
        Invitation.objects.filter(org_id=row.org_id, id=row.id).update(answer=sealed)


def test_an_answer_exchanged_after_the_words_were_shown_is_not_approved(attorney: Worker) -> None:
    accepted(invited(attorney))
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    shown = attorney.client.get(page).content.decode()
    _answer_with(attorney, sign_public=hybrid.derive_verify_key(hybrid.new_signing_key()))
    for form in (approval_on(shown), {"act": "let_in"}):
        refused = attorney.client.post(page, form)
        assert refused.status_code == 422
        assert "It was not approved" in refused.content.decode()
    people = members.read_directory(attorney.staff.keys).active_people
    assert [person.name for person in people] == ["Ana Ruiz"]


def test_a_role_exchanged_after_it_was_shown_is_not_approved(attorney: Worker) -> None:
    accepted(invited(attorney))
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    shown = attorney.client.get(page).content.decode()
    staff = attorney.staff
    with office_transaction(staff.org_id):
        row = Invitation.objects.get(org_id=staff.org_id)
        asked = replace(invitations._open_record(staff, row), role="attorney", is_admin=True)
        sealed = blob.seal_blob(
            staff.keys.office_group.roster_key(), invitations.RECORD_LABEL, (row.org_id, row.id),
            msgspec.msgpack.encode(asked), step=1024,
        )  # fmt: skip
        Invitation.objects.filter(org_id=row.org_id, id=row.id).update(sealed=sealed)
    assert attorney.client.post(page, approval_on(shown)).status_code == 422
    assert len(members.read_directory(staff.keys).active_people) == 1


@pytest.mark.parametrize("public", [bytes(32), (1).to_bytes(32, "little"), b"\xec" + b"\xff" * 30 + b"\xff"])
def test_a_key_of_low_order_is_not_enrolled(attorney: Worker, public: bytes) -> None:
    accepted(invited(attorney))
    _answer_with(attorney, sign_public=public)
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    refused = attorney.client.post(page, approval_on(attorney.client.get(page).content.decode()))
    assert refused.status_code == 422
    assert "Their key is not usable" in refused.content.decode()
    assert len(members.read_directory(attorney.staff.keys).active_people) == 1


def test_a_link_works_once_for_three_days_and_not_after_it_was_taken_back(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, late, back = (invited(attorney, email=f"{n}@office.test") for n in ("one", "two", "three"))
    accepted(used)
    row = next(w for w in invitations.list_open_invitations(attorney.staff) if w.record.email == "three@office.test")
    attorney.client.post(reverse("team:invitation", args=[row.id]), {"act": "revoke"})
    stranger = Client(raise_request_exception=False)
    answers = [stranger.post("/join/", {"code": code}) for code in (used, late, back)]
    assert [answer.status_code for answer in answers] == [404, 200, 404]
    assert all("This link is not valid" in answers[n].content.decode() for n in (0, 2))
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=3, seconds=1))
    for step in ("", "make", "words"):
        assert stranger.post("/join/", {"code": late, "step": step}).status_code == 404
    states = {w.record.email: w.state for w in invitations.list_open_invitations(attorney.staff)}
    assert states == {"one@office.test": "pending", "two@office.test": "expired"}


@pytest.mark.parametrize("code", ["", "x", "é", "A" * 64, "A" * 5000, "\0"])
def test_a_link_that_was_never_sent_is_not_found(client: Client, code: str) -> None:
    client.raise_request_exception = False
    assert client.post("/join/", {"code": code}).status_code == 404
    assert client.post("/sign-in/return/", {"code": code, "act": "file"}).status_code == 404
    assert [client.get(f"{path}{quote(code or 'x')}/").status_code for path in OLD_ADDRESSES] == [404, 404]


def test_no_code_of_a_link_is_ever_in_an_address(attorney: Worker) -> None:
    """A browser sends no fragment, so that neither our log nor a proxy's, a history or a referrer has the code."""
    code = invited(attorney)
    (link,) = re.findall(r"http\S+", str(mail.outbox[-1].body))
    assert urlsplit(link).path == "/join/"
    assert urlsplit(link).fragment == code
    stranger = Client(raise_request_exception=False)
    box = stranger.get("/join/")
    assert (box.status_code, code in box.content.decode()) == (200, False)
    assert stranger.get(f"/join/?code={code}").content.decode().count(code) == 0
    shown = stranger.post("/join/", {"code": code}).content.decode()
    assert code in shown  # in hidden fields, which the next form sends in its body
    assert not re.search(rf'(href|action|src)="[^"]*{code}', shown)


def test_taking_an_answered_invitation_back_ends_the_account(attorney: Worker) -> None:
    vera = accepted(invited(attorney))
    page = reverse("team:invitation", args=[_only_invitation(attorney.staff)])
    assert attorney.client.post(page, {"act": "revoke"}).status_code == 303
    assert vera.get("/waiting/").headers["Location"].startswith("/sign-in/")
    with office_transaction(attorney.staff.org_id):
        assert (Member.objects.count(), Door.objects.count(), Invitation.objects.count()) == (1, 1, 0)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "ana@office.test"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "v" * 300 + "@office.test"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 5000}, "name"),
        ({"role": "boss"}, "role"),
        ({"teams": str(UUID(int=7))}, "teams"),
    ],
)
def test_a_bad_invitation_is_refused_at_its_field(attorney: Worker, changed: dict[str, str], field: str) -> None:
    response = attorney.client.post("/team/invite/", {**ASKED, **changed})
    assert response.status_code == 422
    assert f'id="id_{field}' in response.content.decode() or "There is a problem" in response.content.decode()
    assert not mail.outbox


def test_a_role_is_changed_and_the_last_admin_stays_one(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    path = reverse("team:member", args=[ben.staff.member_id])
    told = {"act": "role", "role": "attorney"}
    assert attorney.client.post(path, told).status_code == 303
    assert sessions.open(ben.client.cookies[settings.SESSION_COOKIE].value).role == "attorney"
    mine = reverse("team:member", args=[attorney.staff.member_id])
    assert attorney.client.post(mine, told).status_code == 422
    assert ben.client.post(path, told).status_code == 404, "only admins"


def test_a_new_team_and_somebody_let_into_it(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    assert attorney.client.post("/team/teams/new/", {"name": "Detained"}).status_code == 303
    path = reverse("team:member", args=[ben.staff.member_id])
    team = next(t for t in sessions.open(_token(attorney)).keys.teams if t != attorney.staff.keys.teams[0])
    assert attorney.client.post(path, {"act": "team", "group": str(team.group)}).status_code == 303
    assert ben.client.get(reverse("team:team", args=[team.group])).status_code == 200
    assert attorney.client.post("/team/teams/new/", {"name": "x" * 5000}).status_code == 422


def _token(worker: Worker) -> str:
    return worker.client.cookies[settings.SESSION_COOKIE].value


def test_a_case_is_shared_walled_off_and_widened_from_its_page(attorney: Worker, case_id: UUID) -> None:
    ben = member(attorney.staff, "caseworker")
    cast.volunteer_of(attorney.staff)
    vera = cast.signed_in("vera@office.test")
    path, page = reverse("cases:access", args=[case_id]), reverse("cases:case", args=[case_id])
    until = boxes("until", dt.date(2026, 12, 24))
    assert attorney.client.post(path, {"act": "share", "member": str(vera.member_id), **until}).status_code == 303
    assert "Vera Lind" in attorney.client.get(path).content.decode()
    told = sharing.access_summary(attorney.staff, attorney.file(case_id))
    assert attorney.client.post(path, {"act": "unshare", "share": str(told.shares[0].share_id)}).status_code == 303
    assert ben.client.get(page).status_code == 200
    assert attorney.client.post(path, {"act": "wall"}).status_code == 303
    assert ben.client.get(page).status_code == 404
    assert NAME.encode() not in ben.client.get("/cases/?show=team").content
    assert b"Restricted (ethical wall)" in attorney.client.get(path).content
    team = attorney.staff.keys.teams[0].group
    assert attorney.client.post(path, {"act": "move", "group": str(team)}).status_code == 303
    assert ben.client.get(page).status_code == 200


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"act": "share", "member": "x" * 5000}, 422),
        ({"act": "share", "member": ""}, 422),
        ({"act": "share_team", "group": "no id"}, 422),
        ({"act": "unshare", "share": "no id"}, 404),
        ({"act": "unshare", "share": str(UUID(int=7))}, 404),
        ({"act": "wall", "members": "no id"}, 422),
        ({"act": "destroy"}, 404),
        ({}, 404),
    ],
)
def test_what_cannot_be_shared_like_that_is_refused(
    attorney: Worker, case_id: UUID, told: dict[str, str], status: int
) -> None:
    assert attorney.client.post(reverse("cases:access", args=[case_id]), told).status_code == status


def test_these_pages_hide_from_another_office_and_write_nothing_by_get(
    attorney: Worker, outsider: Worker, case_id: UUID
) -> None:
    invited(attorney)
    row = _only_invitation(attorney.staff)
    for name, one in (
        ("cases:access", case_id),
        ("team:invitation", row),
        ("team:member", attorney.staff.member_id),
        ("team:team", attorney.staff.keys.teams[0].group),
    ):
        path = reverse(name, args=[one])
        assert outsider.client.get(path).status_code == 404, name
        assert outsider.client.post(path, {"act": "revoke"}).status_code in {404, 405}, name
        assert attorney.client.get(path + "?act=revoke").status_code == 200, name
    assert _only_invitation(attorney.staff) == row
    assert attorney.client.put("/team/invite/").status_code == 405
    assert b"Ana Ruiz" not in outsider.client.get("/team/").content


def test_whoever_is_in_two_teams_chooses_one_for_a_new_case(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    assert b"Which team" not in attorney.client.get("/cases/new/").content
    attorney.client.post("/team/teams/new/", {"name": "Detained"})
    keys = sessions.open(_token(attorney)).keys
    detained = keys.teams[1].group
    assert b"Which team" in attorney.client.get("/cases/new/").content
    assert attorney.client.post("/cases/new/", {"name": NAME, "group": str(uuid4())}).status_code == 422
    safe = dict.fromkeys(("phone_safe", "mail_safe", "address_safe"), "not_asked")
    told = {"name": NAME, "group": str(detained), "stage": "intake", **safe}
    made = attorney.client.post("/cases/new/", told)
    assert made.status_code == 303, made.content.decode()
    path = made.headers["Location"].partition("?")[0]
    assert attorney.client.get(path).status_code == 200
    assert ben.client.get(path).status_code == 404


def test_a_volunteer_in_no_team_opens_no_new_case(attorney: Worker) -> None:
    vera = member(attorney.staff, "volunteer")
    assert vera.client.get("/cases/new/").status_code == 404
    assert b"/cases/new/" not in vera.client.get("/account/").content


def test_removing_somebody_takes_their_name_typed_and_ends_their_session(attorney: Worker, case_id: UUID) -> None:
    ben = member(attorney.staff, "caseworker")
    path = f"/team/{ben.staff.member_id}/remove/"
    assert ben.client.get(f"/cases/{case_id}/").status_code == 200
    shown = attorney.client.get(path).content.decode()
    assert "cannot be taken back" in shown
    told = {"to": str(attorney.staff.member_id), "name": "Ben Okapi"}
    assert attorney.client.post(path, told).status_code == 422
    assert attorney.client.post(path, {"name": "ben okafor"}).status_code == 422, "somebody takes over"
    assert ben.client.get(f"/cases/{case_id}/").status_code == 200
    assert attorney.client.post(path, {**told, "name": " ben  OKAFOR "}).status_code == 303
    assert ben.client.get(f"/cases/{case_id}/").status_code == 302
    assert attorney.client.get(path).status_code == 404
    assert attorney.client.post(f"/cases/{case_id}/notes/new/", {"text": "after"}).status_code == 303
    assert "after" in attorney.client.get(f"/cases/{case_id}/").content.decode()


def test_the_only_admin_is_told_why_nobody_can_remove_them(attorney: Worker) -> None:
    shown = attorney.client.get(f"/team/{attorney.staff.member_id}/remove/").content.decode()
    assert "You cannot remove yourself" in shown
    assert "<form" not in shown.split("<main")[1].split("</main>")[0]  # the palette after it has one
