"""The office's recovery: shares dealt once, every key covered, a drill that proves it."""

import datetime as dt

import pytest

from caseapp.accounts.directory import escrow, escrow_rows, groups, members, rotation
from caseapp.accounts.directory.escrow_rows import EscrowRow
from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.members import removal
from caseapp.accounts.models import Recovery
from caseapp.accounts.recovery import office as office_recovery
from caseapp.accounts.recovery import offline_file
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.vault.core import shares
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast
from tests.helpers.sheets import dealt, make_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Staff:
    return cast.found()


def _opened(staff: Staff, given: tuple[str, ...]) -> escrow_rows.OpenedEscrow:
    rows = office_recovery.read_escrow_rows(staff.keys)
    return escrow_rows.open_rows(staff.org_id, rows, shares.derive_key_pair(shares.recover_secret(given[:2])))


def test_two_of_three_shares_open_every_key_of_the_office_and_its_root(admin: Staff) -> None:
    given = dealt(admin)
    opened = _opened(admin, given[1:])
    assert {(key.group, key.epoch, key.key) for key in opened.keys} == {
        (key.group, key.epoch, key.key) for key in admin.keys.held
    }
    assert opened.root == admin.keys.keyring.org_root_private
    assert opened.office_file == admin.keys.office_file


def test_one_share_opens_nothing(admin: Staff) -> None:
    given = dealt(admin)
    with pytest.raises(OpenFailed):
        _opened(admin, given[:1])


def test_only_a_holder_of_the_root_makes_a_set(admin: Staff) -> None:
    cast.colleague_of(admin)
    with pytest.raises(Refused) as refusal:
        make_set(cast.signed_in("ben@office.test"), admin)
    assert refusal.value.code == "root"
    assert members.read_directory(admin.keys).recovery is None


def test_a_scheme_that_is_not_offered_is_refused(admin: Staff) -> None:
    with pytest.raises(Refused) as refusal:
        make_set(admin, needed=1, holders=1)
    assert refusal.value.code == "scheme"


def test_shares_of_an_older_set_open_nothing(admin: Staff) -> None:
    old = dealt(admin)
    dealt(admin, needed=3, holders=5)
    assert _opened(admin, old).root, "the new set is not in use yet"
    office_recovery.confirm_set(admin)
    with pytest.raises(OpenFailed):
        _opened(admin, old)


def test_coverage_is_counted_without_a_key(admin: Staff) -> None:
    # Office, team, auditors and conflict officers with one epoch each, and the root.
    assert escrow.count_covered_keys(admin.org_id) == (5, 0)
    dealt(admin)
    assert escrow.count_covered_keys(admin.org_id) == (5, 5)
    with office_transaction(admin.org_id):
        row = Recovery.objects.filter(org_id=admin.org_id).first()
        assert row is not None
        Recovery.objects.filter(org_id=admin.org_id, id=row.id).delete()
    assert escrow.count_covered_keys(admin.org_id) == (5, 4)
    cast.signed_in("ana@office.test")  # whoever holds the key covers it again
    assert escrow.count_covered_keys(admin.org_id) == (5, 5)


def test_a_new_team_and_a_new_epoch_are_covered_when_they_are_made(admin: Staff) -> None:
    ben = cast.colleague_of(admin)
    given = dealt(admin, cast.signed_in("ben@office.test"))
    team = groups.create(admin.keys, kind="team", name="Detained", members={admin.member_id: "lead", ben: "member"})
    assert escrow.count_covered_keys(admin.org_id) == (6, 6)
    removal.end_membership(admin, ben)
    new = rotation.rotate_group_key(admin.keys, team.group)
    assert new.epoch == 2
    assert (new.group, 2, new.key) in {(key.group, key.epoch, key.key) for key in _opened(admin, given).keys}


def test_a_wall_of_others_is_covered_by_them_after_a_new_set(admin: Staff) -> None:
    ben = cast.colleague_of(admin)
    bens = cast.signed_in("ben@office.test")
    wall = groups.create(bens.keys, kind="wall", name="Wall", members={ben: "lead"})
    given = dealt(admin, bens)
    live, covered = escrow.count_covered_keys(admin.org_id)
    assert live - covered == 1, "the admin does not hold the wall's key"
    cast.signed_in("ben@office.test")
    assert escrow.count_covered_keys(admin.org_id) == (live, live)
    assert wall.key in {key.key for key in _opened(admin, given).keys}


def test_a_row_put_in_anothers_place_is_found(admin: Staff) -> None:
    given = dealt(admin)
    rows = office_recovery.read_escrow_rows(admin.keys)
    swapped = [
        EscrowRow(id=rows[1].id, sealed=rows[0].sealed),
        EscrowRow(id=rows[0].id, sealed=rows[1].sealed),
        *rows[2:],
    ]
    with pytest.raises(OpenFailed):
        escrow_rows.open_rows(admin.org_id, swapped, shares.derive_key_pair(shares.recover_secret(given[:2])))


def test_a_drill_counts_once_its_code_was_typed_back(admin: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    given = dealt(admin)
    code, rows, root = offline_file.open_test_file(office_recovery.build_test_file(admin), given[:2])
    assert rows == 5
    assert root == admin.keys.keyring.org_root_public
    with pytest.raises(Refused):
        office_recovery.confirm_test(admin, "AAAAA-AAAAA")
    assert _last_drill(admin) is None
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    office_recovery.confirm_test(admin, code.lower().replace("-", " "))
    assert _last_drill(admin) == now
    with pytest.raises(Refused):
        office_recovery.confirm_test(admin, code)  # each drill has a code of its own


def _last_drill(staff: Staff) -> dt.datetime | None:
    chosen = office_recovery.read_state(staff.keys).current_set
    return chosen.tested_at if chosen is not None else None


def test_a_damaged_row_fails_the_test(admin: Staff) -> None:
    given = dealt(admin)
    with office_transaction(admin.org_id):
        row = Recovery.objects.filter(org_id=admin.org_id).first()
        assert row is not None
        broken = bytes(row.sealed)[:-1] + bytes([bytes(row.sealed)[-1] ^ 1])
        Recovery.objects.filter(org_id=admin.org_id, id=row.id).update(sealed=broken)
    with pytest.raises(OpenFailed):
        offline_file.open_test_file(office_recovery.build_test_file(admin), given[:2])
