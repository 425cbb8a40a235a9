"""First run, after the set-up code: role and country are asked, and six steps lead to the first colleague."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.fixtures import Settings

from caseapp.accounts.keys import permissions
from caseapp.accounts.signin import factors, sessions
from caseapp.casefile import office_law
from caseapp.lib import clock
from caseapp.reminders import recipients
from caseapp.ui.forms import set_up_steps
from caseapp.ui.forms.zones import common_zones
from caseapp.vault.core import onetime
from caseapp.vault.tenancy import office_transaction
from tests.helpers import authenticator_app
from tests.helpers.first_member import EMAIL, Door
from tests.helpers.flash import redirect_of
from tests.helpers.setting_up import OFFICE, hidden, set_up
from tests.helpers.smtp import Box, post_office
from tests.helpers.two_offices import Worker
from tests.team.test_members import ASKED, invited

FACTOR, RECOVERY, MAIL = "/setup/factor/", "/setup/recovery/", "/setup/mail/"


def _post(client: Client, code: str, step: str, **changed: str) -> Any:
    return client.post("/setup/", {"step": step, "code": code, **OFFICE, **changed})


def _checked(page: str, name: str) -> list[str]:
    """The values of the chosen boxes of one name."""
    tags = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    return [value[1] for tag in tags if "checked" in tag and (value := re.search(r'value="([^"]*)"', tag))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("missing", "step", "sentence"),
    [
        ("country", "you", "Choose the country of your office."),
        ("role", "office", "Choose your role."),
    ],
)
def test_set_up_asks_for_the_role_and_the_country_and_guesses_neither(
    stranger: Client, code: str, missing: str, step: str, sentence: str
) -> None:
    answer = _post(stranger, code, step, **{missing: ""})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert _checked(answer.content.decode(), missing) == []


@pytest.mark.django_db
def test_a_caseworker_may_set_up_an_office_and_does_not_supervise_it(stranger: Client, code: str) -> None:
    refused = _post(stranger, code, "office", role="caseworker")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "A supervising attorney is an attorney or accredited representative." in page
    assert _checked(page, "role") == ["caseworker"]
    assert 'value="Ana Ruiz"' in page
    assert 'value="Harbor Legal Aid"' in page, "what was typed on the page before is kept"


@pytest.mark.django_db(transaction=True)
def test_the_role_and_country_of_the_set_up_are_those_of_the_office(
    stranger: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An office of French lawyers whose clock is that of New York."""
    for name, value in {"country": "FR", "role": "caseworker", "is_supervising": "no"}.items():
        monkeypatch.setitem(OFFICE, name, value)
    set_up(stranger, code)
    staff = sessions.open(stranger.cookies[settings.SESSION_COOKIE].value)
    assert (staff.role, staff.country, staff.zone) == (permissions.CASEWORKER, "FR", "America/New_York")
    with office_transaction(staff.org_id):
        office = office_law.law_of(staff.keys).office
    assert (office.country, office_law.packs_in_use(office)) == ("FR", frozenset(("france",)))


@pytest.mark.django_db
def test_going_back_keeps_what_was_typed_about_the_office_and_about_you(stranger: Client, code: str) -> None:
    page = _post(stranger, code, "back", office_name="Ridge Law Clinic").content.decode()
    assert 'value="Ridge Law Clinic"' in page
    assert hidden(page, "member_name") == "Ana Ruiz"
    again = _post(stranger, code, "you").content.decode()
    assert 'value="Ana Ruiz"' in again
    assert _checked(again, "is_supervising") == ["yes"]


@pytest.mark.django_db
def test_the_page_of_the_office_has_the_zones_for_its_script_until_one_was_chosen(stranger: Client, code: str) -> None:
    first = stranger.post("/setup/", {"code": code}).content.decode()
    assert "data-office-zone=" in first
    assert "America/Indiana/Knox&quot;: &quot;US&quot;" in first
    assert "Europe/Paris&quot;: &quot;FR&quot;" in first
    assert "data-office-zone=" not in _post(stranger, code, "back").content.decode()
    assert {zone for zone, _label in common_zones()} >= {"America/Chicago", "Europe/Paris"}


@pytest.mark.django_db
def test_each_step_says_its_number_and_how_long_it_takes(stranger: Client, code: str) -> None:
    office = stranger.post("/setup/", {"code": code}).content.decode()
    minutes = [set_up_steps.step_context(number)["minutes"] for number in range(1, 7)]
    assert f"6 steps, about {sum(minutes)} minutes." in office
    assert "Step 1 of 6 · about 1 minute\n" in office
    assert "Step 2 of 6 · about 3 minutes\n" in _post(stranger, code, "you").content.decode()
    assert "Step 2 of 6 · about 3 minutes\n" in _post(stranger, code, "office").content.decode()


