"""The office's recovery as pages: a set, a test opening, and an admin who lost everything and comes back."""

import datetime as dt
import re
import time
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from caseapp.accounts.directory import escrow, escrow_rows
from caseapp.accounts.directory import members as directory
from caseapp.accounts.errors import SessionGone
from caseapp.accounts.members import roles
from caseapp.accounts.models import Member, OfficeState, Return
from caseapp.accounts.recovery import member as returning
from caseapp.accounts.recovery import office as office_recovery
from caseapp.accounts.signin import sessions, sign_in
from caseapp.cases.services import cases
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.core import shares
from caseapp.vault.core.bundle import Bundle
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.cli.test_recover_command import recover
from tests.helpers import cast
from tests.helpers.two_offices import NAME, NOW, Worker
from tests.team.test_members import PROOF, member, words_on
from tests.team.test_recovery_pages import collected_from_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
RETURN = "/sign-in/return/"
CODE = re.compile(r'<p class="code"[^>]*>([^<]+)<')


def made(worker: Worker, *others: Worker) -> list[str]:
    """A set from the page, with these members or people outside; each holder collects and checks their sheet."""
    active = (worker, *others)
    scheme = {"scheme": "2-2" if len(active) == 2 else "2-3"}
    response = worker.client.post("/recovery/", {"act": "make", **scheme})
    assert response.status_code == 303, response.content.decode()
    return [words for holder in active for words in collected_from_page(holder.client)]


