"""The pages of recovery sheets: an admin sees who has checked, a holder sees their own sheet, nobody sees another's."""

import datetime as dt
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from caseapp.accounts.models import Sheet
from caseapp.accounts.recovery import office
from caseapp.accounts.signin import reauthentication
from caseapp.audit import read
from caseapp.vault.core.keyring import AUDITORS
from caseapp.vault.tenancy import office_transaction
from tests.helpers.sheets import make_set, states_of
from tests.helpers.two_offices import NOW, Worker
from tests.helpers.visitor import words_of_sheet
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
SHEET_PAGE = "/recovery/sheet/"
SHEETS = re.compile(r'id="sheet-([0-9a-f-]{36})"')
WORD = re.compile(r"<li>([a-z]+)</li>")


def sheets_on(client: Client) -> list[str]:
    """Ids of the sheets that the page of this member lists."""
    return SHEETS.findall(client.get(SHEET_PAGE).content.decode())


def shown(client: Client, sheet: str) -> str:
    """Show one sheet; answers its words."""
    response = client.post(SHEET_PAGE, {"act": "show", "sheet": sheet})
    assert response.status_code == 200, response.content.decode()
    return words_of_sheet(response.content.decode())


def collected_from_page(client: Client) -> list[str]:
    """Show and check each sheet that waits for this member; answers their words."""
    words = []
    for sheet in sheets_on(client):
        response = client.post(SHEET_PAGE, {"act": "show", "sheet": sheet})
        if response.status_code == 422:
            continue  # of the set before: it is on paper
        words.append(words_of_sheet(response.content.decode()))
        checked = client.post(SHEET_PAGE, {"act": "check", "sheet": sheet, "words": words[-1]})
        assert checked.status_code == 303, checked.content.decode()
    return words


@pytest.fixture
def ben(attorney: Worker) -> Worker:
    return member(attorney.staff, "caseworker")


@pytest.fixture
def vera(attorney: Worker) -> Worker:
    return member(attorney.staff, "volunteer", "vera@office.test")


def _make(attorney: Worker, *others: Worker) -> None:
    chosen = [str(worker.staff.member_id) for worker in (attorney, *others)]
    sent = {"act": "make", "scheme": "2-3", "holders": chosen}
    response = attorney.client.post("/recovery/", sent)
    assert (response.status_code, response.content) == (303, b""), "the answer holds no word of any sheet"
    assert response.headers["Location"] == "/recovery/"


