"""Who belongs to the office: only its root says so, and nobody's key can be swapped for another's."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from caseapp.accounts.directory import grants, groups, members
from caseapp.accounts.directory.records import Directory
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.models import Roster
from caseapp.lib.errors import NotFound, Refused
from caseapp.vault.core import hybrid
from caseapp.vault.errors import OpenFailed
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def attorney() -> Staff:
    return cast.found()


def _swapped_key(directory_now: Directory, member_id: UUID) -> Directory:
    people = (replace(p, hpke_public=hybrid.new_key_pair().public) if p.member_id == member_id else p
              for p in directory_now.people)  # fmt: skip
    return replace(directory_now, people=tuple(people))


def _with_another_root(keys: Keys) -> Keys:
    root = hybrid.new_signing_key()
    ring = replace(keys.keyring, org_root_private=root, org_root_public=hybrid.derive_verify_key(root))
    return Keys(keys.org_id, keys.member_id, keys.bundle_key, ring)


def test_everybody_of_the_office_reads_the_same_directory(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    for email in ("ana@office.test", "ben@office.test"):
        people = members.read_directory(cast.signed_in(email).keys)
        assert {(p.name, p.role, p.is_admin) for p in people.active_people} == {
            ("Ana Ruiz", "attorney", True),
            ("Ben Okafor", "caseworker", False),
        }
        assert people.find_person(ben).hpke_public == hybrid.derive_public_key(
            cast.signed_in("ben@office.test").keys.keyring.hpke_private
        )


def test_only_a_holder_of_the_root_changes_it(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    with pytest.raises(Refused) as refusal:
        members.set_role(cast.signed_in("ben@office.test").keys, ben, role="attorney", is_admin=True)
    assert refusal.value.code == "root"


def test_a_public_key_swapped_in_the_database_stops_the_next_grant(attorney: Staff) -> None:
    """A thief who is a colleague holds the key that seals the directory, but not the root that signs it."""
    ben = cast.colleague_of(attorney)
    forger = _with_another_root(cast.signed_in("ben@office.test").keys)
    with office_transaction(attorney.org_id):
        row = Roster.objects.get(org_id=attorney.org_id, group_id=attorney.keys.office_group.group)
        forged = _swapped_key(members.read_directory(attorney.keys), ben)
        members._store_directory(forger, forger.office_group, replace(forged, version=row.version))
    with pytest.raises(OpenFailed):
        groups.create(attorney.keys, kind="team", name="Detained", members={attorney.member_id: "lead", ben: "member"})


def test_an_older_directory_put_back_is_refused(attorney: Staff) -> None:
    with office_transaction(attorney.org_id):
        row = Roster.objects.get(org_id=attorney.org_id, group_id=attorney.keys.office_group.group)
        old = bytes(row.sealed), row.version
    cast.colleague_of(attorney)
    cast.signed_in("ana@office.test")  # whoever signs in remembers the newest
    with office_transaction(attorney.org_id):
        Roster.objects.filter(org_id=row.org_id, group_id=row.group_id).update(sealed=old[0], version=old[1])
    with pytest.raises(OpenFailed, match="went back"):
        members.read_directory(cast.signed_in("ana@office.test").keys)


def test_a_removed_person_is_nobody_but_their_signatures_still_verify(attorney: Staff) -> None:
    ben = cast.colleague_of(attorney)
    signer = hybrid.signer_id(members.read_directory(attorney.keys).find_person(ben).sign_public)
    members.mark_removed(attorney.keys, ben)
    people = members.read_directory(attorney.keys)
    with pytest.raises(NotFound):
        people.find_person(ben)
    assert signer in people.verifiers
    assert [p.name for p in groups.active_members_of(attorney.keys, attorney.keys.teams[0].group)] == ["Ana Ruiz"]


def test_two_sessions_that_change_the_keyring_lose_nothing(attorney: Staff) -> None:
    one, two = cast.signed_in("ana@office.test").keys, cast.signed_in("ana@office.test").keys
    first, second = (cast.keys_of_a_new_group().keyring.groups[0] for _ in range(2))
    groups.add_to_own_keyring(one, first)
    groups.add_to_own_keyring(two, second)
    assert {first, second} <= set(cast.signed_in("ana@office.test").keys.held)


def test_nobody_is_given_keys_while_the_office_is_locked_down(attorney: Staff) -> None:
    from caseapp.accounts.models import OfficeState

    ben = cast.colleague_of(attorney)
    with office_transaction(attorney.org_id):
        OfficeState.objects.create(org_id=attorney.org_id, locked_down=True)
        with pytest.raises(Refused) as refusal:
            grants.give_keys(
                attorney.keys, members.read_directory(attorney.keys).find_person(ben), attorney.keys.groups
            )
    assert refusal.value.code == "locked_down"
