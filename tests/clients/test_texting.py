"""A text to a client goes out once, when a member presses and everything is right at that moment."""

import datetime as dt
import threading
from collections.abc import Callable, Generator
from uuid import UUID

import pytest
from django.db import connection
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import undo
from caseapp.casefile.contact import client_contact
from caseapp.casefile.contact.client_contact import TEXT_DAY, TEXT_WEEK
from caseapp.clients.services import contact as clients
from caseapp.clients.services import people, texting
from caseapp.hearings.services import hearings
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.contact_attempt import ContactAttempt
from caseapp.records.hearing import Hearing, Outcome
from caseapp.records.party import Party
from caseapp.reminders.sending import client_gateway
from caseapp.reminders.sending.client_messages import PLAIN_TEXTS
from tests.clients import client_world
from tests.clients.client_world import NOW, STARTS, agreed, attempts, client_of, hearing_of, opened
from tests.helpers import cast
from tests.reminders.gateway import Gateway, gateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def company() -> Generator[Gateway]:
    with gateway() as running:
        yield running


@pytest.fixture
def ana(company: Gateway) -> Staff:
    staff = cast.found()
    client_world.use_gateway(staff, company.for_clients())
    return staff


@pytest.fixture
def case_id(ana: Staff) -> UUID:
    made = client_world.a_case(ana)
    agreed(ana, made)
    return made


def send(staff: Staff, case_id: UUID, step: str = TEXT_WEEK, **more: bool) -> str:
    return texting.send(staff, case_id, client_of(staff, case_id), hearing_of(staff, case_id), step, **more)


def test_the_constant_text_reaches_the_number_that_was_agreed(ana: Staff, case_id: UUID, company: Gateway) -> None:
    assert send(ana, case_id) == "handed_over"
    assert company.texts() == [PLAIN_TEXTS["es"]]
    assert company.taken[0][0].rstrip("/") in {"/to/+12125550122", "/to/%2B12125550122"}
    (attempt,) = attempts(ana, case_id)
    assert (attempt.way, attempt.result, attempt.step, attempt.starts_at) == ("text", "handed_over", TEXT_WEEK, STARTS)
    assert client_contact.text_due(client_world.told(ana, case_id).texts, dt.date(2026, 11, 24)) is None


def test_day_and_time_stand_in_it_only_where_they_asked_for_that(ana: Staff, case_id: UUID, company: Gateway) -> None:
    agreed(ana, case_id, detail="date_time", language="fr")
    send(ana, case_id)
    assert "mardi 1er décembre 2026, 8 h 30" in company.texts()[0]


@pytest.mark.parametrize("detail", ["plain", "date_time"])
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_nothing_of_a_real_case_stands_in_any_text(
    ana: Staff, case_id: UUID, company: Gateway, detail: str, language: str
) -> None:
    agreed(ana, case_id, detail=detail, language=language)
    send(ana, case_id)
    path, headers, body = company.taken[0]
    said = f"{path} {headers} {body}".casefold()
    file = opened(ana, case_id)
    for needle in ("Farid", "Karimi", "Court North", "voicemail", "Harbor", "Ana Ruiz", str(case_id), "master",
                   "hearing", "caseapp", "New York", str(file.entries_of(Party)[0].id)):  # fmt: skip
        assert needle.casefold() not in said


def test_the_same_text_goes_out_once(ana: Staff, case_id: UUID, company: Gateway) -> None:
    send(ana, case_id)
    with pytest.raises(Refused, match="sent"):
        send(ana, case_id)
    assert len(company.taken) == 1


