"""Consent, calls and slips as they are written down, and what the index and Today see of them."""

import datetime as dt
from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.casefile.contact import client_contact
from caseapp.cases.services import cases as cases_services
from caseapp.clients.services import contact, people
from caseapp.hearings.services import hearings
from caseapp.index import reader, rows
from caseapp.index.row_parts.contact import ClientRow
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.clients.client_world import NOW, agreed, attempts, client_of, consents, hearing_of, opened
from tests.helpers import cast

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def ana() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(ana: Staff) -> UUID:
    return client_world.a_case(ana)


def test_a_consent_keeps_what_was_asked_and_the_number_as_it_is_dialled(ana: Staff, case_id: UUID) -> None:
    agreed(ana, case_id, told_by="Maria", until=dt.date(2027, 6, 1))
    (found,) = consents(ana, case_id)
    assert (found.contact, found.number) == (client_world.NUMBER, "+12125550122")
    assert (found.asked_on, found.asked_how, found.told_by, found.until) == (
        TODAY, "in_person", "Maria", dt.date(2027, 6, 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"contact": "+1 212 555 0199"}, "contact"),
        ({"asked_on": dt.date(2026, 11, 25)}, "asked_on"),
        ({"until": dt.date(2026, 11, 23)}, "until"),
        ({"until": dt.date(2036, 11, 23)}, "until"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(ana: Staff, case_id: UUID, changed: dict[str, object], code: str) -> None:
    with pytest.raises(Refused, match=code):
        agreed(ana, case_id, **changed)
    assert consents(ana, case_id) == []


@pytest.mark.parametrize("safe", ["no", "not_asked"])
def test_nobody_is_asked_for_a_phone_that_is_not_safe(ana: Staff, safe: str) -> None:
    contacts = (Contact(way="phone", text=client_world.NUMBER, safe=safe),)
    case_id = cases_services.open_case(ana, cases_services.NewCase(name="Maria Lopez", contacts=contacts))
    with pytest.raises(Refused, match="contact"):
        agreed(ana, case_id)


def test_a_number_without_its_country_is_asked_about() -> None:
    staff = cast.found(zone="Europe/Paris")
    case_id = client_world.a_case(staff, number="55 1234 5678")
    with pytest.raises(Refused, match="contact"):
        agreed(staff, case_id, contact="55 1234 5678")


def test_a_new_consent_replaces_the_one_before(ana: Staff, case_id: UUID) -> None:
    agreed(ana, case_id)
    agreed(ana, case_id, detail="date_time")
    ended = {consent.detail: consent.withdrawn_how for consent in consents(ana, case_id)}
    assert ended == {"plain": "replaced", "date_time": ""}


def test_a_consent_is_taken_back_with_how_and_when(ana: Staff, case_id: UUID) -> None:
    agreed(ana, case_id)
    contact.withdraw_consent(ana, case_id, client_of(ana, case_id), how="told_us")
    (found,) = consents(ana, case_id)
    assert (found.withdrawn_on, found.withdrawn_at, found.withdrawn_how) == (TODAY, NOW, "told_us")
    with pytest.raises(Refused, match="consent"):
        contact.withdraw_consent(ana, case_id, client_of(ana, case_id), how="told_us")


def test_only_a_client_is_asked_or_called(ana: Staff, case_id: UUID) -> None:
    brother = people.add_person(ana, case_id, Party(role="witness", name=Name(full="Omar Karimi")))
    with pytest.raises(NotFound):
        contact.record_call(
            ana, case_id, brother, contact.CallResult(result="reached"), hearing_id=hearing_of(ana, case_id)
        )
    with pytest.raises(NotFound):
        contact.record_reminder_sheet(ana, case_id, brother, hearing_of(ana, case_id))


def test_who_heard_it_together_is_written_down_at_once(ana: Staff, case_id: UUID) -> None:
    rider = people.add_person(ana, case_id, Party(role="rider", name=Name(full="Leila Karimi")))
    hearing = opened(ana, case_id).entries_of(Hearing)[0]
    both = replace(hearing.record, parties=(client_of(ana, case_id), rider))
    hearings.change_hearing(ana, case_id, hearing.id, both, version=hearing.version)
    contact.record_call(
        ana,
        case_id,
        rider,
        contact.CallResult(result="no_answer", also=[client_of(ana, case_id)]),
        hearing_id=hearing.id,
    )
    assert [attempt.party for attempt in attempts(ana, case_id)] == [rider]
    contact.record_call(
        ana, case_id, rider, contact.CallResult(result="reached", also=[client_of(ana, case_id)]), hearing_id=hearing.id
    )
    reached = {attempt.party for attempt in attempts(ana, case_id) if attempt.result == "reached"}
    assert reached == {rider, client_of(ana, case_id)}


@pytest.mark.parametrize("on", [dt.date(2026, 11, 23), dt.date(2026, 12, 2)])
def test_the_next_try_lies_ahead_and_before_the_hearing(ana: Staff, case_id: UUID, on: dt.date) -> None:
    with pytest.raises(Refused, match="next_try_on"):
        contact.record_call(
            ana,
            case_id,
            client_of(ana, case_id),
            contact.CallResult(result="no_answer", next_try_on=on),
            hearing_id=hearing_of(ana, case_id),
        )
    assert attempts(ana, case_id) == []


def test_an_oversized_note_is_refused(ana: Staff, case_id: UUID) -> None:
    with pytest.raises(Refused, match="note"):
        contact.record_call(
            ana,
            case_id,
            client_of(ana, case_id),
            contact.CallResult(result="reached", note="word " * 401),
            hearing_id=None,
        )


def test_a_slip_that_was_handed_over_is_written_down_and_leaves_the_call_due(ana: Staff, case_id: UUID) -> None:
    contact.record_reminder_sheet(ana, case_id, client_of(ana, case_id), hearing_of(ana, case_id))
    (slip,) = attempts(ana, case_id)
    assert (slip.way, slip.result, slip.starts_at) == ("print", "given", client_world.STARTS)
    assert client_contact.is_call_due(client_world.told(ana, case_id).call_on, TODAY)


def _clients(staff: Staff) -> list[ClientRow]:
    with office_transaction(staff.org_id):
        return [item.item for item in reader.open_view(staff.keys, zone=staff.zone).clients_to_contact()]


def test_the_index_says_who_is_to_be_told(ana: Staff, case_id: UUID) -> None:
    (row,) = _clients(ana)
    assert (row.name, row.careful, row.blocked) == (client_world.NAME, client_world.CAREFUL, "no_consent")
    assert (row.call_on, row.texts) == (TODAY, ())
    agreed(ana, case_id)
    contact.record_call(ana, case_id, row.party, contact.CallResult(result="reached"), hearing_id=row.hearing)
    (row,) = _clients(ana)
    assert (row.call_on, row.blocked, [text.step for text in row.texts]) == (None, "", ["text_7", "text_1"])


def test_a_case_is_looked_into_from_the_first_day_of_its_steps_until_the_hearing(
    ana: Staff, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {}
    for on in (22, 23, 24, 30, 31):
        monkeypatch.setattr(clock, "now", lambda on=on: NOW + dt.timedelta(days=on - 24))
        shown[on] = len(_clients(ana))
    assert shown == {22: 0, 23: 1, 24: 1, 30: 1, 31: 0}


def test_a_row_of_an_older_program_has_no_steps_and_is_known_as_such() -> None:
    old = rows.CaseRow(schema=1, ref="7KQ4D", stage="in_court")
    raw = rows.encode(old)
    assert rows.decode_summary(raw).schema == 1
    bare = rows._encoder.encode([[1, "7KQ4D", "in_court", False, False, b"", [], 0, 0, [], [], [], [], 0, [], [], []],
                                 [1, "7KQ4D", "in_court"]])  # fmt: skip
    assert rows.decode_summary(bare).schema == 1
    assert rows.decode_summary(bare).tell_first == 0
    assert rows.decode(bare).clients == ()
