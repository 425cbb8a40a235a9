"""Who a case is open to: shares with a person or a team, walls, and that nothing is left for whoever is outside."""

import datetime as dt
from uuid import UUID

import pytest
from django.db import connection

from caseapp.accounts.directory import groups
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import case_access, sharing
from caseapp.cases.services import cases as cases_services
from caseapp.cases.services import notes, tasks
from caseapp.index import reader, store
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.deadline import Deadline
from caseapp.records.note import Note
from caseapp.vault.errors import NoKey
from caseapp.vault.head import Access
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 24)
NAME = "Farid Karimi"


@pytest.fixture(autouse=True)
def _frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def ana() -> Staff:
    return cast.found()


@pytest.fixture
def case_id(ana: Staff) -> UUID:
    return cases_services.open_case(ana, cases_services.NewCase(name=NAME, last_arrival_on=dt.date(2026, 4, 9)))


@pytest.fixture
def ben(ana: Staff) -> Staff:
    """In the same team."""
    cast.colleague_of(ana)
    return cast.signed_in("ben@office.test")


@pytest.fixture
def vera(ana: Staff) -> Staff:
    """A volunteer in no team."""
    cast.volunteer_of(ana)
    return cast.signed_in("vera@office.test")


def _opens(staff: Staff, case_id: UUID) -> bool:
    with office_transaction(staff.org_id):
        try:
            case_access.open_case(staff.keys, case_id)
        except NotFound:
            return False
    return True


def _found(staff: Staff) -> list[UUID]:
    return [hit.case_id for hit in reader.open_view(staff.keys).search_cases("karimi")]


def test_one_case_is_shared_with_one_person_who_reads_writes_and_finds_it(
    ana: Staff, case_id: UUID, vera: Staff
) -> None:
    other = cases_services.open_case(ana, cases_services.NewCase(name="Olena Kovalenko"))
    assert not _opens(vera, case_id)
    sharing.share_with_member(ana, case_id, vera.member_id, TODAY)
    vera = cast.signed_in("vera@office.test")
    assert (_opens(vera, case_id), _opens(vera, other)) == (True, False)
    assert _found(vera) == [case_id]
    notes.add_note(vera, case_id, text="Interpreted for an hour.")
    with office_transaction(ana.org_id):
        file = case_access.open_case(ana.keys, case_id)
    assert [note.record.text for note in file.entries_of(Note)] == ["Interpreted for an hour."]


def test_what_a_shared_colleague_saves_shows_in_the_teams_index(ana: Staff, case_id: UUID, vera: Staff) -> None:
    sharing.share_with_member(ana, case_id, vera.member_id, None)
    vera = cast.signed_in("vera@office.test")
    tasks.add_task(vera, case_id, text="Bring the birth record", due_on=dt.date(2026, 12, 1))
    row = reader.open_view(ana.keys).find_row(case_id)
    assert row is not None
    assert [task.text for task in row.tasks] == ["Bring the birth record"]
    store.change_epoch(ana.keys, ana.keys.teams[0].group)  # as a merge does: 02 becomes 01
    row = reader.open_view(ana.keys).find_row(case_id)
    assert row is not None
    assert [task.text for task in row.tasks] == ["Bring the birth record"]


def test_a_share_ends_with_its_day_everywhere_and_its_key_is_gone_at_the_next_save(
    ana: Staff, case_id: UUID, vera: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharing.share_with_member(ana, case_id, vera.member_id, TODAY)
    vera = cast.signed_in("vera@office.test")
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=20))
    assert _opens(vera, case_id), "it is still that day somewhere"
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(hours=33))
    vera = cast.signed_in("vera@office.test")
    assert not _opens(vera, case_id)
    assert _found(vera) == []
    ana = cast.signed_in("ana@office.test")
    notes.add_note(ana, case_id, text="After the share.")
    with office_transaction(ana.org_id):
        file = case_access.open_case(ana.keys, case_id)
    assert file.get_only(Access).record.shares == ()
    assert file.kver == 2


def test_taking_a_share_back_gives_the_case_a_key_the_other_never_had(ana: Staff, case_id: UUID, vera: Staff) -> None:
    share_id = sharing.share_with_member(ana, case_id, vera.member_id, None)
    vera = cast.signed_in("vera@office.test")
    sharing.end_share(ana, case_id, share_id)
    assert not _opens(vera, case_id)
    assert _found(vera) == []
    assert _found(ana) == [case_id]


def test_whoever_a_case_was_shared_with_cannot_pass_it_on(ana: Staff, case_id: UUID, vera: Staff, ben: Staff) -> None:
    sharing.share_with_member(ana, case_id, vera.member_id, None)
    vera = cast.signed_in("vera@office.test")
    with pytest.raises(NotFound):
        sharing.restrict_to_members(vera, case_id, [])
    with pytest.raises(NotFound):
        sharing.share_with_member(vera, case_id, ben.member_id, None)


@pytest.mark.parametrize("until", [dt.date(2026, 11, 23), dt.date(2028, 1, 1)])
def test_a_day_that_is_past_or_far_off_is_refused(ana: Staff, case_id: UUID, vera: Staff, until: dt.date) -> None:
    with pytest.raises(Refused) as refusal:
        sharing.share_with_member(ana, case_id, vera.member_id, until)
    assert refusal.value.code == "until"