def test_two_who_press_at_once_send_once(
    ana: Staff, case_id: UUID, company: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.colleague_of(ana)
    ben = cast.signed_in("ben@office.test")
    party, hearing = client_of(ana, case_id), hearing_of(ana, case_id)
    together, ended = threading.Barrier(2, timeout=20), list[str]()

    def press(staff: Staff) -> None:
        try:
            together.wait()
            ended.append(texting.send(staff, case_id, party, hearing, TEXT_WEEK))
        except Refused as exc:
            ended.append(exc.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(staff,)) for staff in (ana, ben)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(company.taken) == 1
    assert len(ended) == 2
    assert "handed_over" in ended
    assert set(ended) <= {"handed_over", "sending", "sent"}


def test_the_gateway_is_asked_outside_of_any_transaction_after_it_was_written_down(
    ana: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def look(address: str, number: str, text: str) -> None:
        seen.append((connection.in_atomic_block, attempts(ana, case_id)[-1].result))

    monkeypatch.setattr(client_gateway, "hand_over", look)
    send(ana, case_id)
    assert seen == [(False, "sending")]


def test_a_process_that_dies_while_sending_leaves_it_to_a_person(
    ana: Staff, case_id: UUID, company: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(client_gateway, "hand_over", die)
        with pytest.raises(KeyboardInterrupt):
            send(ana, case_id)
    entry = opened(ana, case_id).entries_of(ContactAttempt)[0]
    assert entry.record.result == "sending"
    assert not texting.is_unsure(entry.record, NOW)
    with pytest.raises(Refused, match="wait"):
        texting.resolve_unsure_text(ana, case_id, entry.id, went=True)
    later = NOW + dt.timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert texting.is_unsure(entry.record, later)
    for again in (False, True):
        with pytest.raises(Refused, match="sending"):
            send(ana, case_id, again=again)
    assert company.taken == []
    texting.resolve_unsure_text(ana, case_id, entry.id, went=False)
    assert send(ana, case_id, again=True) == "handed_over"
    with pytest.raises(NotFound):
        texting.resolve_unsure_text(ana, case_id, entry.id, went=True)


def test_what_may_have_gone_out_and_did_is_not_sent_again(
    ana: Staff, case_id: UUID, company: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    party, hearing = client_of(ana, case_id), hearing_of(ana, case_id)
    going = texting.start_sending(ana, case_id, party, hearing, TEXT_WEEK)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=3))
    texting.resolve_unsure_text(ana, case_id, going.attempt, went=True)
    with pytest.raises(Refused, match="sent"):
        send(ana, case_id, again=True)
    assert company.taken == []


def test_a_refusal_of_the_gateway_is_kept_and_tried_again_only_on_purpose(
    ana: Staff, case_id: UUID, company: Gateway
) -> None:
    company.status = 400
    assert send(ana, case_id) == "refused"
    company.status = 200
    with pytest.raises(Refused, match="refused"):
        send(ana, case_id)
    assert send(ana, case_id, again=True) == "handed_over"
    assert [attempt.result for attempt in attempts(ana, case_id)] == ["refused", "handed_over"]
    assert not any(consent.is_withdrawn for consent in client_world.consents(ana, case_id))


def _change_client(staff: Staff, case_id: UUID, **changed: object) -> None:
    entry = opened(staff, case_id).get(client_of(staff, case_id), Party)
    people.change_person(staff, case_id, entry.id, replace(entry.record, **changed), version=entry.version)


def _contacts(staff: Staff, case_id: UUID, **changed: str) -> None:
    contact = opened(staff, case_id).get(client_of(staff, case_id), Party).record.contacts[0]
    _change_client(staff, case_id, contacts=(replace(contact, **changed),))


def _end(staff: Staff, case_id: UUID) -> None:
    hearings.record_outcome(staff, case_id, hearing_of(staff, case_id), Outcome(what="continued"), version=1)


CHANGES: dict[str, Callable[[Staff, UUID], object]] = {
    "withdrawn": lambda s, c: clients.withdraw_consent(s, c, client_of(s, c), how="told_us"),
    "answered_stop": lambda s, c: clients.withdraw_consent(s, c, client_of(s, c), how="answered_stop"),
    "not_safe": lambda s, c: _contacts(s, c, safe="no"),
    "contact_changed": lambda s, c: _contacts(s, c, text="+1 212 555 0199"),
    "detained": lambda s, c: _change_client(s, c, detained_since=dt.date(2026, 11, 24)),
    "no_gateway": lambda s, c: client_world.use_gateway(s, ""),
    "not_due": _end,
    "wrong_number": lambda s, c: clients.record_call(
        s, c, client_of(s, c), clients.CallResult(result="wrong_number", contact=client_world.NUMBER), hearing_id=None
    ),
}


@pytest.mark.parametrize("code", CHANGES)
def test_everything_is_looked_at_again_when_somebody_presses(
    ana: Staff, case_id: UUID, company: Gateway, code: str
) -> None:
    hearing, party = hearing_of(ana, case_id), client_of(ana, case_id)
    CHANGES[code](ana, case_id)
    with pytest.raises(Refused) as told:
        texting.send(ana, case_id, party, hearing, TEXT_WEEK)
    assert told.value.code == code
    assert told.value.sentence == texting.REFUSAL_SENTENCES[code]
    assert company.taken == []


@pytest.mark.parametrize(
    ("hours", "step", "code"),
    [
        (10, TEXT_WEEK, "hour"),  # 20:00
        (-3, TEXT_WEEK, "hour"),  # 7:00
        (0, TEXT_DAY, "not_due"),
        (-24, TEXT_WEEK, "not_due"),
        (24 * 6, TEXT_WEEK, "not_due"),  # the day before: the other text's
        (24 * 7, TEXT_DAY, "not_due"),  # it began
        (0, "text_3", "not_due"),
    ],
)
def test_texts_have_their_days_and_hours(
    ana: Staff, case_id: UUID, company: Gateway, monkeypatch: pytest.MonkeyPatch, hours: int, step: str, code: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=hours))
    with pytest.raises(Refused) as told:
        send(ana, case_id, step)
    assert told.value.code == code
    assert company.taken == []


def test_whoever_cannot_open_the_case_sends_nothing(ana: Staff, case_id: UUID, company: Gateway) -> None:
    outsider = cast.found(name="Lena Hoffmann", email="lena@elsewhere.test")
    with pytest.raises(NotFound):
        texting.send(outsider, case_id, client_of(ana, case_id), hearing_of(ana, case_id), TEXT_WEEK)
    assert company.taken == []


def test_a_moved_hearing_is_told_of_again(ana: Staff, case_id: UUID, company: Gateway) -> None:
    send(ana, case_id)
    clients.record_call(
        ana, case_id, client_of(ana, case_id), clients.CallResult(result="reached"), hearing_id=hearing_of(ana, case_id)
    )
    assert client_world.told(ana, case_id).call_on is None
    entry = opened(ana, case_id).entries_of(Hearing)[0]
    moved = replace(entry.record, starts_at=STARTS + dt.timedelta(hours=2))
    hearings.change_hearing(ana, case_id, entry.id, moved, version=entry.version)
    again = client_world.told(ana, case_id)
    assert client_contact.is_call_due(again.call_on, dt.date(2026, 11, 24))
    assert client_contact.text_due(again.texts, dt.date(2026, 11, 24)) is not None
    assert send(ana, case_id) == "handed_over"


def test_a_text_cannot_be_undone_and_a_call_can(ana: Staff, case_id: UUID) -> None:
    send(ana, case_id)
    text = opened(ana, case_id).entries_of(ContactAttempt)[0]
    with pytest.raises(Refused, match="undo"):
        undo.undo_change(ana, case_id, text.id, text.version)
    (call,) = clients.record_call(
        ana, case_id, client_of(ana, case_id), clients.CallResult(result="reached"), hearing_id=hearing_of(ana, case_id)
    )
    undo.undo_change(ana, case_id, call, 1)
    assert [attempt.way for attempt in attempts(ana, case_id)] == ["text"]
