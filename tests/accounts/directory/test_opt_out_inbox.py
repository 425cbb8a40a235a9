"""What a text company tells of STOP waits sealed: nobody reads it in the database, and older keys still open it."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection, transaction

from caseapp.accounts.directory import opt_out_inbox, rotation
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Group, Hook, Stop
from caseapp.casefile.upkeep import housekeeping
from caseapp.lib import clock
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import server_keys
from caseapp.vault.core import hybrid
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.attacker import Sealed, keys_from, opened

pytestmark = pytest.mark.django_db
NUMBER = "+12125550122"


@pytest.fixture
def ana() -> Staff:
    return cast.found()


def _address(staff: Staff) -> bytes:
    with office_transaction(staff.org_id):
        return opt_out_inbox.create_address(staff.keys)


def _waiting(staff: Staff) -> list[str]:
    with office_transaction(staff.org_id):
        return [told.number for told in opt_out_inbox.read_opt_outs(staff.keys)]


def _take(token: bytes, number: str = NUMBER) -> None:
    opt_out_inbox.store_opt_out(opt_out_inbox.find_hook(token), number)


def test_a_stop_is_sealed_and_opens_for_the_office(ana: Staff) -> None:
    _take(_address(ana))
    assert _waiting(ana) == [NUMBER]


def test_no_number_stands_in_any_row_and_no_key_of_the_server_opens_one(ana: Staff) -> None:
    token = _address(ana)
    _take(token)
    with connection.cursor() as cursor:
        for table in ("accounts_stop", "accounts_hook", "accounts_throttle"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            for (row,) in cursor.fetchall():
                for needle in (NUMBER, NUMBER[1:], NUMBER.encode().hex(), token.hex()):
                    assert needle not in row
    row = Stop.objects.get()
    thing = Sealed("stop", {"org_id": row.org_id, "id": row.id}, bytes(row.sealed))
    inner = Sealed("stop", thing.row, bytes(row.sealed)[hybrid.WRAPPED_KEY[hybrid.HYBRID] :])
    assert list(opened([thing, inner], keys_from([server_keys.operational_key(), token]))) == []


def test_every_stop_has_one_size_and_tells_the_day_alone(ana: Staff) -> None:
    token = _address(ana)
    for number in ("1234567", NUMBER, "+" + "9" * 15):
        _take(token, number)
    assert len({len(bytes(row.sealed)) for row in Stop.objects.all()}) == 1
    assert {row.received_on for row in Stop.objects.all()} == {clock.now().date()}


def test_for_an_address_nobody_has_nothing_stays(ana: Staff) -> None:
    _address(ana)
    _take(b"x" * 32)
    assert not Stop.objects.exists()


def test_a_new_address_ends_the_old_one_and_the_token_is_not_stored(ana: Staff) -> None:
    old, new = _address(ana), _address(ana)
    assert opt_out_inbox.find_hook(old) is None
    assert opt_out_inbox.find_hook(new) is not None
    assert Hook.objects.count() == 1


def test_a_key_swapped_in_the_database_gets_nothing(ana: Staff) -> None:
    token = _address(ana)
    Hook.objects.update(public=hybrid.new_key_pair().public)
    assert opt_out_inbox.find_hook(token) is None


def test_after_somebody_left_stops_are_sealed_to_the_new_key_and_older_ones_still_open(ana: Staff) -> None:
    token = _address(ana)
    _take(token)
    old = ana.keys.office_group
    with office_transaction(ana.org_id):
        Group.objects.filter(org_id=ana.org_id, group_id=old.group).update(needs_epoch=2)
    rotation.rotate_group_key(ana.keys, old.group)
    _take(token, "+12125550199")
    assert sorted(_waiting(ana)) == [NUMBER, "+12125550199"]
    row = next(row for row in Stop.objects.all() if not _opens(old.hpke_private, row))
    assert _opens(ana.keys.office_group.hpke_private, row), "whoever left cannot read what comes now"


def _opens(private: bytes, row: Stop) -> bool:
    return opt_out_inbox._open_message([private], row) is not None


def test_a_row_that_was_altered_or_moved_is_passed_over(ana: Staff) -> None:
    token = _address(ana)
    _take(token)
    _take(token, "+12125550199")
    first, second = Stop.objects.all()
    Stop.objects.filter(id=first.id).update(sealed=second.sealed)
    assert len(_waiting(ana)) == 1
    Stop.objects.filter(id=second.id).update(sealed=b"\x01")
    assert _waiting(ana) == []


def test_what_is_older_than_sixty_days_goes_with_housekeeping(ana: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    token, now = _address(ana), clock.now()
    _take(token)
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(days=60))
    _take(token, "+12125550199")
    housekeeping.delete_expired()
    assert len(_waiting(ana)) == 2
    with acting_as("clock"):  # beat's role sees the day of a stop and no more
        assert opt_out_inbox.delete_received_before(now.date()) == 0
        with pytest.raises(ProgrammingError), transaction.atomic():
            list(Stop.objects.values_list("sealed"))
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(days=61))
    with acting_as("clock"):
        assert (
            opt_out_inbox.delete_received_before(clock.now().date() - dt.timedelta(days=opt_out_inbox.KEPT_DAYS)) == 1
        )
    assert _waiting(ana) == ["+12125550199"]


def test_the_webs_role_takes_a_stop_and_sees_its_own_office_only(ana: Staff) -> None:
    token = _address(ana)
    lena = cast.found(name="Lena Hoffmann", email="lena@elsewhere.test")
    with acting_as("web"):
        _take(token)
        _take(b"x" * 32)
        assert _waiting(ana) == [NUMBER]
        with office_transaction(lena.org_id):
            assert not Stop.objects.exists()


def test_another_office_sees_nothing_of_it(ana: Staff) -> None:
    _take(_address(ana))
    lena = cast.found(name="Lena Hoffmann", email="lena@elsewhere.test")
    assert _waiting(lena) == []
