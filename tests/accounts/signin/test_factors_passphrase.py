"""A new passphrase: the old one and the old sheet open nothing any more, whatever happens on the way."""

import threading

import pytest
from django.db import connection

from caseapp.accounts.errors import FactorNeeded, SessionGone
from caseapp.accounts.keys import bundles
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Member
from caseapp.accounts.signin import passphrase, recovery_code, sessions, sign_in
from caseapp.accounts.signin import passphrase as passphrase_signin
from caseapp.lib.errors import EditConflict, Refused
from caseapp.vault import shred_keys
from caseapp.vault.core import primitives
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db
EMAIL = "ana@office.test"
NEW = "kettle meridian thistle orbit pebble saffron"


@pytest.fixture
def attorney() -> Staff:
    return cast.found(email=EMAIL)


def with_code(staff: Staff) -> str:
    code = recovery_code.propose_recovery_code(staff)
    recovery_code.confirm_recovery_code(staff, code, code)
    return code


def change(staff: Staff, *, old: str = cast.WORDS, new: str = NEW, code: str = "") -> str:
    code = code or bundles.generate_recovery_code()
    passphrase.change(staff.org_id, staff.member_id, old=old, new=new, code=code)
    return code


def opens(secret: str) -> bool:
    try:
        sign_in.sign_in(EMAIL, secret)
    except FactorNeeded:
        return True
    except Refused:
        return False
    return True


def test_the_new_words_and_code_open_and_the_old_ones_do_not(attorney: Staff) -> None:
    old_code = with_code(attorney)
    new_code = change(attorney)
    assert [opens(secret) for secret in (NEW, new_code, cast.WORDS, old_code)] == [True, True, False, False]


def test_an_old_copy_of_the_bundle_does_not_open_with_the_old_words_once_the_half_is_gone(attorney: Staff) -> None:
    with office_transaction(attorney.org_id):
        copy = bytes(Member.objects.get().bundle)
    before = shred_keys.read_half("members", attorney.member_id)
    change(attorney)
    [(mark, half)] = shred_keys.candidate_halves("members", attorney.member_id)
    assert (mark, half == before) == ("", False)
    assert bundles.unlock_with_passphrase(copy, attorney.member_id, cast.WORDS, before) == attorney.keys.bundle_key
    with pytest.raises(OpenFailed):
        bundles.unlock_with_passphrase(copy, attorney.member_id, cast.WORDS, half)


def test_without_the_old_words_nothing_changes(attorney: Staff) -> None:
    with pytest.raises(Refused) as refusal:
        change(attorney, old="not the words at all")
    assert refusal.value.code == "no_match"
    assert opens(cast.WORDS)
    assert len(shred_keys.candidate_halves("members", attorney.member_id)) == 1


def test_the_same_form_sent_twice_changes_it_once(attorney: Staff) -> None:
    code = change(attorney)
    with office_transaction(attorney.org_id):
        version = Member.objects.get().bundle_version
    change(attorney, code=code)
    with office_transaction(attorney.org_id):
        assert Member.objects.get().bundle_version == version
    with pytest.raises(Refused):
        change(attorney, code=bundles.generate_recovery_code())


