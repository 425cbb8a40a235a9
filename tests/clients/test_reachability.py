"""One answer whether a client can be reached: Today, the case, the person, the call and the sending say the same."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from html import unescape

import pytest
from django.conf import settings
from msgspec.structs import replace

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.signin import sign_in
from caseapp.casefile.transaction import case_transaction
from caseapp.clients.services import contact, opt_outs, people, texting
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.clients.client_world import NUMBER
from tests.clients.test_pages import Told
from tests.helpers.cast import WORDS
from tests.helpers.two_offices import NOW, signed_in

pytestmark = pytest.mark.django_db
LINK = 'href="tel:+12125550122"'
DETAINED = "They are detained: their telephone may be in other hands."
Change = Callable[[Told], None]


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """The time: change its only entry."""
    moment = [NOW]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


@pytest.fixture
def told() -> Told:
    """Farid, who has a safe phone, and a hearing in a week in an office with a gateway."""
    worker = signed_in("Ana Ruiz", "ana@office.test")
    client_world.use_gateway(worker.staff, "json://user:5ecret@127.0.0.1:1/{to}")
    return Told(worker, client_world.a_case(worker.staff))


def _agreed(told: Told, **more: object) -> None:
    client_world.agreed(told.worker.staff, told.case_id, **more)


def _with_phone(told: Told, *, agrees: bool = True, **more: object) -> None:
    """Change the only phone of the person, after they agreed to texts."""
    if agrees:
        _agreed(told)
    person = told.worker.file(told.case_id).entries_of(Party)[0]
    contacts = tuple(replace(phone, **more) for phone in person.record.contacts)
    people.change_person(
        told.worker.staff, told.case_id, person.id, replace(person.record, contacts=contacts), version=person.version
    )


def _stopped_just_now(told: Told) -> None:
    """A STOP answer waits to be written into the case."""
    _agreed(told)
    with office_transaction(told.worker.staff.org_id):
        token = opt_out_inbox.create_address(told.worker.staff.keys)
    opt_out_inbox.store_opt_out(opt_out_inbox.find_hook(token), "+12125550122")


def _withdrew(told: Told, how: str) -> None:
    _agreed(told)
    contact.withdraw_consent(told.worker.staff, told.case_id, told.party, how=how)


def _wrong_number(told: Told) -> None:
    _agreed(told)
    result = contact.CallResult(result="wrong_number", contact=NUMBER)
    contact.record_call(told.worker.staff, told.case_id, told.party, result, hearing_id=told.hearing)


def _detained(told: Told) -> None:
    _agreed(told)
    person = told.worker.file(told.case_id).entries_of(Party)[0]
    with case_transaction(told.worker.staff, told.case_id) as draft:
        draft.change(person.id, replace(person.record, detained_since=dt.date(2026, 11, 20)))


def _hearing_is_detained(told: Told) -> None:
    """Only the hearing says that the client is detained."""
    _agreed(told)
    with case_transaction(told.worker.staff, told.case_id) as draft:
        draft.change(told.hearing, replace(draft.file.get(told.hearing, Hearing).record, detained=True))


def _new_number(told: Told) -> None:
    _with_phone(told, text="(212) 555-0177")


CASES: list[tuple[str, Change, str, str, str]] = [
    ("never asked", lambda told: None, "", "They were not asked yet whether they want texts.", "no_consent"),
    ("agreed", _agreed, "", "", ""),
    ("waiting STOP", _stopped_just_now, "", "They answered STOP.", "answered_stop"),
    ("STOP", lambda told: _withdrew(told, "answered_stop"), "", "They answered STOP.", "answered_stop"),
    ("told us", lambda told: _withdrew(told, "told_us"), "", "They want no messages.", "withdrawn"),
    ("not asked", lambda told: _with_phone(told, safe="not_asked"), "No number is marked safe yet: ask them.",
     "Their number is not marked safe any more.", "not_safe"),
    ("not safe", lambda told: _with_phone(told, safe="no"), "No number is safe to call.",
     "Their number is not marked safe any more.", "not_safe"),
    ("wrong number", _wrong_number, "The last call reached another person: find another number.",
     "The last call to this number reached another person.", "wrong_number"),
    ("detained", _detained, DETAINED, DETAINED, "detained"),
    ("hearing detained", _hearing_is_detained, DETAINED, DETAINED, "detained"),
]  # fmt: skip


def _pages(told: Told) -> dict[str, str]:
    paths = {"today": "/", "case": told.case, "person": told.person, "call": told.call}
    return {name: unescape(told.page(path)) for name, path in paths.items()}


def _assert_one_answer(told: Told, no_call: str, no_text: str, code: str) -> None:
    pages = _pages(told)
    for name, html in pages.items():
        assert (LINK in html) == (not no_call), f"{name}: the link to call"
        if no_call and name != "call":
            assert no_call in html, f"{name}: why no number may be called"
    for name in ("today", "case", "person"):
        others = {sentence for _, _, _, sentence, _ in CASES if sentence} - {no_text, no_call}
        assert not no_text or no_text in pages[name], f"{name}: why no text may be sent"
        assert [sentence for sentence in others if sentence in pages[name]] == [], name
        assert ("/text/" in pages[name]) == (not no_text), f"{name}: the button that sends"
    if code:
        with pytest.raises(Refused) as refused:
            texting.start_sending(told.worker.staff, told.case_id, told.party, told.hearing, "text_7")
        assert refused.value.code == code
    else:
        texting.start_sending(told.worker.staff, told.case_id, told.party, told.hearing, "text_7")


@pytest.mark.parametrize(("change", "no_call", "no_text", "code"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_every_page_and_the_sending_give_the_same_answer(
    told: Told, monkeypatch: pytest.MonkeyPatch, change: Change, no_call: str, no_text: str, code: str
) -> None:
    change(told)
    monkeypatch.setattr(opt_outs, "apply", lambda staff: 0)  # as when the time for upkeep is over
    _assert_one_answer(told, no_call, no_text, code)


@pytest.mark.parametrize(
    ("change", "no_call", "no_text", "code"),
    [
        (lambda told: _agreed(told, until=dt.date(2026, 11, 25)), "",
         "They agreed to texts only until a day that is over.", "expired"),
        (lambda told: _with_phone(told, until_on=dt.date(2026, 11, 25)), "No phone number is on file.",
         "Their number changed since they agreed. Ask them again.", "contact_changed"),
    ],
)  # fmt: skip
def test_an_end_that_passes_by_time_alone_counts_on_every_page_on_the_day_after(
    told: Told, at: list[dt.datetime], change: Change, no_call: str, no_text: str, code: str
) -> None:
    change(told)
    at[0] = NOW + dt.timedelta(days=2)  # the row of the index is of two days ago
    arrived = sign_in.sign_in("ana@office.test", WORDS)
    told.worker.client.cookies[settings.SESSION_COOKIE] = arrived.token
    later = Told(dataclasses.replace(told.worker, staff=arrived.staff), told.case_id)
    _assert_one_answer(later, no_call, no_text, code)


def test_another_number_is_not_texted_but_may_be_called(told: Told) -> None:
    _new_number(told)
    for name, html in _pages(told).items():
        assert 'href="tel:+12125550177"' in html, name
        if name != "call":
            assert "Their number changed since they agreed. Ask them again." in html, name


def test_who_agrees_again_after_stop_is_not_called_stopped_any_more(told: Told, at: list[dt.datetime]) -> None:
    _withdrew(told, "answered_stop")
    assert "answered STOP on" in told.page("/")
    at[0] += dt.timedelta(minutes=5)
    _agreed(told)
    assert "answered STOP on" not in told.page("/")


def test_a_number_that_is_not_clear_is_shown_without_a_link(told: Told) -> None:
    _with_phone(told, agrees=False, text="555-0122")
    for name, html in _pages(told).items():
        assert "555-0122" in html, name
        assert "tel:" not in html, name


def test_covered_pages_have_no_number_in_a_link(told: Told) -> None:
    told.worker.client.post("/account/cover/", {"covered": "yes", "next": "/"})
    for name, html in _pages(told).items():
        assert "tel:" not in html, name
        assert "5550122" not in html, name
