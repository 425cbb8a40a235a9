"""Services for the case as a whole: open it, change it."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, gettext_noop
from msgspec.structs import replace

from caseapp.accounts.keys.staff import Staff
from caseapp.accounts.recovery import gate
from caseapp.casefile import case_access, restriction
from caseapp.casefile.transaction import case_transaction, new_case_transaction
from caseapp.cases.services.refs import new_ref
from caseapp.clients.services import duplicates, person_facts
from caseapp.deadlines.services.person_dates import birth_and_arrival
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records import names
from caseapp.records.case import Case, is_restricted
from caseapp.records.note import Note
from caseapp.records.party import Contact, Name, Party
from caseapp.vault.core.keyring import GroupKey
from caseapp.vault.errors import NoKey
from caseapp.vault.store import Draft
from caseapp.vault.tenancy import office_transaction

RECOVERY_FIRST = gettext_noop(
    "No more cases can be opened until the office's recovery sheets are checked. An admin finds them at Recovery."
)
NO_TEAM = gettext_noop("You are in no team yet. Ask an admin to add you to one.")


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """Facts that are known when a case is opened. `group` is the team that it is opened in."""

    name: str
    other_names: Sequence[str] = ()
    pronouns: str = ""
    a_number: str = ""
    born_on: dt.date | None = None
    born_period: str = ""
    born_in: str = ""
    citizenships: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)  # further fields of `records.party.Party`
    languages: Sequence[str] = ()
    contacts: Sequence[Contact] = ()
    careful: str = ""
    last_arrival_on: dt.date | None = None
    stage: str = "intake"
    relief: Sequence[str] = ()
    referred_by: str = ""
    story: str = ""
    group: UUID | None = None


def prepare_new_case(staff: Staff, relief: Sequence[str]) -> None:
    """Make the restricted group of the acting member, if a new case of this relief opens in it and there is none yet.

    It is made outside of a transaction and before the case: what a crash leaves is a group without a case.
    """
    if is_restricted(relief) and staff.keys.teams and _own_restricted_group(staff) is None:
        restriction.make_restricted_group(staff, _own_group_name(staff), ())


def _own_restricted_group(staff: Staff) -> GroupKey | None:
    return restriction.find_restricted_group(staff, _own_group_name(staff), ())


def _own_group_name(staff: Staff) -> str:
    return gettext("Restricted cases of %(name)s") % {"name": staff.name}


def open_case(
    staff: Staff, new: NewCase, *, answers: Mapping[UUID, str] | None = None, is_protected: bool = False
) -> UUID:
    """Open a new case for a person, with the one-year asylum deadline from the last arrival. Return the case id.

    The case is open to one team only: the member's first one, unless `new.group` names another.
    is_protected  one of VAWA, T, U or asylum opens in the acting member's restricted group instead, which
                  `prepare_new_case` made (domain decision 2)
    answers  about people who may be the same (`duplicates`); None: nothing is asked
    Raises PossibleDuplicates; Refused for a name or A-Number that is not valid, for an arrival before the birth, for a
    member without a team, and while the office's recovery is due; NoKey.
    """
    home = None
    if is_protected and is_restricted(new.relief) and staff.keys.teams:
        home = _own_restricted_group(staff)
        if home is None:
            raise NoKey("no restricted group was prepared")
    with open_case_draft(staff, new, answers, home) as (draft, _party_id):
        return draft.file.id


@contextmanager
def open_case_draft(
    staff: Staff, new: NewCase, answers: Mapping[UUID, str] | None = None, home: GroupKey | None = None
) -> Iterator[tuple[Draft, UUID]]:
    """Open a new case as `open_case` does, as a draft with the id of its client. It is saved when the block ends.

    home  the group that it opens in, if it is not the team
    """
    if gate.is_recovery_due(staff.keys):
        raise Refused("recovery", RECOVERY_FIRST)
    today = clock.today(staff.zone)
    party = _lead_party(new)
    if answers is not None:
        party = duplicates.require_decisions(staff, party, answers)
    team = _team_of(staff, new)
    with new_case_transaction(staff, home or team) as draft:
        draft.add(_case_record(new, staff.member_id, today))
        party_id = draft.add(party)
        if new.story.strip():
            draft.add(Note(text=new.story, story=True))
        if new.last_arrival_on is not None:
            birth_and_arrival.set_arrival(draft, staff, party_id, new.last_arrival_on, {}, owner=staff.member_id)
        person_facts.record_birth(draft, staff, party_id)
        yield draft, party_id


def _case_record(new: NewCase, lead: UUID, today: dt.date) -> Case:
    return Case(
        ref=new_ref(),
        stage=new.stage,
        relief=tuple(new.relief),
        lead=lead,
        team=(lead,),
        opened_on=today,
        referred_by=new.referred_by,
    )


def _lead_party(new: NewCase) -> Party:
    party = Party(
        role="lead",
        name=Name(full=names.clean_full_name(new.name)),
        other_names=tuple(Name(full=names.clean_full_name(other)) for other in new.other_names if other.strip()),
        pronouns=new.pronouns,
        a_number=names.parse_a_number(new.a_number),
        born_on=new.born_on,
        born_period=new.born_period,
        born_in=new.born_in,
        citizenships=tuple(new.citizenships),
        languages=tuple(new.languages),
        contacts=tuple(new.contacts),
        careful=new.careful,
        last_arrival_on=new.last_arrival_on,
    )
    party = replace(party, **new.facts)
    birth_and_arrival.refuse_arrival_before_birth(party, "last_arrival_on")
    return party


def _team_of(staff: Staff, new: NewCase) -> GroupKey:
    if not staff.keys.teams:
        raise Refused("group", NO_TEAM)
    return staff.keys.teams[0] if new.group is None else staff.keys.group(new.group)


def prepare_change(
    staff: Staff, case_id: UUID, *, version: int, relief: Sequence[str], lead: UUID | None = None
) -> None:
    """Restrict a case that becomes one of VAWA, T, U or asylum to its team and the new lead.

    It runs outside of a transaction and before the change: if that is not saved, the case is narrower and never wider.
    A case that was one of them already stays as its team has it. Raises NotFound.
    """
    with office_transaction(staff.org_id):
        file = case_access.open_case(staff.keys, case_id)
        entry = file.get_only(Case)
        is_newly_protected = is_restricted(relief) and not is_restricted(entry.record.relief)
        if entry.version != version or not is_newly_protected or restriction.is_walled(staff, file):
            return
    restriction.restrict_to_team(staff, case_id, [lead] if lead else [])


def change_case(
    staff: Staff,
    case_id: UUID,
    *,
    version: int,
    stage: str | None = None,
    relief: Sequence[str] | None = None,
    lead: UUID | None = None,
    referred_by: str | None = None,
) -> None:
    """Change stage, relief, lead or referral of a case; None leaves one unchanged. Raises EditConflict."""
    with case_transaction(staff, case_id) as draft:
        entry = draft.file.get_only(Case)
        fields = {"stage": stage, "relief": relief if relief is None else tuple(relief), "lead": lead}
        fields["referred_by"] = referred_by
        changed: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        if stage is not None:
            changed["stage_question"] = ""
        draft.change(entry.id, replace(entry.record, **changed), version=version)
        if relief is not None:
            _start_birth_clocks(draft, staff)


def _start_birth_clocks(draft: Draft, staff: Staff) -> None:
    """Start what runs with each person's age under the relief that is now sought."""
    for person in draft.file.entries_of(Party):
        person_facts.record_birth(draft, staff, person.id)
