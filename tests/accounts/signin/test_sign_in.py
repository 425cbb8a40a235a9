"""Coming in: what opens a bundle, what does not, and what a session is worth without its cookie."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caseapp.accounts.errors import FactorNeeded, SessionGone, SessionLocked
from caseapp.accounts.keys import word_list
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member, Session
from caseapp.accounts.signin import recovery_code, sessions, sign_in
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault import shred_keys
from caseapp.vault.core import bundle
from caseapp.vault.core.session import session_row_key
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
EMAIL = "ana@office.test"


@pytest.fixture
def attorney() -> Staff:
    return cast.found(email=EMAIL)


def test_the_passphrase_opens_whatever_the_spaces_and_the_case_of_the_address(attorney: Staff) -> None:
    typed = "  " + cast.WORDS.replace(" ", " \n ") + " "
    assert sign_in.sign_in(" ANA@office.test ", typed).staff.member_id == attorney.member_id


@pytest.mark.parametrize("passphrase", ["", "wrong", cast.WORDS + " more", cast.WORDS.upper()])
def test_another_passphrase_does_not(attorney: Staff, passphrase: str) -> None:
    with pytest.raises(Refused) as refusal:
        sign_in.sign_in(EMAIL, passphrase)
    assert refusal.value.code == "no_match"


def test_an_unknown_address_gets_the_same_sentence(attorney: Staff) -> None:
    with pytest.raises(Refused) as unknown:
        sign_in.sign_in("nobody@office.test", cast.WORDS)
    with pytest.raises(Refused) as wrong:
        sign_in.sign_in(EMAIL, "wrong")
    assert (unknown.value.code, unknown.value.sentence) == (wrong.value.code, wrong.value.sentence)


def test_a_recovery_code_costs_the_same_work_at_an_unknown_address(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery_code.confirm_recovery_code(attorney, *[recovery_code.propose_recovery_code(attorney)] * 2)
    done: list[str] = []

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **named: Any) -> Any:
            done.append(name)
            return work(*args, **named)

        return counting

    for module, name in ((bundle, "_derive_kek"), (bundle, "derive"), (shred_keys, "candidate_halves")):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    work = {}
    for email in (EMAIL, "nobody@office.test"):
        for typed in (bundle.new_recovery_code(), "six words that open nothing here"):
            done.clear()
            with pytest.raises(Refused):
                sign_in.sign_in(email, typed)
            work[email, len(typed.split())] = sorted(done)
    assert work[EMAIL, 1] == work["nobody@office.test", 1]
    assert work[EMAIL, 6] == work["nobody@office.test", 6]
    assert {"_derive_kek", "candidate_halves"} <= set(work[EMAIL, 1])
    assert "derive" in work[EMAIL, 6]
    assert "derive" not in work[EMAIL, 1]


def test_the_recovery_code_opens_the_account_once_it_was_typed_back(attorney: Staff) -> None:
    code = recovery_code.propose_recovery_code(attorney)
    with pytest.raises(Refused):
        sign_in.sign_in(EMAIL, code)
    recovery_code.confirm_recovery_code(attorney, code, code.lower().replace("-", " "))
    with pytest.raises(FactorNeeded) as more:  # it lets in as far as choosing a new passphrase
        sign_in.sign_in(EMAIL, code.lower())
    assert sessions.open_half(more.value.token).member_id == attorney.member_id
    with pytest.raises(SessionGone):
        sessions.open(more.value.token)
    assert sign_in.sign_in(EMAIL, cast.WORDS).staff.recovery_pending is False
    with pytest.raises(Refused):
        sign_in.sign_in(EMAIL, recovery_code.propose_recovery_code(attorney))


def test_a_code_typed_back_wrongly_opens_nothing(attorney: Staff) -> None:
    code, other = recovery_code.propose_recovery_code(attorney), recovery_code.propose_recovery_code(attorney)
    for typed in (other, code[:-1], ""):
        with pytest.raises(Refused):
            recovery_code.confirm_recovery_code(attorney, code, typed)


def test_an_altered_bundle_opens_for_nobody(attorney: Staff) -> None:
    with office_transaction(attorney.org_id):
        bundle = bytearray(Member.objects.get().bundle)
        bundle[-1] ^= 1
        Member.objects.filter(org_id=attorney.org_id).update(bundle=bytes(bundle))
    with pytest.raises((Refused, OpenFailed)):
        sign_in.sign_in(EMAIL, cast.WORDS)


def test_the_sessions_row_opens_with_the_cookie_only(attorney: Staff) -> None:
    one, two = sign_in.sign_in(EMAIL, cast.WORDS), sign_in.sign_in(EMAIL, cast.WORDS)
    assert sessions.open(one.token).member_id == attorney.member_id
    first, second = (Session.objects.get(key=session_row_key(token)) for token in (one.token, two.token))
    Session.objects.filter(key=first.key).update(sealed=bytes(second.sealed))
    with pytest.raises(SessionGone):
        sessions.open(one.token)
    assert sessions.open(two.token).member_id == attorney.member_id, "only the overwritten row is lost"
    for wrong in ("", "x", one.token[:-1], one.token + "A", "é" * 43):
        with pytest.raises(SessionGone):
            sessions.open(wrong)


def test_locked_idle_and_ended_sessions_do_not_open(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign_in.sign_in(EMAIL, cast.WORDS).token
    sessions.lock(token)
    with pytest.raises(SessionLocked):
        sessions.open(token)
    fresh = sign_in.unlock(token, cast.WORDS).token
    with pytest.raises(SessionGone):
        sessions.open(token)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(minutes=21))
    with pytest.raises(SessionLocked):
        sessions.open(fresh)
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(hours=13))
    with pytest.raises(SessionGone):
        sessions.open(fresh)


def test_six_words_come_from_a_list_of_7776() -> None:
    made = {word_list.new_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert all(len(passphrase.split()) == 6 for passphrase in made)
    assert len(set(word_list.load_words())) == 7776


def test_a_refused_sign_in_asks_the_database_as_much_for_an_address_that_nobody_has(attorney: Staff) -> None:
    """What is left out for one of them the clock tells: `caseapp bench timing` found one query of 2 ms."""
    asked = []
    for number, email in enumerate((EMAIL, "nobody@office.test", EMAIL, "nobody-else@office.test")):
        with CaptureQueriesContext(connection) as queries, pytest.raises(Refused):
            sign_in.sign_in(email, "not the words at all, surely", device=f"another browser {number}")
        asked.append([query["sql"].split()[0] for query in queries])
    assert asked[0] == asked[1]
    assert asked[2] == asked[3]
