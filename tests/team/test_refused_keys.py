"""What a member's program refused is shown to admins, in the doctor and in the audit trail, and stops no other team."""

from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from msgspec.structs import replace

from caseapp.accounts.directory import grants
from caseapp.accounts.directory import members as directory
from caseapp.accounts.keys.staff import Keys
from caseapp.accounts.members import removal
from caseapp.accounts.models import Grant, Group
from caseapp.casefile import transaction
from caseapp.cases.services import notes
from caseapp.cli import doctor
from caseapp.cli.doctor import Unhealthy
from caseapp.index import store as index
from caseapp.vault import case_key_access
from caseapp.vault.core import hybrid, primitives
from caseapp.vault.core.keyring import SHARE, GroupKey
from caseapp.vault.head import Access, Share
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction
from tests.helpers import cast, process_state
from tests.helpers.two_offices import NAME, Worker
from tests.team.test_members import member
from tests.trail.test_what_is_recorded import trail_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
REFUSED = "a key that the group&#x27;s record does not name"


@pytest.fixture(autouse=True)
def _nothing_reported_yet() -> None:
    process_state.forget_case_openings()


def _forge_grant(attorney: Worker, ben: Worker) -> None:
    """Let Ben give Ana a key that he chose."""
    team = attorney.staff.keys.teams[0]
    chosen = GroupKey(group=team.group, epoch=9, key=primitives.new_key(), hpke_private=hybrid.new_key_pair().private)
    ana = directory.read_directory(attorney.staff.keys).find_person(attorney.staff.member_id)
    grants.give_keys(ben.staff.keys, ana, (chosen,))


def test_an_admin_sees_on_the_page_and_in_the_doctor_that_a_key_was_refused(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    assert doctor._check_keys() == "none was refused in the last day"
    assert REFUSED not in attorney.client.get("/team/").content.decode()
    _forge_grant(attorney, ben)
    assert attorney.client.get("/").status_code == 200
    page = attorney.client.get("/team/").content.decode()
    assert f"Ana Ruiz: {REFUSED}" in page
    assert "nothing was saved with it" in page
    assert "keys.refused" in {entry.what for entry in trail_of(attorney.staff)}
    with pytest.raises(Unhealthy, match="some were refused"):
        doctor._check_keys()


def test_a_member_who_is_no_admin_sees_no_findings(attorney: Worker) -> None:
    ben = member(attorney.staff, "caseworker")
    _forge_grant(attorney, ben)
    attorney.client.get("/")
    assert REFUSED not in ben.client.get("/team/").content.decode()


def test_one_teams_overwritten_row_leaves_its_cases_readable_and_every_other_page_open(
    attorney: Worker, case_id: UUID
) -> None:
    case = reverse("cases:case", args=[case_id])
    attorney.client.post("/team/teams/new/", {"name": "Detained"})
    team = attorney.staff.keys.teams[0].group
    with office_transaction(attorney.staff.org_id):
        Group.objects.filter(group_id=team).update(sealed=b"overwritten")
    pages = {path: attorney.client.get(path).status_code for path in ("/", "/cases/new/", "/team/", "/team/invite/")}
    assert set(pages.values()) == {200}, pages
    assert NAME in attorney.client.get(case).content.decode()
    assert attorney.client.post(f"{case}notes/new/", {"text": "not now"}).status_code >= 400
    page = attorney.client.get("/team/").content.decode()
    assert "One of your teams is not listed" in page
    assert "a group&#x27;s record that is missing or damaged" in page


def test_shares_that_no_member_of_the_home_group_signed_end_at_the_next_save(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vera has this one case by a share. Her own program adds a share for another volunteer."""
    cast.volunteer_of(attorney.staff)
    vera = cast.signed_in("vera@office.test")
    until = {"until_day": "24", "until_month": "12", "until_year": "2026"}
    share = {"act": "share", "member": str(vera.member_id), **until}
    assert attorney.client.post(reverse("cases:access", args=[case_id]), share).status_code == 303
    vera = cast.signed_in("vera@office.test")
    idris = cast.volunteer_of(attorney.staff, name="Idris Kamau", email="idris@office.test")
    added = Share(key=GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), kind=SHARE), member=idris)

    def add_share(keys: Keys, draft: Draft) -> tuple[UUID, ...]:
        entry = draft.file.get_only(Access)
        draft.change(entry.id, replace(entry.record, shares=(*entry.record.shares, added)))
        case_key_access.grant_group(draft, added.key)
        index.create(keys.org_id, added.key.group, 1)
        return ()

    with monkeypatch.context() as patched:
        patched.setattr(transaction, "refresh_access", add_share)
        notes.add_note(vera, case_id, text="By Vera")
    assert len(attorney.file(case_id).get_only(Access).record.shares) == 2
    before = attorney.file(case_id).kver
    notes.add_note(cast.signed_in("ana@office.test"), case_id, text="By Ana")
    after = attorney.file(case_id)
    assert (after.get_only(Access).record.shares, after.kver) == ((), before + 1)
    assert "case.shares" in {entry.reason for entry in trail_of(attorney.staff)}


def test_a_colleague_who_holds_a_teams_next_key_back_closes_no_other_page(attorney: Worker, case_id: UUID) -> None:
    """Dora leaves, Ben makes the team's next key, and the grant to Ana disappears from the table."""
    ben = member(attorney.staff, "caseworker")
    dora = cast.colleague_of(attorney.staff, name="Dora Novak", email="dora@office.test")
    attorney.client.post("/team/teams/new/", {"name": "Detained"})
    ana = cast.signed_in("ana@office.test")
    detained = next(team.group for team in ana.keys.teams if team.group != attorney.staff.keys.teams[0].group)
    new = {"name": "Selam Abebe", "group": str(detained), "stage": "intake"}
    assert attorney.client.post("/cases/new/", new).status_code == 303
    removal.end_membership(ana, dora)
    assert ben.client.get("/").status_code == 200
    with office_transaction(attorney.staff.org_id):
        Grant.objects.filter(recipient=attorney.staff.member_id).delete()
    today = attorney.client.get("/")
    assert today.status_code == 200
    cases = attorney.client.get("/cases/?show=team").content.decode()
    assert "Selam Abebe" in cases, "her other team is listed"
    assert NAME not in cases
    assert "the newest key of a group has not arrived" in attorney.client.get("/team/").content.decode()
