"""Who answers STOP gets no more texts, in whatever case they stand, and until they agree again."""

import datetime as dt
from collections.abc import Generator
from uuid import UUID

import pytest
from django.db import connection

from caseapp.accounts.directory import opt_out_inbox
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import sharing, undo
from caseapp.casefile.upkeep import reminder_reconciliation
from caseapp.clients.services import opt_outs, texting
from caseapp.index import reader, rows, store
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.consent import Consent
from caseapp.vault.tenancy import office_transaction
from tests.clients import client_world
from tests.clients.client_world import NOW, agreed, client_of, consents, hearing_of, opened
from tests.helpers import cast
from tests.reminders.gateway import Gateway, gateway

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> list[dt.datetime]:
    """The time it is: change its only entry."""
    moment = [NOW]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


@pytest.fixture
def ana() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(ana: Staff) -> UUID:
    made = client_world.a_case(ana)
    agreed(ana, made)
    return made


@pytest.fixture
def token(ana: Staff) -> bytes:
    with office_transaction(ana.org_id):
        return opt_out_inbox.create_address(ana.keys)


@pytest.fixture
def company() -> Generator[Gateway]:
    with gateway() as running:
        yield running


def _stop(token: bytes, number: str = "+12125550122") -> None:
    opt_out_inbox.store_opt_out(opt_out_inbox.find_hook(token), number)


@pytest.mark.parametrize("number", ["+12125550122", "12125550122", "2125550122"])
def test_a_stop_ends_the_consent_of_that_number(
    ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime], number: str
) -> None:
    at[0] += dt.timedelta(hours=1)
    _stop(token, number)
    at[0] += dt.timedelta(hours=20)
    assert opt_outs.apply(ana) == 1
    (consent,) = consents(ana, case_id)
    assert (consent.withdrawn_how, consent.withdrawn_at) == ("answered_stop", NOW + dt.timedelta(hours=1))
    with office_transaction(ana.org_id):
        view = reader.open_view(ana.keys, zone=ana.zone)
        assert [(item.item.name, item.item.on) for item in view.recent_stops()] == [
            (client_world.NAME, dt.date(2026, 11, 24))
        ]
        assert view.consented_phones() == []


def test_it_is_done_once_however_often_it_came(ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]) -> None:
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    _stop(token)
    assert opt_outs.apply(ana) == 1
    version = opened(ana, case_id).head_version
    assert opt_outs.apply(ana) == 0
    assert opened(ana, case_id).head_version == version


def test_no_member_undoes_the_stop_of_a_client(ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]) -> None:
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    assert opt_outs.apply(ana) == 1
    ((record_id, entry),) = [
        (record_id, entry)
        for record_id, entry in opened(ana, case_id).entries.items()
        if isinstance(entry.record, Consent)
    ]
    with pytest.raises(Refused, match="undo"):
        undo.undo_change(ana, case_id, record_id, entry.version)
    (consent,) = consents(ana, case_id)
    assert consent.withdrawn_how == "answered_stop"


def test_a_consent_given_again_after_the_stop_stands(
    ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]
) -> None:
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    opt_outs.apply(ana)
    at[0] += dt.timedelta(hours=1)
    agreed(ana, case_id)
    version = opened(ana, case_id).head_version
    assert opt_outs.apply(ana) == 0
    assert opened(ana, case_id).head_version == version
    assert sum(not consent.is_withdrawn for consent in consents(ana, case_id)) == 1


def test_a_consent_told_of_late_but_asked_before_the_stop_ends(
    ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]
) -> None:
    at[0] += dt.timedelta(days=2)
    _stop(token)
    at[0] += dt.timedelta(days=1)
    agreed(ana, case_id, asked_on=dt.date(2026, 11, 25))
    assert opt_outs.apply(ana) == 1
    assert all(consent.is_withdrawn for consent in consents(ana, case_id))


def test_another_number_is_left_alone(ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]) -> None:
    at[0] += dt.timedelta(hours=1)
    for number in ("+12125550123", "+522125550122", "5501229"):
        _stop(token, number)
    assert opt_outs.apply(ana) == 0


def test_one_number_in_two_cases_ends_in_both(ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]) -> None:
    other = client_world.a_case(ana, name="Leila Karimi")
    agreed(ana, other)
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    assert opt_outs.apply(ana) == 2


def test_a_stop_waits_for_whoever_is_inside_a_wall(
    ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime]
) -> None:
    cast.colleague_of(ana)
    ben = cast.signed_in("ben@office.test")
    sharing.restrict_to_members(ana, case_id, [ana.member_id])
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    assert opt_outs.apply(ben) == 0
    assert opt_outs.apply(ana) == 1


def test_no_text_goes_out_between_the_stop_and_the_next_look(
    ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime], company: Gateway
) -> None:
    client_world.use_gateway(ana, company.for_clients())
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    with pytest.raises(Refused, match="answered_stop"):
        texting.send(ana, case_id, client_of(ana, case_id), hearing_of(ana, case_id), "text_7")
    assert company.taken == []


def test_a_stop_that_the_index_could_not_find_stops_the_text_all_the_same(
    ana: Staff, case_id: UUID, token: bytes, at: list[dt.datetime], company: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_world.use_gateway(ana, company.for_clients())
    at[0] += dt.timedelta(hours=1)
    _stop(token)
    monkeypatch.setattr(opt_outs, "apply", lambda staff: 0)
    with pytest.raises(Refused, match="answered_stop"):
        texting.send(ana, case_id, client_of(ana, case_id), hearing_of(ana, case_id), "text_7")
    assert company.taken == []


def test_rows_of_an_older_program_are_written_anew_the_nearest_hearing_first(ana: Staff, case_id: UUID) -> None:
    group = ana.keys.teams[0].group
    with office_transaction(ana.org_id):
        row = reader.open_view(ana.keys).find_row(case_id)
        assert row is not None
        old = rows.CaseRow(schema=1, **{name: getattr(row, name) for name in row.__struct_fields__
                                        if name not in {"schema", "clients", "stops", "phones"}})  # fmt: skip
        store.save(ana.keys, {group: [(case_id, old)]})
    with office_transaction(ana.org_id):
        view = reader.open_view(ana.keys)
        assert list(view.clients_to_contact()) == []
        assert view.outdated_case_ids(9) == [case_id]
    assert reminder_reconciliation.renew_rows(ana) == 1
    assert reminder_reconciliation.renew_rows(ana) == 0
    with office_transaction(ana.org_id):
        assert [item.item.name for item in reader.open_view(ana.keys).clients_to_contact()] == [client_world.NAME]


def test_the_number_stands_nowhere_in_clear(ana: Staff, case_id: UUID, token: bytes) -> None:
    _stop(token)
    opt_outs.apply(ana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                for needle in ("2125550122", client_world.NUMBER, b"2125550122".hex(), "Karimi"):
                    assert needle not in row, table
