"""Lock-down: everybody is out at once, only admins come back in, reminders go on, and it is lifted again."""

import argparse
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caseapp.accounts.directory import grants
from caseapp.accounts.errors import SessionGone, StepUpNeeded
from caseapp.accounts.keys.permissions import CASEWORKER
from caseapp.accounts.members import lockdown
from caseapp.accounts.models import OfficeState, Session
from caseapp.accounts.signin import reauthentication, sessions, sign_in
from caseapp.cases.services import notes
from caseapp.cli import lockdown as command
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.document import Document
from caseapp.vault.tenancy import office_transaction
from tests.helpers.cast import WORDS, signed_in
from tests.helpers.two_offices import Worker
from tests.team.test_members import member
from tests.trail.test_what_is_recorded import trail_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PAGE = "/team/lockdown/"
BEGIN = {"act": "begin", "sure": "on"}


def come_in(email: str) -> Client:
    """A browser after a good sign-in."""
    client = Client(raise_request_exception=False)
    answer = client.post("/sign-in/", {"email": email, "passphrase": WORDS})
    assert answer.status_code == 303, answer.content.decode()
    return client


def test_an_admin_locks_down_everybody_is_out_and_the_admin_lifts_it_again(attorney: Worker, case_id: UUID) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    path = reverse("cases:case", args=[case_id])
    assert colleague.client.get(path).status_code == 200

    locked = attorney.client.post(PAGE, BEGIN)
    assert (locked.status_code, locked["Location"]) == (303, "/sign-in/")
    for worker in (attorney, colleague):
        assert worker.client.get(path)["Location"].startswith("/sign-in/")
    assert not Session.objects.filter(org_id=attorney.staff.org_id).exists()

    refused = Client().post("/sign-in/", {"email": "ben@office.test", "passphrase": WORDS})
    assert refused.status_code == 422
    assert b"The office is locked down. Only an admin can sign in until it is lifted." in refused.content
    assert settings.SESSION_COOKIE not in refused.cookies
    assert not Session.objects.filter(org_id=attorney.staff.org_id).exists()

    admin = come_in("ana@office.test")
    html = admin.get(path).content.decode()
    assert "The office is locked down." in html
    assert "Restore access" in admin.get(PAGE).content.decode()
    lifted = admin.post(PAGE, {"act": "end"})
    assert lifted.status_code == 303
    assert come_in("ben@office.test").get(path).status_code == 200
    whats = [told.what for told in trail_of(attorney.staff)]
    assert [what for what in whats if what.startswith("lockdown")] == ["lockdown.begin", "lockdown.end"]


def test_a_session_whose_row_is_put_back_opens_nothing(attorney: Worker) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    kept = list(Session.objects.filter(org_id=colleague.staff.org_id))
    lockdown.begin(attorney.staff)
    Session.objects.bulk_create(kept)
    with office_transaction(attorney.staff.org_id):
        OfficeState.objects.filter(org_id=attorney.staff.org_id).update(locked_down=False)
    assert colleague.client.get("/")["Location"].startswith("/sign-in/")


def test_nobody_is_given_a_key_and_nothing_is_downloaded_while_it_lasts(attorney: Worker, case_id: UUID) -> None:
    paper = SimpleUploadedFile("passport.txt", b"A paper.", content_type="text/plain")
    attorney.client.post(reverse("documents:papers", args=[case_id]), {"papers": paper})
    document = attorney.file(case_id).entries_of(Document)[0].id
    lockdown.begin(attorney.staff)
    admin = come_in("ana@office.test")
    download = admin.get(reverse("documents:download", args=[document]))
    assert download.status_code == 422
    assert b"A paper." not in download.content
    staff = signed_in("ana@office.test")
    with pytest.raises(Refused, match="locked_down"), office_transaction(staff.org_id):
        grants.refuse_while_locked_down(staff.org_id)
    notes.add_note(staff, case_id, text="Written while locked down.")  # an admin can work; reminders are planned


def test_only_an_admin_with_a_fresh_look_may(attorney: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    assert colleague.client.get(PAGE).status_code == 404
    assert colleague.client.post(PAGE, BEGIN).status_code == 404
    with pytest.raises(NotFound):
        lockdown.begin(colleague.staff)

    def stale(_: object) -> None:
        raise StepUpNeeded("too long ago")

    monkeypatch.setattr(reauthentication, "require", stale)
    assert attorney.client.post(PAGE, BEGIN).status_code == 403
    with office_transaction(attorney.staff.org_id):
        assert not lockdown.is_on(attorney.staff.org_id)


@pytest.mark.parametrize("sent", [{"act": "begin"}, {"act": "begin", "sure": ""}, {"act": "x" * 5_000}, {}])
def test_a_slip_locks_nobody_out(attorney: Worker, sent: dict[str, str]) -> None:
    assert attorney.client.post(PAGE, sent).status_code in {404, 422}
    assert attorney.client.get(PAGE, BEGIN).status_code == 200
    with office_transaction(attorney.staff.org_id):
        assert not lockdown.is_on(attorney.staff.org_id)


def test_another_office_goes_on(attorney: Worker, outsider: Worker) -> None:
    lockdown.begin(attorney.staff)
    assert outsider.client.get("/").status_code == 200


def test_whoever_runs_the_server_locks_down_and_lifts_it_without_any_key(
    attorney: Worker, outsider: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(argparse.Namespace(end=False, office=None)) == 0
    assert "only admins can sign in" in capsys.readouterr().out
    for worker in (attorney, outsider):
        assert worker.client.get("/")["Location"].startswith("/sign-in/")
    member_session = sign_in.sign_in("ana@office.test", WORDS)
    assert member_session.staff.locked_down
    assert command.run(argparse.Namespace(end=True, office=None)) == 0
    assert not signed_in("ana@office.test").locked_down


def test_the_command_locks_one_office_down_and_lifts_it_and_the_others_stay_as_they_are(
    attorney: Worker, outsider: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    office = attorney.staff.org_id
    shown = attorney.client.get(PAGE).content.decode()
    assert f"caseapp lockdown --end --office {office}" in shown
    assert command.run(argparse.Namespace(end=False, office=office)) == 0
    assert f"caseapp lockdown --end --office {office}\n" in capsys.readouterr().out
    assert attorney.client.get("/")["Location"].startswith("/sign-in/")
    assert outsider.client.get("/").status_code == 200

    lockdown.begin(outsider.staff)  # by its own admin: lifting it is not the business of the first office
    assert command.run(argparse.Namespace(end=True, office=office)) == 0
    for worker, is_locked in ((attorney, False), (outsider, True)):
        with office_transaction(worker.staff.org_id):
            assert lockdown.is_on(worker.staff.org_id) == is_locked

    assert command.run(argparse.Namespace(end=False, office=uuid4())) == 1
    assert "There is no office with this id" in capsys.readouterr().out
    with office_transaction(office):
        assert not lockdown.is_on(office)


def test_a_member_between_passphrase_and_page_is_out_too(attorney: Worker) -> None:
    colleague = member(attorney.staff, CASEWORKER)
    lockdown.begin(attorney.staff)
    with pytest.raises(Refused, match="locked_down"):
        sign_in.sign_in("ben@office.test", WORDS)
    with pytest.raises(SessionGone):
        sessions.open(colleague.client.cookies[settings.SESSION_COOKIE].value)
