"""After somebody left: what is written from then on is shut to them, whatever they copied; nobody else loses a case.

The thief here has a copy of the database made after the removal and after later saves, the removed person's last
keyring and passphrase, and every secret of the server.
"""

import os
import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.models import Group, Member
from caseapp.casefile import case_access, sharing
from caseapp.casefile.upkeep import key_upkeep
from caseapp.cases.services import cases as cases_services
from caseapp.cases.services import notes
from caseapp.index import reader
from caseapp.lib.errors import NotFound, Refused, Unavailable
from caseapp.records.note import Note
from caseapp.team.services import removal
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast, epochs
from tests.helpers.attacker import Sealed, opened

pytestmark = pytest.mark.django_db(transaction=True)
# In eight offices: each round makes new keys, and in one office every later round has to try all of them.
CRASHES = int(os.environ.get("CASEAPP_CRASHES", "200"))
OFFICES = 8


@pytest.fixture
def ana() -> Staff:
    return cast.found(email="ana@office.test")


@pytest.fixture
def ben(ana: Staff) -> Staff:
    cast.colleague_of(ana)
    return cast.signed_in("ben@office.test")


@pytest.fixture
def cora(ana: Staff) -> Staff:
    cast.colleague_of(ana, name="Cora Diaz", email="cora@office.test", role="attorney")
    return cast.signed_in("cora@office.test")


def _new_case(staff: Staff, name: str = "Zarmina Qaderdan") -> UUID:
    return cases_services.open_case(staff, cases_services.NewCase(name=name))


def _notes(staff: Staff, case_id: UUID) -> list[str]:
    with office_transaction(staff.org_id):
        return sorted(entry.record.text for entry in case_access.open_case(staff.keys, case_id).entries_of(Note))


def _all_keys(keyring_groups: tuple[GroupKey, ...], file_keys: list[bytes]) -> list[bytes]:
    """What somebody who held these can still derive."""
    found = [*file_keys]
    for group in keyring_groups:
        found += [group.key, group.wrap_key(), group.index_key(), group.roster_key()]
    return found


def _copy_of(org_id: UUID, table: str, column: str, half: Callable[[UUID], bytes] | None = None) -> list[Sealed]:
    with office_transaction(org_id), connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        if half is not None:
            row["half"] = half(row["case_id"])
    return [Sealed(f"{table}.{column}", row, bytes(row[column])) for row in rows]


def test_a_copy_made_after_the_removal_opens_nothing_later_for_who_left(ana: Staff, ben: Staff, settings: Any) -> None:
    written, idle = _new_case(ana), _new_case(ana, "Farid Karimi")
    with office_transaction(ana.org_id):
        theirs = [case_access.open_case(ben.keys, case).key for case in (written, idle)]
    taken = _all_keys(ben.keys.held, theirs)
    removal.remove_member(ana, ben.member_id)
    before = {(thing.row["id"], thing.row["version"]) for thing in _copy_of(ana.org_id, "vault_record", "sealed")}
    notes.add_note(ana, written, text="after the removal")
    later = [
        thing for thing in _copy_of(ana.org_id, "vault_record", "sealed")
        if (thing.row["id"], thing.row["version"]) not in before
    ]  # fmt: skip
    assert len(later) >= 3, "the note, who holds the case, the head"
    half = settings.SHRED_FOLDER / "cases"
    copied = [*later, *_copy_of(ana.org_id, "index_part", "sealed"), *_copy_of(ana.org_id, "accounts_roster", "sealed")]
    copied += [
        thing for thing in _copy_of(ana.org_id, "vault_case", "wraps", lambda case: (half / case.hex).read_bytes())
        if thing.row["case_id"] == written
    ]  # fmt: skip
    assert [thing.where for thing, _ in opened(copied, taken)] == []
    assert _notes(ana, written) == ["after the removal"]
    with pytest.raises(NotFound):
        _notes(ben, written)