def link_mailed(email: str) -> str:
    """Ask for the link; answers its code once the mail is there."""
    before = len(mail.outbox)
    assert Client().post("/sign-in/lost/", {"email": email}).status_code == 200
    until = time.monotonic() + 10
    while len(mail.outbox) == before and time.monotonic() < until:
        time.sleep(0.02)
    found = re.search(r"/sign-in/return/#([\w-]+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found.group(1)


def chosen(link: str) -> tuple[Client, str]:
    """New words, made and typed back."""
    client = Client(raise_request_exception=False)
    assert "Six words are created for you" in client.post(RETURN, {"code": link}).content.decode()
    shown = client.post(RETURN, {"code": link, "act": "make"}).content.decode()
    words = " ".join(words_on(shown))
    proof = PROOF.search(shown)
    assert proof
    done = client.post(RETURN, {"code": link, "act": "words", "proof": unescape(proof.group(1)), "words": words})
    assert "Keep the e-mail with the link" in done.content.decode()
    return client, words


def opened(client: Client, link: str, words: str) -> tuple[list[str], str, str]:
    """(six words to compare, new recovery code, proof) of the page that the new words open."""
    page = client.post(RETURN, {"code": link, "act": "open", "words": words}).content.decode()
    code, proof = CODE.search(page), PROOF.search(page)
    assert code, page
    assert proof, page
    return words_on(page), code.group(1).strip(), unescape(proof.group(1))


def answered(client: Client, link: str, given: list[str], folder: Path) -> tuple[str, str]:
    """(the answer file, what the command said), made by the command in a process of its own."""
    request, out = folder / "recovery-request.json", folder / "answer.json"
    request.write_bytes(client.post(RETURN, {"code": link, "act": "file"}).content)
    done = recover("grant", "--request", str(request), "--out", str(out), typed="\n".join([*given, "yes", ""]))
    assert done.returncode == 0, done.stderr
    assert out.stat().st_mode & 0o077 == 0
    return out.read_text(), done.stdout


def test_a_set_is_made_shown_once_and_tested(attorney: Worker, tmp_path: Path) -> None:
    sheets = made(attorney)
    assert [len(sheet.split()) for sheet in sheets] == [33, 33, 33]
    for path in ("/recovery/", "/recovery/sheet/"):
        again = attorney.client.get(path).content.decode()
        assert not [word for word in sheets[0].split() if f"<li>{word}</li>" in again]
        assert sheets[0] not in again
    file = tmp_path / "recovery-test.json"
    file.write_bytes(attorney.client.get("/recovery/test/").content)
    printed = recover("test", str(file), typed=f"{sheets[0]}\n{sheets[2]}\n")
    assert printed.returncode == 0, printed.stderr
    wrong = attorney.client.post("/recovery/", {"act": "test", "code": "AAAAA-BBBBB"})
    assert wrong.status_code == 422
    assert "That is not the code of this test." in wrong.content.decode()
    code = printed.stdout.strip().rpartition(": ")[2]
    done = attorney.client.post("/recovery/", {"act": "test", "code": code})
    assert done.status_code == 303, done.content.decode()
    assert "Feb 22, 2027" in re.sub(r"\s+", " ", attorney.client.get("/recovery/").content.decode())


def test_an_admin_loses_the_passphrase_and_returns_with_two_shares(
    attorney: Worker, case_id: UUID, tmp_path: Path
) -> None:
    sheets = made(attorney)
    old = _stored(attorney)
    link = link_mailed("ana@office.test")
    client, words = chosen(link)
    compared, code, proof = opened(client, link, words)
    answer, said = answered(client, link, sheets[1:], tmp_path)
    assert f"Words of the request: {' '.join(compared)}" in said
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    form = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    done = client.post(RETURN, {"code": link, **form, "proof": proof})
    assert done.status_code == 303, done.content.decode()

    assert NAME in client.get(reverse("cases:case", args=[case_id])).content.decode()
    back = sign_in.sign_in("ana@office.test", words).staff
    assert (back.is_admin, back.role, back.name) == (True, "attorney", "Ana Ruiz")
    cases.open_case(back, cases.NewCase(name="Olena Kovalenko"))
    cast.colleague_of(back)  # the root is there again: the directory can be changed
    assert {p.name for p in directory.read_directory(back.keys).active_people} == {"Ana Ruiz", "Ben Okafor"}
    live, covered = escrow.count_covered_keys(back.org_id)
    assert live == covered

    with pytest.raises(Refused):
        sign_in.sign_in("ana@office.test", cast.WORDS)
    with pytest.raises(SessionGone):
        sessions.open(attorney.client.cookies[settings.SESSION_COOKIE].value)
    new = Bundle.parse(_stored(attorney), back.member_id).open_keyring(back.keys.bundle_key)
    before = Bundle.parse(old, back.member_id).open_keyring(attorney.staff.keys.bundle_key)
    assert new.hpke_private != before.hpke_private
    assert new.sign_private != before.sign_private
    assert mail.outbox[-1].subject == "Your account was opened in a new way"
    assert client.post(RETURN, {"code": link}).status_code == 404


def _stored(worker: Worker) -> bytes:
    with office_transaction(worker.staff.org_id):
        return bytes(Member.objects.get(org_id=worker.staff.org_id, id=worker.staff.member_id).bundle)


def test_a_colleague_gets_back_what_they_had_and_not_the_root(attorney: Worker, case_id: UUID, tmp_path: Path) -> None:
    ben = member(attorney.staff, "caseworker")
    sheets = made(attorney, ben)
    link = link_mailed("ben@office.test")
    client, words = chosen(link)
    _, code, proof = opened(client, link, words)
    answer, said = answered(client, link, sheets[:2], tmp_path)
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    form = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    assert client.post(RETURN, {"code": link, **form, "proof": proof}).status_code == 303
    back = sign_in.sign_in("ben@office.test", words).staff
    assert back.keys.keyring.org_root_private == b""
    had, has = ben.staff.keys.held, back.keys.held
    assert {(key.group, key.epoch) for key in has} == {(key.group, key.epoch) for key in had}
    assert NAME in client.get(reverse("cases:case", args=[case_id])).content.decode()


def test_until_the_answer_is_there_the_old_passphrase_goes_on(attorney: Worker) -> None:
    made(attorney)
    chosen(link_mailed("ana@office.test"))
    assert sign_in.sign_in("ana@office.test", cast.WORDS).staff.name == "Ana Ruiz"
    assert attorney.client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"words": "wrong words that nobody ever chose here"}, "These are not the six words you chose here."),
        ({"office_words": "six words of some other office"}, "The words of the office differ"),
        ({"answer": "{}"}, "This is not the answer to your request."),
        ({"answer": "x" * 900_000}, "at most 800000 characters"),
        ({"typed": "ABCD"}, "That is not the code on the sheet."),
        ({"proof": ""}, "That is not the code on the sheet."),
    ],
)
def test_an_answer_with_a_mistake_changes_nothing(
    attorney: Worker, tmp_path: Path, changed: dict[str, str], sentence: str
) -> None:
    sheets = made(attorney)
    link = link_mailed("ana@office.test")
    client, words = chosen(link)
    _, code, proof = opened(client, link, words)
    answer, said = answered(client, link, sheets[:2], tmp_path)
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    right = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    before = _stored(attorney)
    response = client.post(RETURN, {"code": link, **right, "proof": proof, **changed})
    assert response.status_code == 422
    assert sentence in unescape(response.content.decode())
    assert _stored(attorney) == before
    assert client.post(RETURN, {"code": link, **right, "proof": proof}).status_code == 303