def test_an_app_added_in_step_3_counts_and_leads_to_the_recovery_code(newcomer: Door) -> None:
    page = newcomer.client.get(FACTOR).content.decode()
    assert "Step 3 of 6" in page
    secret = hidden(page, "proof")
    wrong = newcomer.client.post(FACTOR, {"act": "app", "proof": secret, "code": "000000"})
    assert wrong.status_code == 422
    assert hidden(wrong.content.decode(), "proof") == secret, "the app that was scanned stays the right one"
    code = authenticator_app.code_at(onetime.parse_secret(secret), int(clock.now().timestamp()))
    done = newcomer.client.post(FACTOR, {"act": "app", "proof": secret, "code": code})
    assert redirect_of(done) == (303, RECOVERY, "factor-added")
    assert [held.means.kind for held in factors.list_factors(newcomer.signed_in.staff.keys)] == ["app"]
    staff = sessions.open(newcomer.token)
    assert staff.presence is not None
    assert staff.presence.has_factor
    assert "Step 4 of 6" in newcomer.client.get(RECOVERY).content.decode()


def test_step_3_is_over_once_the_recovery_code_is_set(ana: Door) -> None:
    assert ana.client.get(FACTOR).headers["Location"] == RECOVERY
    assert ana.client.get(RECOVERY).headers["Location"] == "/"


def test_later_leads_to_the_recovery_code_and_other_acts_to_nothing(newcomer: Door) -> None:
    assert newcomer.client.post(FACTOR, {"act": "later"}).headers["Location"] == RECOVERY
    assert newcomer.client.post(FACTOR, {"act": "x"}).status_code == 404
    assert newcomer.client.post(FACTOR, {"act": "app", "proof": "x" * 5000, "code": "1"}).status_code in {303, 422}
    assert newcomer.client.post(FACTOR, {"act": "passkey", "answer": "x" * 30_000}).status_code == 422
    assert factors.list_factors(newcomer.signed_in.staff.keys) == ()


def test_without_mail_step_5_says_that_reminders_are_not_going_out(attorney: Worker, settings: Settings) -> None:
    page = attorney.client.get(MAIL).content.decode()
    assert "Step 5 of 6" in page
    assert "No mail server is set up yet: reminders are not going out." in page
    assert 'href="/team/invite/?step=first"' in page
    settings.MAIL_IS_SET = True
    assert "No mail server is set up yet" not in attorney.client.get(MAIL).content.decode()


def test_a_test_mail_of_step_5_arrives_and_today_is_no_longer_red(attorney: Worker, box: Box) -> None:
    red = "No mail server is set up yet: reminders are not going out."
    assert red in attorney.client.get("/").content.decode()
    box.refuse = True
    failed = attorney.client.post(MAIL)
    assert failed.status_code == 422
    assert "There is a problem" in failed.content.decode()
    assert "works" not in failed.content.decode()
    assert red in attorney.client.get("/").content.decode()
    box.refuse = False
    assert redirect_of(attorney.client.post(MAIL)) == (303, MAIL, "test-sent")
    assert [letter["To"] for letter in box.letters] == [EMAIL]
    assert "works, Tue, Nov 24, 2026" in attorney.client.get(MAIL).content.decode()
    assert red not in attorney.client.get("/").content.decode()
    with office_transaction(attorney.staff.org_id):
        assert recipients.of_office(attorney.staff.org_id)[0].settings.state == "works"


def test_the_last_step_is_the_page_that_invites_and_today_follows_it(attorney: Worker) -> None:
    page = attorney.client.get("/team/invite/?step=first").content.decode()
    assert "Step 6 of 6" in page
    assert _checked(page, "teams") == [str(attorney.staff.keys.teams[0].group)], "the only team is chosen"
    sent = attorney.client.post("/team/invite/?step=first", {**ASKED, "delivery": "hand"}).content.decode()
    assert "Done: go to Today" in sent
    assert "Step 1 of" not in attorney.client.get("/team/invite/").content.decode()


@pytest.mark.parametrize("is_set", [True, False])
def test_with_mail_the_page_that_invites_shows_the_letter_and_says_to_call_first(
    attorney: Worker, settings: Settings, is_set: bool
) -> None:
    settings.MAIL_IS_SET = is_set
    page = attorney.client.get("/team/invite/").content.decode()
    assert "call them first and announce it" in page
    letters = re.search(r'<details class="card"( open)?>(.*?)</details>', page, re.DOTALL)
    assert letters is not None
    assert bool(letters[1]) is is_set
    assert "You were asked to join a work account. The link ends in 3 days." in letters[2]


def test_an_invited_colleague_sees_the_steps_of_an_invitation(attorney: Worker) -> None:
    code = invited(attorney)
    client = Client()
    shown = client.post("/join/", {"code": code, "step": "make"}).content.decode()
    words = re.findall(r"<li>([a-z-]+)</li>", shown)[:6]
    told = {"code": code, "step": "words", "proof": hidden(shown, "proof"), "words": " ".join(words)}
    assert client.post("/join/", told).headers["Location"] == RECOVERY
    sheet = client.get(RECOVERY).content.decode()
    assert "Compare words" in sheet
    assert "of 6" not in sheet
    assert client.get(FACTOR).headers["Location"] == RECOVERY


@pytest.fixture
def box(settings: Settings) -> Any:
    with post_office() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        yield running