def test_the_sweep_gives_every_case_a_new_key_a_little_at_a_time(ana: Staff, ben: Staff) -> None:
    made = [_new_case(ana, f"Person {number}") for number in range(7)]
    with office_transaction(ana.org_id):
        was = {case: case_access.open_case(ana.keys, case).kver for case in made}
    removal.remove_member(ana, ben.member_id)
    assert key_upkeep.renew_case_keys(ana, budget=-1).left == 7, "no time, nothing done, nothing forgotten"
    total = 0
    while (progress := key_upkeep.renew_case_keys(ana, budget=0.02)).left or progress.renewed:
        total += progress.renewed
    assert total == 7
    with office_transaction(ana.org_id):
        assert all(case_access.open_case(ana.keys, case).kver == was[case] + 1 for case in made)
        assert {group.swept for group in Group.objects.filter(group_id=ana.keys.teams[0].group)} == {2}
    assert key_upkeep.renew_case_keys(ana).renewed == 0


def test_whoever_comes_next_makes_the_key_and_the_others_are_given_it(ana: Staff, ben: Staff, cora: Staff) -> None:
    case = _new_case(ana)
    wall = sharing.restrict_to_members(cora, case, [ana.member_id, ben.member_id])
    epochs.merge_waiting(ana.keys), epochs.merge_waiting(ben.keys)
    cases_services.change_case(cora, case, version=1, lead=cora.member_id)
    removal.remove_member(ana, ben.member_id)
    epochs.merge_waiting(cora.keys)
    notes.add_note(cora, case, text="by Cora")
    assert _notes(cora, case) == _notes(ana, case) == ["by Cora"]
    with office_transaction(ana.org_id):
        assert epochs.epochs_by_group(ana.org_id)[wall] == (2, 2)


def test_a_save_under_way_while_somebody_is_removed_is_not_written_under_the_old_key(
    ana: Staff, ben: Staff, cora: Staff
) -> None:
    case = _new_case(ana)
    with office_transaction(ana.org_id):
        # As if Ana's removal of Ben had committed after Cora's request began.
        Group.objects.filter(group_id=ana.keys.teams[0].group).update(needs_epoch=2)
    with pytest.raises(Unavailable):
        notes.add_note(cora, case, text="too late")
    assert key_upkeep.rotate_due_keys(cora)
    notes.add_note(cora, case, text="in time")
    epochs.merge_waiting(ana.keys)
    assert _notes(ana, case) == ["in time"]


def test_a_share_with_who_left_ends_at_the_next_write_and_one_with_their_group_goes_on_without_them(
    ana: Staff, ben: Staff, cora: Staff
) -> None:
    case = _new_case(ana)
    sharing.restrict_to_members(ana, case, [])
    sharing.share_with_member(ana, case, ben.member_id, None)
    team = ana.keys.teams[0].group if ana.keys.teams[0].kind == "team" else ana.keys.teams[1].group
    sharing.share_with_group(ana, case, team)
    for staff in (ben, cora):
        epochs.merge_waiting(staff.keys)
        assert _notes(staff, case) == []
    removal.remove_member(ana, ben.member_id)
    epochs.merge_waiting(cora.keys)
    notes.add_note(ana, case, text="after")
    epochs.merge_waiting(cora.keys)
    assert _notes(cora, case) == _notes(ana, case) == ["after"]
    with pytest.raises(NotFound):
        _notes(ben, case)
    assert case in {found for found, _ in reader.open_view(cora.keys, zone="UTC").all_rows()}


def test_a_person_it_is_shared_with_is_told_when_only_the_team_can_make_the_new_key(
    ana: Staff, ben: Staff, cora: Staff
) -> None:
    case = _new_case(ana)
    wall = sharing.restrict_to_members(ana, case, [ben.member_id])
    sharing.share_with_member(ana, case, cora.member_id, None)
    epochs.merge_waiting(cora.keys)
    with office_transaction(ana.org_id):
        Group.objects.filter(group_id=wall).update(needs_epoch=2)
    with pytest.raises(Refused, match="rekey"):
        notes.add_note(cora, case, text="not yet")
    key_upkeep.rotate_due_keys(ana)
    notes.add_note(ana, case, text="first")
    notes.add_note(cora, case, text="second")
    assert _notes(ana, case) == ["first", "second"]