def test_an_answer_made_before_somebody_joined_is_refused(attorney: Worker, tmp_path: Path) -> None:
    sheets = made(attorney)
    link = link_mailed("ana@office.test")
    client, words = chosen(link)
    _, code, proof = opened(client, link, words)
    answer, said = answered(client, link, sheets[:2], tmp_path)
    cast.colleague_of(attorney.staff)
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    form = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    response = client.post(RETURN, {"code": link, **form, "proof": proof})
    assert response.status_code == 422
    assert "People of the office changed" in unescape(response.content.decode())


def test_while_the_office_is_locked_down_nobody_comes_back(attorney: Worker, tmp_path: Path) -> None:
    sheets = made(attorney)
    link = link_mailed("ana@office.test")
    client, words = chosen(link)
    _, code, proof = opened(client, link, words)
    answer, said = answered(client, link, sheets[:2], tmp_path)
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    form = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    before = _stored(attorney)
    with office_transaction(attorney.staff.org_id):
        OfficeState.objects.update_or_create(org_id=attorney.staff.org_id, defaults={"locked_down": True})
    assert client.post(RETURN, {"code": link, **form, "proof": proof}).status_code == 422
    assert _stored(attorney) == before
    with office_transaction(attorney.staff.org_id):
        OfficeState.objects.filter(org_id=attorney.staff.org_id).update(locked_down=False)
    assert client.post(RETURN, {"code": link, **form, "proof": proof}).status_code == 303


def test_an_answer_opens_for_nobody_else(attorney: Worker, tmp_path: Path) -> None:
    """The thief has the mailbox and the answer file, and new words of their own."""
    sheets = made(attorney)
    link, other = link_mailed("ana@office.test"), link_mailed("ana@office.test")
    client, _ = chosen(link)
    answer, said = answered(client, link, sheets[:2], tmp_path)
    thief, words = chosen(other)
    _, code, proof = opened(thief, other, words)
    office_words = said.partition("Words of the office: ")[2].partition("\n")[0]
    form = {"act": "finish", "answer": answer, "words": words, "office_words": office_words, "typed": code}
    assert thief.post(RETURN, {"code": other, **form, "proof": proof}).status_code == 422


def test_whoever_says_no_writes_nothing(attorney: Worker, tmp_path: Path) -> None:
    sheets = made(attorney)
    link = link_mailed("ana@office.test")
    client, _ = chosen(link)
    request, out = tmp_path / "request.json", tmp_path / "answer.json"
    request.write_bytes(client.post(RETURN, {"code": link, "act": "file"}).content)
    done = recover("grant", "--request", str(request), "--out", str(out), typed="\n".join([*sheets[:2], "no", ""]))
    assert (done.returncode, out.exists()) == (1, False)


def test_every_address_gets_the_same_answer_and_only_ours_a_mail(attorney: Worker) -> None:
    def words(html: bytes) -> str:
        return re.sub(r"csrfmiddlewaretoken.*?>", "", html.decode())

    link_mailed("ana@office.test")
    count = len(mail.outbox)
    known = Client().post("/sign-in/lost/", {"email": "ana@office.test"})
    unknown = Client().post("/sign-in/lost/", {"email": "nobody@office.test"})
    assert (known.status_code, unknown.status_code) == (200, 200)
    assert words(known.content) == words(unknown.content)
    time.sleep(0.2)
    assert {message.to[0] for message in mail.outbox[count - 1 :]} == {"ana@office.test"}


def test_a_mailbox_is_not_flooded(attorney: Worker) -> None:
    tokens = [returning.create_link("ana@office.test", address="203.0.113.7") for _ in range(returning.MAX_LINKS + 2)]
    assert [token is not None for token in tokens] == [True, True, True, False, False]
    with office_transaction(attorney.staff.org_id):
        assert Return.objects.filter(org_id=attorney.staff.org_id).count() == returning.MAX_LINKS


def test_a_link_makes_words_once(attorney: Worker) -> None:
    link = link_mailed("ana@office.test")
    chosen(link)
    response = Client().post(RETURN, {"code": link, "act": "words", "proof": "x", "words": cast.WORDS})
    assert "Keep the e-mail with the link" in response.content.decode()
    with pytest.raises(Refused):
        returning.choose_passphrase(link, cast.WORDS)