def test_sharing_twice_changes_the_day_and_keeps_one_share(ana: Staff, case_id: UUID, vera: Staff) -> None:
    first = sharing.share_with_member(ana, case_id, vera.member_id, TODAY)
    assert sharing.share_with_member(ana, case_id, vera.member_id, TODAY) == first
    for until in (dt.date(2027, 1, 24), dt.date(2026, 12, 24)):
        sharing.share_with_member(ana, case_id, vera.member_id, until)
    vera = cast.signed_in("vera@office.test")
    with office_transaction(ana.org_id):
        shares = case_access.open_case(vera.keys, case_id).get_only(Access).record.shares
    assert [share.key.until for share in shares] == [dt.date(2026, 12, 24)]


def test_a_case_shared_with_a_second_team_is_open_to_it_and_to_whoever_joins_it(
    ana: Staff, case_id: UUID, ben: Staff, vera: Staff
) -> None:
    team = groups.create(ana.keys, kind="team", name="Appeals", members={ana.member_id: "lead"})
    store.create(ana.org_id, team.group, 1)
    sharing.share_with_group(ana, case_id, team.group)
    groups.add_members(ana.keys, team.group, {vera.member_id: "member"})
    vera = cast.signed_in("vera@office.test")
    assert _opens(vera, case_id)
    assert _found(vera) == [case_id]
    notes.add_note(ben, case_id, text="Written by somebody outside that team.")
    assert _found(cast.signed_in("vera@office.test")) == [case_id]


def test_a_wall_shuts_out_the_rest_of_the_team(ana: Staff, case_id: UUID, ben: Staff, vera: Staff) -> None:
    sharing.share_with_member(ana, case_id, vera.member_id, None)
    wall_id = sharing.restrict_to_members(ana, case_id, [])
    assert _opens(ana, case_id)
    assert _found(ana) == [case_id]
    for staff in (ben, cast.signed_in("ben@office.test"), cast.signed_in("vera@office.test")):
        assert not _opens(staff, case_id)
        assert _found(staff) == []
        with pytest.raises(NoKey):
            staff.keys.group(wall_id)
    notes.add_note(ana, case_id, text="Behind the wall.")


def test_a_wall_leaves_no_wrap_and_no_index_part_for_those_outside(ana: Staff, case_id: UUID, ben: Staff) -> None:
    """With a copy of the database made afterwards, and everything a colleague outside holds."""
    sharing.restrict_to_members(ana, case_id, [])
    view = reader.load_group(ben.keys, ben.keys.teams[0].group)
    assert case_id.bytes not in view.raw
    with office_transaction(ana.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM index_part WHERE group_id = %s", [ben.keys.teams[0].group])
        assert cursor.fetchone() == (1,), "one part, written anew without the case"
        assert case_access.open_case(ana.keys, case_id).kver == 2


def test_a_wall_that_leaves_the_lead_outside_is_refused(ana: Staff, case_id: UUID, ben: Staff) -> None:
    with pytest.raises(Refused) as refusal:
        sharing.restrict_to_members(ben, case_id, [])
    assert refusal.value.code == "members"


def test_a_wall_is_widened_to_the_team_again(ana: Staff, case_id: UUID, ben: Staff) -> None:
    sharing.restrict_to_members(ana, case_id, [])
    sharing.move_to_group(ana, case_id, ana.keys.teams[0])
    assert _opens(ben, case_id)


def test_who_a_case_is_open_to_is_told(ana: Staff, case_id: UUID, ben: Staff, vera: Staff) -> None:
    sharing.share_with_member(ana, case_id, vera.member_id, TODAY)
    with office_transaction(ana.org_id):
        told = sharing.access_summary(ana, case_access.open_case(ana.keys, case_id))
    assert [person.name for person in told.people] == ["Ana Ruiz", "Ben Okafor"]
    assert [(share.name, share.until) for share in told.shares] == [("Vera Lind", TODAY)]
    assert (told.group_name, told.is_walled) == ("Harbor Legal Aid", False)


def test_whoever_is_outside_a_wall_is_no_longer_told_of_its_dates(ana: Staff, case_id: UUID) -> None:
    supervisor = cast.colleague_of(ana, role="supervisor")
    cases_services.change_case(ana, case_id, version=1, stage="in_court")

    def told() -> set[UUID]:
        with office_transaction(ana.org_id):
            dated = case_access.open_case(ana.keys, case_id).entries_of(Deadline)
        return {planned.member for entry in dated for planned in entry.record.planned}

    assert told() == {ana.member_id, supervisor}
    sharing.restrict_to_members(ana, case_id, [])
    assert told() == {ana.member_id}


def test_a_new_group_and_its_members_share_no_transaction_number(ana: Staff, case_id: UUID, ben: Staff) -> None:
    sharing.restrict_to_members(ana, case_id, [ben.member_id])

    def numbers(table: str) -> set[str]:
        with office_transaction(ana.org_id), connection.cursor() as cursor:
            cursor.execute(f"SELECT xmin::text FROM {table}")
            return {row[0] for row in cursor.fetchall()}

    of_members = numbers("accounts_member") | numbers("accounts_grant")
    assert len(numbers("accounts_grant")) == 1
    for table in ("accounts_group", "accounts_roster", "index_head", "index_part", "vault_record", "vault_case"):
        written_now = numbers(table)
        assert not of_members & written_now or table in {"accounts_group", "accounts_roster"}, table
    with office_transaction(ana.org_id), connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text FROM accounts_group ORDER BY xmin::text::bigint DESC LIMIT 1")
        assert cursor.fetchall()[0][0] not in of_members
