"""Services for the case as a whole: open it, change it."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import office
from caseapp.casefile.transaction import case_transaction, new_case_transaction
from caseapp.cases.services.refs import new_ref
from caseapp.clients.services.people import _refuse_future_date
from caseapp.deadlines.services import starts
from caseapp.deadlines.services.triggers import LAST_ARRIVAL
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records import names
from caseapp.records.case import Case
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from caseapp.vault import tenancy
from caseapp.vault.models import VaultCase


def open_case(
    staff: Staff,
    *,
    name: str,
    other_names: Sequence[str] = (),
    pronouns: str = "",
    a_number: str = "",
    born_on: dt.date | None = None,
    born_in: str = "",
    citizenships: Sequence[str] = (),
    languages: Sequence[str] = (),
    contacts: Sequence[Contact] = (),
    careful: str = "",
    last_arrival_on: dt.date | None = None,
    stage: str = "intake",
    relief: Sequence[str] = (),
    story: str = "",
    group: UUID | None = None,
) -> UUID:
    """Open a new case for a person, with the one-year asylum deadline from the last arrival. Return the case id.

    The case is open to one team only: the member's first one, unless `group` names another.
    Raises Refused for a name or A-Number that is not valid, for a date of birth or arrival after today, for a member
    without a team, and for a second case before the office's recovery was tested; NoKey.
    """
    _refuse_before_recovery(staff)
    today = clock.today(staff.zone)
    party = Party(
        role="lead",
        name=Name(full=names.clean_full_name(name)),
        other_names=tuple(Name(full=names.clean_full_name(other)) for other in other_names if other.strip()),
        pronouns=pronouns,
        a_number=names.parse_a_number(a_number),
        born_on=_refuse_future_date(born_on, today, "born_on", "The date of birth is after today."),
        born_in=born_in,
        citizenships=tuple(citizenships),
        languages=tuple(languages),
        contacts=tuple(contacts),
        careful=careful,
        last_arrival_on=_refuse_future_date(
            last_arrival_on, today, "last_arrival_on", "The last arrival is after today."
        ),
    )
    case = Case(
        ref=new_ref(), stage=stage, relief=tuple(relief), lead=staff.member_id, team=(staff.member_id,), opened_on=today
    )
    if not staff.keys.teams:
        raise Refused("group", "You are in no team yet. Ask an admin to let you into one.")
    team = staff.keys.teams[0] if group is None else staff.keys.group(group)
    with new_case_transaction(staff, team) as draft:
        draft.add(case)
        party_id = draft.add(party)
        if story.strip():
            draft.add(Note(text=story, story=True))
        if last_arrival_on is not None:
            starts.start_deadlines(
                draft,
                staff,
                LAST_ARRIVAL,
                last_arrival_on,
                trigger=party_id,
                parties=(party_id,),
                owner=staff.member_id,
            )
        return draft.file.id


def _refuse_before_recovery(staff: Staff) -> None:
    """Raise Refused for a second case while the office's recovery is not tested.

    One case is allowed for trying the program out; losing the keys of more must not be possible.
    """
    if not settings.RECOVERY_GATE:
        return
    with tenancy.office_transaction(staff.org_id):
        others = VaultCase.objects.filter(org_id=staff.org_id).exclude(case_id=staff.keys.office_file)
        if others.exists() and not office.is_tested(staff.keys):
            raise Refused(
                "recovery",
                "Before a second case, set up the office's recovery and test it. An admin finds it at People.",
            )


def change_case(staff: Staff, case_id: UUID, *, version: int, **changes: object) -> None:
    """Change stage, relief, lead, team or review date: fields of `Case`. Raises EditConflict."""
    with case_transaction(staff, case_id) as draft:
        case = draft.file.get_only(Case)
        draft.change(case.id, replace(case.record, **changes), version=version)