def test_what_nobody_answered_is_forgotten_by_the_clock(
    attorney: Worker, outsider: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = link_mailed("ana@office.test")
    chosen(link)
    link_mailed("lena@elsewhere.test")
    pending = returning.find_link(link).id
    assert (settings.SHRED_FOLDER / "members" / pending.hex).exists()
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=4))
    with acting_as("clock"):
        returning.delete_expired()
    with office_transaction(outsider.staff.org_id):
        assert not Return.objects.filter(org_id=outsider.staff.org_id).exists()
    assert returning.find_link(link).is_used
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=31))
    with acting_as("clock"):
        returning.delete_expired()
    assert not (settings.SHRED_FOLDER / "members" / pending.hex).exists()
    assert Client().post(RETURN, {"code": link}).status_code == 404


@pytest.mark.parametrize("email", ["", "no address", "x" * 5_000])
def test_what_is_no_address_is_told(attorney: Worker, email: str) -> None:
    assert Client().post("/sign-in/lost/", {"email": email}).status_code == 422


def test_the_pages_are_for_admins_and_never_write_by_get(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    for path in ("/recovery/", "/recovery/test/"):
        assert ben.client.get(path).status_code == 404
    assert ben.client.post("/recovery/", {"act": "make", "scheme": "2-3"}).status_code == 404
    assert attorney.client.post("/recovery/test/").status_code == 405
    assert attorney.client.get("/recovery/?act=make&scheme=2-3").status_code == 200
    assert attorney.client.post("/recovery/", {"act": "make", "scheme": "1-1"}).status_code == 422
    assert attorney.client.post("/recovery/", {"act": "test", "code": "x" * 5_000}).status_code == 422
    assert attorney.client.post("/recovery/", {"act": "nothing"}).status_code == 404
    assert office_recovery.read_state(attorney.staff.keys).current_set is None


def test_a_set_of_another_office_is_its_own(attorney: Worker, outsider: Worker) -> None:
    made(attorney)
    assert "Not set up" in outsider.client.get("/recovery/").content.decode()
    assert escrow.count_covered_keys(outsider.staff.org_id)[1] == 0


def second_admin(attorney: Worker) -> Worker:
    """Ben, made an admin."""
    ben = member(attorney.staff, "attorney")
    roles.change_role(attorney.staff, ben.staff.member_id, role="attorney", is_admin=True)
    assert ben.client.get("/recovery/").status_code == 200
    return Worker(cast.signed_in("ben@office.test"), ben.client)


def test_a_new_set_counts_when_another_admin_has_confirmed_it(attorney: Worker) -> None:
    old = made(attorney)
    ben = second_admin(attorney)
    new = made(attorney, ben)
    for sheets, opens in ((old, True), (new, False)):
        assert _opens(attorney, sheets) is opens
    own = attorney.client.post("/recovery/", {"act": "confirm"})
    assert own.status_code == 422
    assert "You made this set yourself." in own.content.decode()
    shown = ben.client.get("/recovery/").content.decode()
    assert words_on(shown) == words_on(attorney.client.get("/recovery/").content.decode())
    assert ben.client.post("/recovery/", {"act": "confirm"}).status_code == 303
    for sheets, opens in ((old, False), (new, True)):
        assert _opens(attorney, sheets) is opens
    assert ben.client.post("/recovery/", {"act": "confirm"}).status_code == 422


def test_a_new_set_that_nobody_confirms_lapses_after_fourteen_days(
    attorney: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(attorney)
    made(attorney, second_admin(attorney))
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=14, minutes=1))
    with pytest.raises(Refused) as refusal:
        office_recovery.confirm_set(cast.signed_in("ben@office.test"))
    assert refusal.value.code == "no_set"


def test_a_new_set_can_be_dropped(attorney: Worker) -> None:
    old = made(attorney)
    ben = second_admin(attorney)
    made(attorney, ben)
    assert ben.client.post("/recovery/", {"act": "drop"}).status_code == 303
    assert ben.client.post("/recovery/", {"act": "confirm"}).status_code == 422
    assert _opens(attorney, old)


def _opens(worker: Worker, sheets: list[str]) -> bool:
    rows = office_recovery.read_escrow_rows(worker.staff.keys)
    try:
        escrow_rows.open_rows(worker.staff.org_id, rows, shares.derive_key_pair(shares.recover_secret(sheets[:2])))
    except OpenFailed:
        return False
    return True
