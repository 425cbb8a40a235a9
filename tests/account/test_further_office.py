"""A further office on one server: its own set-up link, its own code at sign-in, no word about the other office."""

import re
from collections.abc import Generator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caseapp.accounts.members import invitations
from caseapp.accounts.models import Door as SignInRow
from caseapp.accounts.recovery import member
from caseapp.accounts.signin import office_codes, sign_in, throttle
from caseapp.lib import setup_code
from caseapp.lib.errors import Refused
from tests.helpers import cast
from tests.helpers.first_member import EMAIL, Door
from tests.helpers.setting_up import OFFICE, send_words, set_up, shown_words

PATH = "/setup/office/"


@pytest.fixture
def waiting() -> Generator[tuple[UUID, str]]:
    """Id and set-up code of an office that `caseapp office new` prepared."""
    folder, org_id = Path(settings.SECRETS), uuid4()
    yield org_id, setup_code.create_office_code(folder, org_id)
    setup_code.destroy_office_code(folder, org_id)


def post_sign_in(client: Client, words: str, code: str = "") -> int:
    fields = {"email": EMAIL, "passphrase": words, "office_code": code}
    return client.post("/sign-in/", fields).status_code


@pytest.mark.django_db(transaction=True)
def test_a_further_office_is_set_up_with_its_own_link_and_the_same_address(
    ana: Door, stranger: Client, waiting: tuple[UUID, str]
) -> None:
    org_id, code = waiting
    words = set_up(stranger, code, path=PATH)
    sheet = stranger.get("/setup/recovery/").content.decode()
    shown = office_codes.compute_code(org_id)
    assert shown in sheet
    assert not (Path(settings.SECRETS) / "offices" / f"{org_id.hex}.code").exists()
    assert stranger.post(PATH, {"code": code}).status_code == 404

    first = sign_in.sign_in(EMAIL, cast.WORDS).staff
    further = sign_in.sign_in(EMAIL, words, office_code=f" {shown.upper()} ").staff
    assert (first.org_id, further.org_id) == (ana.signed_in.staff.org_id, org_id)
    assert SignInRow.objects.count() == 2


@pytest.mark.django_db
def test_words_open_only_the_office_whose_code_was_typed(ana: Door) -> None:
    further = cast.found_further(email=EMAIL)
    code, browser = office_codes.find_code(further.org_id), Client()
    assert office_codes.find_code(ana.signed_in.staff.org_id) == ""
    assert post_sign_in(browser, cast.OTHER_WORDS) == 422
    assert post_sign_in(browser, cast.WORDS, code) == 422
    assert post_sign_in(browser, cast.OTHER_WORDS, "0000-0000") == 422
    assert settings.OFFICE_COOKIE not in browser.cookies
    assert post_sign_in(browser, cast.OTHER_WORDS, code) == 303
    assert browser.cookies[settings.OFFICE_COOKIE].value == code
    assert post_sign_in(Client(), cast.WORDS) == 303


@pytest.mark.django_db
def test_a_browser_remembers_the_code_and_an_office_without_one_leaves_no_cookie(ana: Door) -> None:
    further = cast.found_further(email=EMAIL)
    code, browser, plain = office_codes.find_code(further.org_id), Client(), Client()
    post_sign_in(browser, cast.OTHER_WORDS, code)
    browser.post("/sign-out/")
    for path in ("/sign-in/", "/sign-in/lost/"):
        assert f'value="{code}"' in browser.get(path).content.decode()
    post_sign_in(plain, cast.WORDS)
    assert settings.OFFICE_COOKIE not in plain.cookies


@pytest.mark.django_db
def test_an_unknown_code_is_refused_like_an_unknown_address_and_costs_the_same_queries(ana: Door) -> None:
    further = cast.found_further(email=EMAIL)
    code = office_codes.find_code(further.org_id)
    seen = []
    for email, typed in ((EMAIL, code), (EMAIL, "0000-0000"), ("nobody@office.test", ""), ("nobody@office.test", code)):
        with CaptureQueriesContext(connection) as queries, pytest.raises(Refused, match="no_match"):
            sign_in.sign_in(email, "six other words that open nothing", office_code=typed)
        seen.append(len(queries))
    assert len(set(seen)) == 1, seen


