"""First run: only a person with the server's set-up code sets up the office, and an interrupted set-up goes on."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from caseapp.accounts.directory import members
from caseapp.accounts.members import new_office
from caseapp.accounts.models import Door as SignInRow
from caseapp.accounts.signin import recovery_code, sessions, sign_in, throttle
from caseapp.lib import setup_code
from tests.helpers.cast import WORDS
from tests.helpers.first_member import EMAIL, Door
from tests.helpers.flash import redirect_of
from tests.helpers.putting_back import superuser
from tests.helpers.setting_up import OFFICE, hidden, send_words, set_up, shown_words

OTHER_EMAIL = "tomas@office.test"


@pytest.mark.django_db
def test_the_six_words_are_typed_back_and_open_the_office(stranger: Client, code: str) -> None:
    words = set_up(stranger, code)
    assert len(words.split()) == 6
    assert sign_in.sign_in(EMAIL, words).staff.name == "Ana Ruiz"


@pytest.mark.django_db
def test_words_may_be_typed_with_capitals_and_line_breaks(stranger: Client, code: str) -> None:
    page = stranger.post("/setup/", {"step": "office", "code": code, **OFFICE}).content.decode()
    typed = shown_words(page).title().replace(" ", "\n")
    answer = send_words(stranger, page, code, typed)
    assert answer.status_code == 303


@pytest.mark.django_db
def test_other_words_than_the_shown_ones_found_nothing(stranger: Client, code: str) -> None:
    page = stranger.post("/setup/", {"step": "office", "code": code, **OFFICE}).content.decode()
    answer = send_words(stranger, page, code, WORDS)
    assert answer.status_code == 422
    assert "These are not the six words" in answer.content.decode()
    assert new_office.needs_setup()


@pytest.mark.django_db
def test_the_words_are_in_no_field_of_the_page(stranger: Client, code: str) -> None:
    page = stranger.post("/setup/", {"step": "office", "code": code, **OFFICE}).content.decode()
    fields = " ".join(re.findall(r"<input[^>]*>", page))
    assert not any(word in fields for word in shown_words(page).split() if len(word) > 5)


@pytest.mark.django_db
def test_office_details_that_are_missing_are_named_and_the_rest_is_kept(stranger: Client, code: str) -> None:
    answer = stranger.post("/setup/", {"step": "office", "code": code, **OFFICE, "office_name": " "})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter the name of your office." in page
    assert 'value="Ana Ruiz"' in page
    assert "<title>Problem: " in page


@pytest.mark.django_db
def test_set_up_asks_for_the_supervising_attorney_and_does_not_guess(stranger: Client, code: str) -> None:
    unanswered = {name: value for name, value in OFFICE.items() if name not in {"is_supervising", "role"}}
    answer = stranger.post("/setup/", {"step": "office", "code": code, **unanswered})
    assert answer.status_code == 422
    assert "Say who the supervising attorney is." in answer.content.decode()
    assert "checked" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("answer", "is_marked"), [("yes", True), ("no", False)])
def test_the_answer_at_set_up_is_in_the_signed_directory(
    stranger: Client, code: str, monkeypatch: pytest.MonkeyPatch, answer: str, is_marked: bool
) -> None:
    monkeypatch.setitem(OFFICE, "is_supervising", answer)
    set_up(stranger, code)
    staff = sessions.open(stranger.cookies[settings.SESSION_COOKIE].value)
    (ana,) = members.read_directory(staff.keys).people
    assert (ana.is_admin, ana.is_supervising) == (True, is_marked)


@pytest.mark.django_db
def test_a_name_of_5000_characters_is_refused(stranger: Client, code: str) -> None:
    answer = stranger.post("/setup/", {"step": "office", "code": code, **OFFICE, "member_name": "x" * 5000})
    assert answer.status_code == 422


def test_set_up_is_gone_once_an_office_exists(ana: Door, stranger: Client, code: str) -> None:
    assert stranger.get("/setup/").status_code == 404
    assert stranger.post("/setup/", {"code": code}).status_code == 404
    assert stranger.post("/setup/", {"step": "office", "code": code, **OFFICE}).status_code == 404


def test_every_page_leads_to_the_recovery_code_until_it_is_typed_back(newcomer: Door) -> None:
    answer = newcomer.client.get("/account/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/recovery/")
    page = newcomer.client.get("/setup/recovery/").content.decode()
    shown = re.search(r'<p class="code"[^>]*>([^<]+)</p>', page)
    assert shown is not None
    typed = {"proof": hidden(page, "proof"), "typed": shown[1].lower().replace("-", " ")}
    assert redirect_of(newcomer.client.post("/setup/recovery/", typed)) == (303, "/setup/mail/", "set-up")
    assert newcomer.client.get("/account/").status_code == 200


def test_a_wrong_recovery_code_is_refused_and_the_code_is_not_shown_again(newcomer: Door) -> None:
    page = newcomer.client.get("/setup/recovery/").content.decode()
    other = recovery_code.propose_recovery_code(newcomer.signed_in.staff)
    answer = newcomer.client.post("/setup/recovery/", {"proof": hidden(page, "proof"), "typed": other})
    assert answer.status_code == 422
    assert "not the code on the sheet" in answer.content.decode()
    assert 'class="code"' not in answer.content.decode()


@pytest.mark.django_db
def test_the_first_visitor_of_a_new_server_reads_how_the_operator_sets_it_up(stranger: Client, code: str) -> None:
    answer = stranger.get("/", follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Not set up yet" in page
    assert "caseapp setup-link" in page
    assert "/setup/" not in page
    assert code not in page
    assert "<form" not in page


@pytest.mark.django_db
def test_set_up_shows_only_a_box_for_the_code(stranger: Client, code: str) -> None:
    page = stranger.get("/setup/").content.decode()
    names = set(re.findall(r'<(?:input|select|textarea)[^>]*name="([^"]+)"', page))
    assert names == {"csrfmiddlewaretoken", "code"}
    assert code not in page


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["", "office", "words", "back"])
@pytest.mark.parametrize("typed", [None, "", "wrong", "00000-00000-00000-00000-00000"])
def test_no_step_goes_on_without_the_code(stranger: Client, code: str, step: str, typed: str | None) -> None:
    fields = {"step": step, "proof": "x", "words": WORDS, **OFFICE} | ({} if typed is None else {"code": typed})
    answer = stranger.post("/setup/", fields)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "This is not the set-up code of this server." in page
    assert "office_name" not in page
    assert new_office.needs_setup()


@pytest.mark.django_db
def test_no_code_opens_set_up_where_the_file_is_missing(stranger: Client) -> None:
    setup_code.destroy_code(Path(settings.SECRETS))
    for typed in ("", "None", "0"):
        assert stranger.post("/setup/", {"code": typed}).status_code == 404


@pytest.mark.django_db
def test_the_code_is_taken_with_capitals_spaces_and_misread_letters(stranger: Client) -> None:
    folder = Path(settings.SECRETS)
    (folder / "setup.code").write_text("0a1b2-c3d4e-00000-11111-zzzzz")
    assert stranger.post("/setup/", {"code": " OAlB2 c3d4e ooooo IiLl1 ZZZZZ "}).status_code == 200
    assert stranger.post("/setup/", {"code": "0a1b2-c3d4e-00000-11111-zzzzy"}).status_code == 404
    setup_code.destroy_code(folder)


@pytest.mark.django_db
def test_wrong_codes_are_throttled_for_their_network_only(stranger: Client, code: str) -> None:
    statuses = [
        stranger.post("/setup/", {"code": "wrong"}, REMOTE_ADDR="203.0.113.7").status_code
        for _ in range(throttle.SETUP + 1)
    ]
    assert statuses == [404] * throttle.SETUP + [429]
    limited = stranger.post("/setup/", {"code": code}, REMOTE_ADDR="203.0.113.7")
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 60
    assert code not in limited.content.decode()
    assert stranger.post("/setup/", {"code": code}, REMOTE_ADDR="198.51.100.9").status_code == 200


@pytest.mark.django_db
def test_right_codes_are_not_counted(stranger: Client, code: str) -> None:
    for _ in range(throttle.SETUP + 5):
        assert stranger.post("/setup/", {"code": code}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_code_is_destroyed_once_the_office_is_committed(stranger: Client, code: str) -> None:
    set_up(stranger, code)
    assert not (Path(settings.SECRETS) / "setup.code").exists()
    assert Client().get("/setup/").status_code == 404
    assert Client().post("/setup/", {"code": code}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_set_up_that_fails_keeps_the_code(stranger: Client, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = stranger.post("/setup/", {"step": "office", "code": code, **OFFICE}).content.decode()

    def fail(*_: object, **__: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr("caseapp.reminders.recipients.set_address", fail)
    assert send_words(stranger, page, code, shown_words(page)).status_code == 500
    assert new_office.needs_setup()
    monkeypatch.undo()
    set_up(Client(), code)


@pytest.mark.django_db(transaction=True)
def test_of_two_set_ups_at_once_one_founds_the_office(code: str) -> None:
    """Both have the right code and different addresses, and are in their transactions before either writes a row."""
    clients = [Client(raise_request_exception=False) for _ in range(2)]
    pages = [c.post("/setup/", {"step": "office", "code": code, **OFFICE}).content.decode() for c in clients]

    def finish(client: Client, page: str, email: str) -> int:
        try:
            return send_words(client, page, code, shown_words(page), email=email).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        with superuser() as gate, gate.transaction():
            gate.execute("LOCK TABLE accounts_door IN SHARE MODE")  # reading passes, writing waits
            answers = [pool.submit(finish, *each) for each in zip(clients, pages, (EMAIL, OTHER_EMAIL), strict=True)]
            wait_until_blocked(gate, 2)
        statuses = sorted(answer.result() for answer in answers)
    assert statuses == [303, 422]
    assert SignInRow.objects.values("org_id").distinct().count() == 1


def wait_until_blocked(gate: "psycopg.Connection[Any]", number: int) -> None:
    """Wait until this many connections to the test's database wait for a lock."""
    give_up = time.monotonic() + 60
    query = (
        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    while gate.execute(query).fetchall() != [(number,)]:
        assert time.monotonic() < give_up, "the set-ups did not both arrive"
        time.sleep(0.01)


@pytest.mark.django_db(transaction=True)
def test_a_set_up_interrupted_before_the_recovery_code_goes_on_after_sign_in(stranger: Client, code: str) -> None:
    words = set_up(stranger, code)
    other = Client()
    assert "Sign in" in other.get("/", follow=True).content.decode()
    assert other.post("/sign-in/", {"email": EMAIL, "passphrase": words}).status_code == 303
    assert other.get("/").headers["Location"] == "/setup/recovery/"
    page = other.get("/setup/recovery/").content.decode()
    shown = re.search(r'<p class="code"[^>]*>([^<]+)</p>', page)
    assert shown is not None
    typed = {"proof": hidden(page, "proof"), "typed": shown[1]}
    assert redirect_of(other.post("/setup/recovery/", typed)) == (303, "/setup/mail/", "set-up")
    assert other.get("/", follow=True).status_code == 200


@pytest.mark.django_db
def test_the_code_is_in_no_address_cookie_or_header(stranger: Client, code: str) -> None:
    answers: list[Any] = [stranger.post("/setup/", {"code": code})]
    answers.append(stranger.post("/setup/", {"step": "office", "code": code, **OFFICE}))
    answers.append(send_words(stranger, answers[1].content.decode(), code, shown_words(answers[1].content.decode())))
    for answer in answers:
        assert code not in str(answer.headers)
        assert code not in str(answer.cookies)
        assert answer.headers["Cache-Control"] == "no-store"
