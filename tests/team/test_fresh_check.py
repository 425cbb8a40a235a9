"""What hands out keys, takes them away, or changes who is an admin asks for passphrase and factor after ten minutes."""

import datetime as dt
from uuid import UUID

import pytest
from django.urls import reverse

from caseapp.accounts.directory import groups
from caseapp.lib import clock
from tests.helpers import cast
from tests.helpers.two_offices import NOW, Worker
from tests.team.test_members import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def _acts(attorney: Worker, case_id: UUID) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the address and the form of each act, filled in so that nothing else refuses it."""
    vera = str(cast.volunteer_of(attorney.staff))
    access, person = reverse("cases:access", args=[case_id]), reverse("team:member", args=[vera])
    wall = groups.create(attorney.staff.keys, kind="wall", name="Wall", members={attorney.staff.member_id: "lead"})
    return {
        "invite": (
            "/team/invite/",
            {"email": "cy@office.test", "name": "Cy Ng", "role": "volunteer", "language": "en"},
        ),
        "change a role": (person, {"act": "role", "role": "attorney"}),
        "let into a team": (person, {"act": "team", "group": str(attorney.staff.keys.teams[0].group)}),
        "create a team": (reverse("team:team_new"), {"name": "Detained", "members": vera}),
        "remove a member": (reverse("team:remove", args=[vera]), {"name": "Vera Lind", "to": vera}),
        "lock down": (reverse("team:lockdown"), {"act": "begin"}),
        "make a recovery set": (reverse("team:recovery"), {"act": "make", "scheme": "2-3"}),
        "share a case": (access, {"act": "share", "member": vera}),
        "share a case with a team": (access, {"act": "share_team", "group": str(wall.group)}),
        "restrict a case": (access, {"act": "wall"}),
        "download a client's whole file": (
            reverse("moving:export_case", args=[case_id]),
            {"closed_with": "plain"},
        ),
        "export the office": ("/moving/export/", {"act": "ask", "reason": "We move."}),
        "move a case": (access, {"act": "move", "group": str(wall.group)}),
        "change where reminders go": (reverse("account:reminders"), {"act": "mail", "address": "ana@elsewhere.test"}),
        "set the office's gateway": ("/reminders/clients/", {"act": "set"}),
        "make the webhook": ("/reminders/clients/", {"act": "make"}),
    }


def test_each_act_with_keys_asks_again_after_ten_minutes(
    attorney: Worker, case_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = _acts(attorney, case_id)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=10))
    fresh = {act: attorney.client.post(*sent).status_code for act, sent in list(acts.items())[1:2]}
    assert fresh == {"change a role": 303}, "ten minutes are fresh"
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(minutes=10, seconds=1))
    answers = {act: attorney.client.post(path, fields) for act, (path, fields) in acts.items()}
    assert {act: answer.status_code for act, answer in answers.items() if answer.status_code != 403} == {}
    assert all("Confirm that it is you" in answer.content.decode() for answer in answers.values())
    test_file = attorney.client.get(reverse("team:recovery_test"))
    assert test_file.headers["Location"].startswith("/account/security/check/")
    assert len(member(attorney.staff, "caseworker").staff.keys.teams) == 1, "nothing changed meanwhile"