@pytest.mark.parametrize("committed", [True, False])
def test_a_crash_between_the_new_half_and_the_commit_leaves_a_way_in(
    attorney: Staff, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """The process dies: nothing after that point runs, neither the tidying up nor the end."""
    with monkeypatch.context() as dying:
        dying.setattr(shred_keys, "finish", lambda *_: None)
        dying.setattr(shred_keys, "give_up", lambda *_: None)
        if not committed:
            dying.setattr(bundles, "renew_credentials", _dies)
        try:
            code = change(attorney)
        except KeyboardInterrupt:
            code = ""
    assert len(shred_keys.candidate_halves("members", attorney.member_id)) == 2
    assert [opens(secret) for secret in (NEW, cast.WORDS)] == [committed, not committed]
    if committed:
        assert opens(code)
        assert [mark for mark, _ in shred_keys.candidate_halves("members", attorney.member_id)] == [""]
    change(attorney, old=NEW if committed else cast.WORDS, new="another sentence nobody else would say")
    assert opens("another sentence nobody else would say")


def _dies(*_: object) -> bytes:
    raise KeyboardInterrupt


def test_half_overwritten_in_its_place_the_other_still_opens(attorney: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crash comes after the old half was overwritten and before the new one took its name."""
    with monkeypatch.context() as dying:
        dying.setattr(shred_keys, "finish", lambda *_: None)
        change(attorney)
    shred_keys._half_path("members", attorney.member_id).write_bytes(primitives.new_key())
    assert opens(NEW)


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_the_same_moment_leave_one_whole_result() -> None:
    attorney = cast.found(email=EMAIL)
    wanted, codes, start = {"a": NEW, "b": "another sentence nobody else would say"}, {}, threading.Barrier(2)
    done: list[str] = []

    def go(name: str) -> None:
        start.wait()
        try:
            codes[name] = change(attorney, new=wanted[name])
            done.append(name)
        except (Refused, EditConflict):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(name,)) for name in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert [opens(words) for words in wanted.values()] == [name in done for name in wanted]
    assert opens(codes[done[0]])
    assert len(shred_keys.candidate_halves("members", attorney.member_id)) == 1


def test_destroying_the_half_ends_also_what_stands_beside_it(attorney: Staff) -> None:
    shred_keys.begin("members", attorney.member_id)
    shred_keys.destroy("members", attorney.member_id)
    with pytest.raises(shred_keys.Shredded):
        shred_keys.candidate_halves("members", attorney.member_id)


def test_the_recovery_code_counts_once_and_ends_every_other_session(attorney: Staff) -> None:
    code, elsewhere = with_code(attorney), sign_in.sign_in(EMAIL, cast.WORDS).token
    with pytest.raises(FactorNeeded) as more:
        sign_in.sign_in(EMAIL, code)
    fresh = bundles.generate_recovery_code()
    staff = sign_in.replace_passphrase_after_recovery(more.value.token, new=NEW, code=fresh).staff
    assert staff.member_id == attorney.member_id
    assert not staff.recovery_pending
    assert [opens(secret) for secret in (NEW, fresh, cast.WORDS, code)] == [True, True, False, False]
    for token in (elsewhere, more.value.token):
        with pytest.raises(SessionGone):
            sessions.open(token)


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ("", "short"),
        ("fourteen chars", "short"),
        ("passwordpassword", "plain"),
        ("aaaaaaaaaaaaaaaaaaaa", "plain"),
        ("123451234512345123", "plain"),
        ("abcabcabcabcabcabc", "plain"),
        ("Password12345678", "weak"),
        ("sunshine princess", "weak"),
        ("Iloveyou-Monkey-Dragon", "weak"),
        ("Harbor Legal Aid 2026", "near"),
        ("ana ruiz ana ruiz 26", "near"),
    ],
)
def test_what_is_guessed_first_is_not_taken(attorney: Staff, chosen: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        change(attorney, new=chosen)
    assert refusal.value.code == code
    assert opens(cast.WORDS)


@pytest.mark.parametrize(
    "chosen",
    ["ana@office.test 2026", "ANA.office-test 1985", "officeoffice ana test", "test@office.ana!! 12"],
)
def test_a_passphrase_made_of_the_own_address_is_not_taken(chosen: str) -> None:
    with pytest.raises(Refused) as refusal:
        passphrase.check_strength(chosen, ("Lena Vogt", "ana@office.test", "ana office test"))
    assert refusal.value.code == "near"


@pytest.mark.parametrize(
    "chosen",
    [
        NEW,
        "my aunt's goats never liked the postman",
        "é" * 3 + " пароль, который знаю только я",
        "🦆 seven ducks crossed the road slowly",
        "x9$Lq" * 14 + "tail of it",  # longer than 72 bytes: nothing is cut off
    ],
)
def test_a_sentence_of_ones_own_is_taken_whole(attorney: Staff, chosen: str) -> None:
    change(attorney, new=chosen)
    assert opens(f"  {chosen} ")
    assert not opens(chosen[:-1])


def test_every_generated_passphrase_may_be_chosen() -> None:
    for _ in range(200):
        passphrase.check_strength(passphrase_signin.propose_passphrase(), ("Ana Ruiz", "Harbor Legal Aid"))


def test_the_list_of_common_passwords_holds_the_first_3000() -> None:
    assert len(passphrase.common_passwords()) > 3000
    assert {"password", "123456", "qwerty", "letmein"} <= passphrase.common_passwords()