@pytest.mark.django_db
def test_an_invitation_does_not_tell_that_another_office_has_the_address(ana: Door) -> None:
    further = cast.found_further(email="olena@office.test")
    assert invitations.create_invitation(further, _invite(EMAIL)), "an address of the first office"
    assert invitations.create_invitation(ana.signed_in.staff, _invite("olena@office.test"))
    with pytest.raises(Refused, match="email"):
        invitations.create_invitation(further, _invite("olena@office.test"))
    link = invitations.create_invitation(further, _invite(EMAIL))
    joined = invitations.accept(link, "hollow brass kettle fern dusk oar")
    assert joined.staff.org_id == further.org_id
    code = office_codes.find_code(further.org_id)
    assert sign_in.find_member(EMAIL, code) == (further.org_id, joined.staff.member_id)
    assert sign_in.find_member(EMAIL) == (ana.signed_in.staff.org_id, ana.signed_in.staff.member_id)


def _invite(email: str) -> invitations.NewInvitation:
    return invitations.NewInvitation(email=email, name="Tesfaye Bekele", role="caseworker")


@pytest.mark.django_db
def test_a_lost_account_is_found_by_address_and_code(ana: Door) -> None:
    further = cast.found_further(email=EMAIL)
    code = office_codes.find_code(further.org_id)
    of_first = member.create_link(EMAIL, address="")
    of_further = member.create_link(EMAIL, address="", office_code=code)
    assert of_first is not None
    assert of_further is not None
    assert member.find_link(of_first.token).org_id == ana.signed_in.staff.org_id
    assert member.find_link(of_further.token).org_id == further.org_id
    assert member.create_link(EMAIL, address="", office_code="0000-0000") is None


@pytest.mark.django_db
def test_the_page_of_a_further_office_tells_nothing_about_the_server(
    ana: Door, stranger: Client, waiting: tuple[UUID, str]
) -> None:
    while_waiting = _without_token(stranger.get(PATH).content)
    wrong = stranger.post(PATH, {"code": "00000-00000-00000-00000-00000"})
    assert wrong.status_code == 404
    setup_code.destroy_office_code(Path(settings.SECRETS), waiting[0])
    assert _without_token(stranger.get(PATH).content) == while_waiting
    later = stranger.post(PATH, {"code": "00000-00000-00000-00000-00000"})
    assert (later.status_code, _without_token(later.content)) == (404, _without_token(wrong.content))


def _without_token(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["", "office", "words", "back"])
@pytest.mark.parametrize("typed", ["", "wrong"])
def test_no_step_of_a_further_office_goes_on_without_its_code(
    ana: Door, stranger: Client, waiting: tuple[UUID, str], step: str, typed: str
) -> None:
    fields = {"step": step, "proof": "x", "words": cast.WORDS, "code": typed, **OFFICE}
    answer = stranger.post(PATH, fields)
    assert answer.status_code == 404
    assert "office_name" not in answer.content.decode()
    assert SignInRow.objects.count() == 1


@pytest.mark.django_db
def test_a_name_of_5000_characters_and_a_code_of_5000_are_refused(
    ana: Door, stranger: Client, waiting: tuple[UUID, str]
) -> None:
    fields = {"step": "office", "code": waiting[1], **OFFICE, "member_name": "x" * 5000}
    assert stranger.post(PATH, fields).status_code == 422
    assert stranger.post(PATH, {"code": "x" * 5000}).status_code == 404
    assert post_sign_in(stranger, cast.WORDS, "x" * 5000) == 422


@pytest.mark.django_db
def test_wrong_codes_of_further_offices_are_throttled(ana: Door, stranger: Client, waiting: tuple[UUID, str]) -> None:
    statuses = [
        stranger.post(PATH, {"code": "wrong"}, REMOTE_ADDR="203.0.113.7").status_code for _ in range(throttle.SETUP + 1)
    ]
    assert statuses == [404] * throttle.SETUP + [429]
    assert stranger.post(PATH, {"code": waiting[1]}, REMOTE_ADDR="198.51.100.9").status_code == 200


@pytest.mark.django_db
def test_the_codes_of_first_and_further_offices_open_only_their_own_page(
    stranger: Client, code: str, waiting: tuple[UUID, str]
) -> None:
    assert stranger.post("/setup/", {"code": waiting[1]}).status_code == 404
    assert stranger.post(PATH, {"code": code}).status_code == 404


@pytest.mark.django_db
def test_an_office_is_founded_once_even_if_its_code_is_still_there(
    ana: Door, stranger: Client, waiting: tuple[UUID, str]
) -> None:
    org_id, code = waiting
    set_up(stranger, code, path=PATH)  # the test's transaction does not commit, so the code is still there
    other = Client(raise_request_exception=False)
    page = other.post(PATH, {"step": "office", "code": code, **OFFICE}).content.decode()
    refused = send_words(other, page, code, shown_words(page), path=PATH)
    assert refused.status_code == 422
    assert "already set up" in refused.content.decode()
    assert SignInRow.objects.filter(org_id=org_id).count() == 1
