"""Starting and superseding the deadlines that follow from an event."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from caseapp import rules
from caseapp.accounts.directory import team_members
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.deadlines.services import calculation, changes, current_law
from caseapp.deadlines.services.triggers import DeadlineStart, start_from_pack
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.records.deadline import Deadline
from caseapp.vault.store import Draft, Entry

Moment = dt.date | dt.datetime
Stop = tuple[dt.date, dt.date]
OFFICE_PREFIX = "office."  # prefix of the ids of an office's own rules


@dataclass(frozen=True, kw_only=True)
class DeadlineLinks:
    """The links of a new deadline: the record that starts it, the persons it is for, and who is responsible."""

    trigger: UUID
    parties: tuple[UUID, ...] = ()
    owner: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """The known facts of a question besides its dates.

    electronic, zone  another filing method or another court's zone than the office's
    court, judge      the court and judge that receive the filing
    """

    by_mail: bool = False
    electronic: bool | None = None
    zone: str = ""
    clock_stops: Sequence[Stop] = ()
    court: str = ""
    judge: str = ""


ORDINARY = Circumstances()


def start_deadlines(
    draft: Draft,
    staff: Staff,
    starts: Iterable[DeadlineStart],
    on: Moment,
    links: DeadlineLinks,
    circumstances: Circumstances = ORDINARY,
) -> list[UUID]:
    """Compute each rule from the event's date and add its deadline to the draft. Return the new ids.

    Rules of the office that the same event starts are added too.
    """
    law = office_law.law_of(staff.keys)
    new_ids = []
    for item in with_office_rules(law, starts):
        computed = compute_for_office(law, item, {item.event: on}, circumstances)
        deadline = replace(computed, trigger=links.trigger, parties=links.parties, owner=links.owner)
        new_ids.append(draft.add(with_target_if_urgent(law, deadline, item.rule, clock.today(staff.zone))))
    return new_ids


def with_target_if_urgent(law: Law, deadline: Deadline, rule: str, today: dt.date) -> Deadline:
    """Return the deadline with today as its target where the rule has no period but is urgent, else unchanged.

    Without a day of its own, reminders would stop after the first. `rule` is a rule's id, or "id@position".
    """
    has_day = deadline.act_by is not None or deadline.due_on is not None
    if has_day or not law.book.versions_of(rule.partition("@")[0])[-1].at_once:
        return deadline
    return replace(deadline, own_target_on=today)


def with_office_rules(law: Law, starts: Iterable[DeadlineStart]) -> tuple[DeadlineStart, ...]:
    """Return the starts, and those that the office's own rules add for the same events."""
    given = tuple(starts)
    known = {item.rule for item in given}
    added = (
        start_from_pack(start, event)
        for event in dict.fromkeys(item.pack_event for item in given if item.pack_event)
        for start in rules.rule_starts_for(event, book=law.book)
        if start.rule.startswith(OFFICE_PREFIX) and start.rule not in known
    )
    return (*given, *added)


def compute_for_office(
    law: Law, item: DeadlineStart, events: Mapping[str, Moment], circumstances: Circumstances = ORDINARY
) -> Deadline:
    """Return the deadline of one rule, computed with the office's law, chosen position, filing method and zone.

    item.rule  a rule's id, or "id@position"
    Raises     Refused with the engine's sentence
    """
    electronic = circumstances.electronic
    rule = law.book.versions_of(item.rule.partition("@")[0])[-1]
    options = rules.Options(
        by_mail=circumstances.by_mail,
        electronic=law.files_electronically(circumstances.court) if electronic is None else electronic,
        position=law.position_of(rule.id),
        clock_stops=tuple(circumstances.clock_stops) if rule.stops else (),
        years=next_year(rule, events, clock.today(circumstances.zone or law.office.zone)),
        zone=circumstances.zone or law.office.zone,
        court=circumstances.court,
        judge=circumstances.judge,
        region=law.region_of(circumstances.court),
    )
    computed = calculation.compute_deadline(item.rule, events, options, cautions=item.cautions, book=law.book)
    return current_law.offer_choice(computed, law, clock.today(law.office.zone))


def next_year(rule: rules.Rule, events: Mapping[str, Moment], today: dt.date) -> int | None:
    """Return which year of a rule that recurs each year is next: the first anniversary from today on; else None."""
    begun = [_date_of(moment) for name, moment in events.items() if name in rule.on]
    if not rule.yearly or not begun:
        return None
    first = min(begun)
    has_passed = (today.month, today.day) > (first.month, first.day)
    return min(max(1, today.year - first.year + has_passed), rules.LONGEST_RECURRENCE)


def _date_of(moment: Moment) -> dt.date:
    return moment.date() if isinstance(moment, dt.datetime) else moment


def supersede_deadlines(
    draft: Draft, staff: Staff, *, trigger: UUID, rules: set[str] | None = None
) -> list[Entry[Deadline]]:
    """Supersede the open deadlines that follow from a record and return them; they stay visible.

    rules  only deadlines of these rules; None: all
    """
    today = clock.today(staff.zone)
    following = [
        entry
        for entry in draft.file.entries_of(Deadline)
        if entry.record.trigger == trigger
        and entry.record.state == "open"
        and (rules is None or (entry.record.working is not None and entry.record.working.rule in rules))
    ]
    for entry in following:
        draft.change(entry.id, changes.as_superseded(entry.record, by=staff.member_id, on=today, instead=None))
    return following


def link_successors(draft: Draft, closed: Iterable[Entry[Deadline]], new_ids: Iterable[UUID]) -> None:
    """Store on each superseded deadline which of the new ones, by the same rule, replaces it."""
    new = {
        deadline.working.rule: record_id
        for record_id in new_ids
        if (deadline := draft.file.get(record_id, Deadline).record).working is not None
    }
    for entry in closed:
        old = draft.file.get(entry.id, Deadline).record
        if old.working is not None and (instead := new.get(old.working.rule)):
            draft.change(entry.id, replace(old, superseded_by=instead))


def refuse_unknown_owner(staff: Staff, draft: Draft, owner: UUID | None) -> None:
    """Raise Refused when a deadline would belong to someone the case is not open to."""
    team = team_members.team_of_case(staff.keys, draft.file)
    if owner is not None and owner not in {member.member_id for member in team}:
        raise Refused("owner", "This person cannot open the case. Share the case first, or choose another person.")