def test_cases_are_handed_over(ana: Staff, ben: Staff, cora: Staff) -> None:
    case = _new_case(ben)
    assert removal.open_cases_led_by(ana, ben.member_id) == [case]
    assert removal.hand_over_cases(ana, removal.open_cases_led_by(ana, ben.member_id), to=cora.member_id) == 1
    removal.remove_member(ana, ben.member_id, hand_over_to=cora.member_id)
    assert removal.open_cases_led_by(ana, cora.member_id) == [case]


class Crash(BaseException):
    """The process is gone: nothing of ours catches this."""


def _crashing(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[None]:
    """From the `at`-th statement on, the process does not exist any more."""
    from django.db.backends.utils import CursorWrapper

    count = 0
    real = CursorWrapper._execute_with_wrappers  # type: ignore[attr-defined]  # not in the stubs

    def execute(self: CursorWrapper, sql: str, params: Any, many: bool, executor: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            raise Crash
        return real(self, sql, params, many, executor)

    with monkeypatch.context() as patched:
        patched.setattr(CursorWrapper, "_execute_with_wrappers", execute)
        yield


@pytest.mark.parametrize("office", range(OFFICES))
def test_a_crash_at_any_step_of_removal_and_new_keys_leaves_every_case_open_to_who_should_and_none_to_who_left(
    ana: Staff, ben: Staff, cora: Staff, monkeypatch: pytest.MonkeyPatch, office: int
) -> None:
    """Each round: somebody joins, cases are written, they are removed, and the process dies somewhere in between."""
    chance = random.Random(3 + office)
    made = [_new_case(ana, f"Person {number}") for number in range(3)]
    for number in range(-(-CRASHES // OFFICES)):
        email = f"volunteer{number}@office.test"
        gone_id = cast.colleague_of(ana, name=f"Volunteer {number}", email=email, role="volunteer")
        gone = cast.signed_in(email)
        assert all(_notes(gone, case) is not None for case in made)
        at = chance.randint(1, 260)
        crashed = False
        for _ in _crashing(monkeypatch, at):
            try:
                removal.remove_member(ana, gone_id)
                key_upkeep.renew_case_keys(ana, budget=60)
            except Crash:
                crashed = True
        connection.close()
        key_upkeep._sweeps.clear()
        ana, cora = _again(ana), _again(cora)
        with office_transaction(ana.org_id):
            removed = Member.objects.filter(id=gone_id, is_active=False).exists()
        if not removed:
            assert crashed
            removal.remove_member(ana, gone_id)
        # The next member who comes does what is left, whoever it is.
        for staff in chance.sample([ana, cora], 2):
            epochs.merge_waiting(staff.keys)
            key_upkeep.rotate_due_keys(staff)
        epochs.merge_waiting(ana.keys)
        epochs.merge_waiting(cora.keys)
        for case in made:
            notes.add_note(chance.choice([ana, cora]), case, text=f"round {number}")
        while (left := key_upkeep.renew_case_keys(ana, budget=60)).left or left.renewed:
            pass
        _check(ana, cora, gone, made, number)


def _again(staff: Staff) -> Staff:
    return cast.signed_in(f"{staff.name.split()[0].lower()}@office.test")


def _check(ana: Staff, cora: Staff, gone: Staff, made: list[UUID], number: int) -> None:
    for case in made:
        for staff in (ana, cora):
            assert f"round {number}" in _notes(staff, case)
        with pytest.raises(NotFound):
            _notes(gone, case)
    with office_transaction(ana.org_id):
        assert all(epoch == needs for epoch, needs in epochs.epochs_by_group(ana.org_id).values())
    assert {found for found, _ in reader.open_view(ana.keys, zone="UTC").all_rows()} == set(made)