def test_an_admin_makes_a_set_and_each_holder_collects_their_own(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    assert "Your recovery sheet is ready" in vera.client.get("/").content.decode()
    (sheet,) = sheets_on(vera.client)
    words = shown(vera.client, sheet)
    assert len(words.split()) == 33
    assert "Type the words of your recovery sheet back" in vera.client.get("/").content.decode()
    done = vera.client.post(SHEET_PAGE, {"act": "check", "sheet": sheet, "words": words})
    assert (done.status_code, done.headers["Location"]) == (303, SHEET_PAGE)
    assert "These are the right words." in vera.client.get(SHEET_PAGE).content.decode()
    today = vera.client.get("/").content.decode()
    assert "recovery sheet" not in today.partition("<main")[2]
    page = re.sub(r"\s+", " ", attorney.client.get("/recovery/").content.decode())
    assert "1 of 3 holders have checked their sheet." in page
    assert "Checked Tue, Nov 24, 2026" in page
    assert page.count("Not collected yet") == 2


def test_the_words_are_never_in_the_answer_to_a_get(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    words = shown(ben.client, sheet)
    for client in (ben.client, attorney.client, vera.client):
        for path in (SHEET_PAGE, f"{SHEET_PAGE}?act=show&sheet={sheet}", "/recovery/", "/"):
            answer = client.get(path).content.decode() if client is not vera.client or path != "/recovery/" else ""
            assert not set(WORD.findall(answer)) & set(words.split()), path


def test_showing_and_checking_never_happen_by_get(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    assert ben.client.get(SHEET_PAGE, {"act": "show", "sheet": sheet}).status_code == 200
    assert ben.client.get(SHEET_PAGE, {"act": "asked", "sheet": sheet}).status_code == 200
    assert states_of(attorney.staff) == ["waiting"] * 3


def test_a_sheet_of_somebody_else_is_not_found(attorney: Worker, ben: Worker, vera: Worker, outsider: Worker) -> None:
    _make(attorney, ben, vera)
    (bens,) = sheets_on(ben.client)
    for worker in (attorney, vera, outsider):
        for act in ("show", "check", "asked"):
            sent = {"act": act, "sheet": bens, "words": "acid " * 33}
            assert worker.client.post(SHEET_PAGE, sent).status_code == 404, act
    assert states_of(attorney.staff) == ["waiting"] * 3


@pytest.mark.parametrize(
    "sent",
    [
        {"act": "show", "sheet": "not an id"},
        {"act": "show"},
        {"act": "show", "sheet": str(uuid4())},
        {"act": "nothing", "sheet": str(uuid4())},
        {"sheet": str(uuid4())},
    ],
)
def test_what_means_nothing_is_not_found(attorney: Worker, sent: dict[str, str]) -> None:
    assert attorney.client.post(SHEET_PAGE, sent).status_code == 404


def test_a_member_without_a_sheet_is_told_so(attorney: Worker, ben: Worker) -> None:
    response = ben.client.get(SHEET_PAGE)
    assert response.status_code == 200
    assert "You keep no recovery sheet." in response.content.decode()


def test_a_wrong_word_keeps_what_was_typed_and_does_not_say_which(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    words = shown(ben.client, sheet).split()
    answers = []
    for position in (2, 30):
        typed = " ".join([*words[:position], "zebra", *words[position + 1 :]])
        response = ben.client.post(SHEET_PAGE, {"act": "check", "sheet": sheet, "words": typed})
        assert response.status_code == 422
        page = response.content.decode()
        assert typed in page
        assert "These are not the 33 words of this sheet." in page
        answers.append(
            re.sub(r"<textarea.*?</textarea>|csrfmiddlewaretoken.*?>|form_mark.*?>", "", page, flags=re.DOTALL)
        )
    assert answers[0] == answers[1]
    assert states_of(attorney.staff)[1] == "shown"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type the words of your sheet."),
        ("acid " * 32, "A sheet has 33 words."),
        ("x" * 5_000, "at most 600 characters"),
        ("acid \x00" * 33, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_a_sheet_says_why(
    attorney: Worker, ben: Worker, vera: Worker, typed: str, sentence: str
) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    shown(ben.client, sheet)
    response = ben.client.post(SHEET_PAGE, {"act": "check", "sheet": sheet, "words": typed})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert typed.strip().replace("\x00", "")[:30] in response.content.decode().replace("\x00", "")


def test_showing_a_sheet_asks_for_passphrase_and_factor_again(
    attorney: Worker, ben: Worker, vera: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    monkeypatch.setattr(reauthentication, "is_fresh", lambda _staff: False)
    assert "/account/security/check/?next=/recovery/sheet/" in ben.client.get(SHEET_PAGE).content.decode()
    response = ben.client.post(SHEET_PAGE, {"act": "show", "sheet": sheet})
    assert response.status_code == 403
    assert "words share" not in response.content.decode()
    assert states_of(attorney.staff) == ["waiting"] * 3


def test_a_signed_out_holder_does_not_get_the_typed_words_back(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    words = shown(ben.client, sheet)
    response = Client().post(SHEET_PAGE, {"act": "check", "sheet": sheet, "words": words})
    assert response.status_code == 401
    assert words not in response.content.decode()


def test_the_set_form_says_how_many_people_it_needs(attorney: Worker, ben: Worker, vera: Worker) -> None:
    sent = {"act": "make", "scheme": "2-3", "holders": [str(ben.staff.member_id)]}
    response = attorney.client.post("/recovery/", sent)
    assert response.status_code == 422
    assert "Choose exactly 3 people." in response.content.decode()
    for scheme in ("2-2", "3-5", "1-1", ""):
        assert attorney.client.post("/recovery/", {**sent, "scheme": scheme}).status_code == 422
    assert office.read_state(attorney.staff.keys).current_set is None


def test_names_of_envelopes_are_kept_to_their_number_and_length(attorney: Worker) -> None:
    for names, sentence in (
        ("Rosa\nJoseph\nThida\nMateo", "There are more names than sheets."),
        ("x" * 81, "A name has at most 80 characters."),
        ("y" * 2_000, "at most 1000 characters"),
    ):
        response = attorney.client.post("/recovery/", {"act": "make", "scheme": "2-3", "names": names})
        assert response.status_code == 422
        assert sentence in response.content.decode()
        assert names in response.content.decode().replace("\r\n", "\n")
    assert office.read_state(attorney.staff.keys).current_set is None


def test_an_office_of_one_prints_one_envelope_after_the_other(attorney: Worker) -> None:
    before = attorney.client.get("/recovery/").content.decode()
    assert "those people together can open every file of the office" in re.sub(r"\s+", " ", before)
    sent = {"act": "make", "scheme": "2-3", "names": "Rosa Lindqvist\nJoseph Etienne", "keep_one": "on"}
    made = attorney.client.post("/recovery/", sent)
    assert made.headers["Location"] == "/recovery/sheet/"
    own, rosas, josephs = sheets_on(attorney.client)
    page = attorney.client.get(SHEET_PAGE).content.decode()
    assert page.count("Show this sheet") == 3
    assert "Rosa Lindqvist" in page
    first = shown(attorney.client, own)
    assert attorney.client.get(SHEET_PAGE).content.decode().count("Show this sheet") == 0
    too_early = attorney.client.post(SHEET_PAGE, {"act": "show", "sheet": rosas})
    assert too_early.status_code == 422
    assert "Then the next one can be shown." in too_early.content.decode()
    assert shown(attorney.client, own) == first, "their own sheet can be printed again until it is checked"
    attorney.client.post(SHEET_PAGE, {"act": "check", "sheet": own, "words": first})
    words = shown(attorney.client, rosas)
    again = attorney.client.post(SHEET_PAGE, {"act": "show", "sheet": rosas})
    assert again.status_code == 422
    assert "is not shown again" in again.content.decode()
    assert words not in again.content.decode()
    attorney.client.post(SHEET_PAGE, {"act": "check", "sheet": rosas, "words": words})
    asked = attorney.client.post(SHEET_PAGE, {"act": "asked", "sheet": rosas})
    assert asked.status_code == 303
    assert "Last asked Tue, Nov 24, 2026." in re.sub(r"\s+", " ", attorney.client.get(SHEET_PAGE).content.decode())
    assert attorney.client.post(SHEET_PAGE, {"act": "asked", "sheet": josephs}).status_code == 404


def test_one_answer_holds_the_words_of_one_sheet(attorney: Worker) -> None:
    attorney.client.post("/recovery/", {"act": "make", "scheme": "3-5"})
    ids = sheets_on(attorney.client)
    assert len(ids) == 5
    for sheet in ids:
        response = attorney.client.post(SHEET_PAGE, {"act": "show", "sheet": sheet}).content.decode()
        words = words_of_sheet(response)  # fails unless there is exactly one list
        attorney.client.post(SHEET_PAGE, {"act": "check", "sheet": sheet, "words": words})


def test_showing_and_checking_are_in_the_audit_trail_without_words(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    collected_from_page(ben.client)
    privates = [group.hpke_private for group in attorney.staff.keys.held if group.kind == AUDITORS]
    with office_transaction(attorney.staff.org_id):
        entries = read.entries(attorney.staff.org_id, privates, since=NOW - dt.timedelta(days=1))
    records = [line.record for line in entries if line.record is not None]
    bens = [record.what for record in records if record.member == ben.staff.member_id]
    assert {"recovery.sheet", "recovery.check"} <= set(bens)
    page = attorney.client.get("/trail/").content.decode()
    assert "Showed their own recovery sheet" in page
    assert "Checked their own recovery sheet" in page


def test_the_page_of_a_sheet_names_nobody_in_title_and_address(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    html = ben.client.post(SHEET_PAGE, {"act": "show", "sheet": sheet}).content.decode()
    words = words_of_sheet(html).split()
    outside = " ".join([*re.findall(r"<title>(.*?)</title>", html, re.DOTALL), *re.findall(r'="([^"]*)"', html)])
    # One word alone may also be a word of a class or an address: two in a row are not.
    assert not [pair for pair in itertools.pairwise(words) if re.search(r"\W+".join(pair), outside)]


@pytest.mark.django_db(transaction=True)
def test_two_holders_check_at_the_same_time(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    vera = member(attorney.staff, "volunteer", "vera@office.test")
    make_set(attorney.staff, ben.staff, vera.staff)
    sent = []
    for worker in (ben, vera):
        (sheet,) = sheets_on(worker.client)
        sent.append({"act": "check", "sheet": sheet, "words": shown(worker.client, sheet)})

    def check(number: int) -> int:
        try:
            return (ben, vera)[number].client.post(SHEET_PAGE, sent[number]).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(check, [0, 1, 0, 1])) == [303] * 4
    assert states_of(attorney.staff) == ["waiting", "checked", "checked"]


def test_typed_words_are_never_kept_as_a_draft(attorney: Worker, ben: Worker, vera: Worker) -> None:
    _make(attorney, ben, vera)
    (sheet,) = sheets_on(ben.client)
    shown(ben.client, sheet)
    page = ben.client.get(SHEET_PAGE).content.decode()
    (form,) = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if "<textarea" in form]
    assert "data-no-draft" in form.partition(">")[0]


def test_an_outsider_sees_no_set_of_another_office(attorney: Worker, outsider: Worker) -> None:
    attorney.client.post("/recovery/", {"act": "make", "scheme": "2-3"})
    assert "You keep no recovery sheet." in outsider.client.get(SHEET_PAGE).content.decode()
    with office_transaction(outsider.staff.org_id):
        assert not Sheet.objects.exclude(org_id=attorney.staff.org_id).exists()
