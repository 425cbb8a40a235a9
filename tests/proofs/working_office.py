"""An office at work, for real: five members in two groups, sixty cases, saves through casework, merges in between.

Every draw comes from a seed, so that two offices with one seed do the same things in the same order. What is random all
the same: keys, ids, nonces, and the order in which reminder rows are shuffled, which is what is tried here.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from caseapp.accounts.directory import groups
from caseapp.accounts.errors import SessionGone, SessionLocked
from caseapp.accounts.keys.profile import Profile
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.accounts.members import enrolment
from caseapp.accounts.signin import preferences, sessions, sign_in, totp
from caseapp.casefile import case_access
from caseapp.cases.services import cases, notes, tasks
from caseapp.clients.services import contact
from caseapp.deadlines.services import acts as deadlines
from caseapp.deadlines.services import notices
from caseapp.hearings.services import hearings
from caseapp.index import store
from caseapp.lib import clock
from caseapp.records.hearing import Hearing
from caseapp.records.party import Contact, Party
from caseapp.reminders import recipients
from caseapp.reminders.planning import outbox, plan
from caseapp.reminders.sending import delivery_log, rounds
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault import tenancy
from caseapp.vault.core import hybrid, keyring, onetime, primitives
from caseapp.vault.core.keyring import GroupKey
from tests.helpers import authenticator_app, cast

ZONE, PHONE = "America/New_York", "212-555-0143"
FIRST_MORNING = dt.datetime(2026, 12, 7, 14, 0, tzinfo=dt.UTC)  # a Monday, 9 in New York
PEOPLE = ("Ana Ruiz", "Ben Okafor", "Chi Tran", "Dee Malik", "Eli Sosa")
IN_FIRST_GROUP = 3  # Ana, Ben and Chi; Dee and Eli have a group of their own
CASES, SAVES = 60, 200
MERGED_AFTER = 0.8  # of saves: at one save in some minutes, beat's merge comes before the next one
LOOKS_FIRST = 0.7  # of saves: whoever saves has opened Today just before
COVERS_FIRST = 0.3  # of saves: ... has covered names, or shown them


@dataclass
class Office:
    """Who works here, and the truth that the thief is after."""

    staff: dict[UUID, Staff]
    tokens: dict[UUID, str] = field(repr=False)
    apps: dict[UUID, bytes] = field(repr=False)  # the secret of each member's authenticator app
    worker: dict[UUID, UUID] = field(default_factory=dict)  # case -> the member who works on it
    group: dict[UUID, UUID] = field(default_factory=dict)  # case -> group
    saved: list[UUID] = field(default_factory=list)  # the case of each save, in order

    @property
    def members(self) -> list[UUID]:
        """In the order of PEOPLE."""
        return list(self.staff)


class Day:
    """The clock of the office: a few minutes pass between two saves, and nights are left out. And what is said.

    family  what clients are called, after the first letter
    """

    def __init__(self) -> None:
        self.now = FIRST_MORNING
        self.family = "velin Ortega"
        self.told = "Phoned. "

    def pass_minutes(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)
        if self.now.hour >= 22:
            self.now = (self.now + dt.timedelta(days=1)).replace(hour=14, minute=0)


@contextmanager
def frozen() -> Iterator[Day]:
    """The office's clock instead of the machine's, and no queue to ring."""
    day = Day()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: day.now)
        patch.setattr(plan, "_request_merge", lambda: None)
        yield day


def staffed(name: str = "Harbor Legal Aid") -> Office:
    """The office with its members, all signed in, in two groups."""
    tag = uuid4().hex[:8]
    ana = cast.found(name=PEOPLE[0], email=f"ana-{tag}@office.test", zone=ZONE)
    with tenancy.office_transaction(
        ana.org_id
    ):  # a message a day to everybody: where most can be seen of who looked when
        recipients.change_settings(ana.org_id, ana.member_id, lambda ways: replace(ways, level="constant"))
    keys, second = _second_group(ana)
    first = ana.keys.teams[0]
    for number, person in enumerate(PEOPLE[1:], start=1):
        told = Profile(name=person, role="caseworker", language="en", zone=ZONE, office_name=name)
        group, email = (first if number < IN_FIRST_GROUP else second), f"{person[:3].lower()}-{tag}@office.test"
        with tenancy.office_transaction(ana.org_id):
            member = enrolment.add_member(keys, group, member_profile=told, email=email, passphrase=cast.WORDS)
            recipients.set_address(
                ana.org_id, member, address=email, language="en", zone=ZONE, admin=False, level="constant"
            )
    emails = [f"{person[:3].lower()}-{tag}@office.test" for person in PEOPLE]
    signed_in = [sign_in.sign_in(email, cast.WORDS) for email in emails]
    return Office(
        {who.staff.member_id: who.staff for who in signed_in},
        {who.staff.member_id: who.token for who in signed_in},
        {who.staff.member_id: _with_app(who.staff) for who in signed_in},
    )


def _with_app(staff: Staff) -> bytes:
    text = totp.propose_secret()
    secret = onetime.parse_secret(text)
    totp.confirm_secret(staff.keys, text, authenticator_app.code_at(secret, int(clock.now().timestamp())), name="Phone")
    return secret


def _second_group(ana: Staff) -> tuple[Keys, GroupKey]:
    """A team Ana makes and does not join, and Ana's keys with it for as long as others are put in."""
    pair = hybrid.new_key_pair()
    team = GroupKey(group=uuid4(), epoch=1, key=primitives.new_key(), hpke_private=pair.private, kind=keyring.TEAM)
    with tenancy.office_transaction(ana.org_id):
        groups.store_new_group(
            ana.keys, team, groups.TeamRoster(name="Second team", group_public=pair.public, epoch=1, members=())
        )
        store.create(ana.org_id, team.group, 1)
    return ana.keys.with_extra_groups(team), team


def work(here: Office, day: Day, seed: int, *, cases_in_all: int = CASES, saves: int = SAVES) -> None:
    """Open the cases and save `saves` times more, merging as beat would; the outbox is empty at the end.

    The nightly shuffle of all reminder rows is left out: the thief comes before it.
    """
    draw = random.Random(seed)
    waiting = _balanced(draw, here.members, cases_in_all)
    acts = ["open"] * cases_in_all + ["save"] * saves
    draw.shuffle(acts)
    acts.sort(key=lambda act: act == "save" and draw.random() < 0.5)  # most cases come first, as in a young office
    for act in acts:
        if act == "open" or not here.worker:
            if waiting:
                _open(here, waiting.pop(), draw, day)
        else:
            _save(here, draw, day)
        day.pass_minutes(draw.randint(2, 20))
        if draw.random() < MERGED_AFTER:
            merge()
    merge()


def merge() -> None:
    """What beat rings every minute."""
    with acting_as("clock"):
        outbox.merge()
        rounds.send_due()


def _balanced(draw: random.Random, members: list[UUID], count: int) -> list[UUID]:
    everyone = [members[number % len(members)] for number in range(count)]
    draw.shuffle(everyone)
    return everyone


def _open(here: Office, member: UUID, draw: random.Random, day: Day) -> None:
    _look(here, member, draw)
    staff = _here(here, member)
    _cover(staff, draw)
    arrived = day.now.date() - dt.timedelta(days=draw.randint(20, 340))
    case_id = cases.open_case(
        staff,
        cases.NewCase(
            name=draw.choice("ABCDEFG") + day.family,
            languages=("Mam",),
            last_arrival_on=arrived,
            story=day.told * 2 * draw.randint(1, 60),
            contacts=(Contact(way="phone", text=PHONE, safe="yes"),),
        ),
    )
    here.worker[case_id], here.group[case_id] = member, staff.keys.teams[0].group
    here.saved.append(case_id)


def _here(here: Office, member: UUID) -> Staff:
    """The member at their next request. Who was idle too long signs in again, and a thief sees when."""
    try:
        return sessions.open(here.tokens[member])
    except (SessionGone, SessionLocked):
        before = here.staff[member]
        with suppress(SessionGone):
            sessions.end(here.tokens[member])
        totp.verify_code(before.keys, authenticator_app.code_at(here.apps[member], int(clock.now().timestamp())))
        here.tokens[member] = sessions.start(before.org_id, member, before.keys.bundle_key, has_factor=True)
        return sessions.open(here.tokens[member])


def _cover(staff: Staff, draw: random.Random) -> None:
    """Somebody comes by, or has left."""
    if draw.random() < COVERS_FIRST:
        preferences.save(staff, covered=not staff.covered)


def _look(here: Office, member: UUID, draw: random.Random) -> None:
    """Many open Today and then the case that it names."""
    if draw.random() < LOOKS_FIRST:
        staff = _here(here, member)
        with tenancy.office_transaction(staff.org_id):
            delivery_log.mark_seen(staff.org_id, member)


def _save(here: Office, draw: random.Random, day: Day) -> None:
    case_id = draw.choice(list(here.worker))
    _look(here, here.worker[case_id], draw)
    staff = _here(here, here.worker[case_id])
    _cover(staff, draw)
    ACTS[draw.randrange(len(ACTS))](staff, case_id, draw, day)
    here.saved.append(case_id)


def _hearing(staff: Staff, case_id: UUID, draw: random.Random, day: Day) -> None:
    starts = day.now + dt.timedelta(days=draw.randint(5, 200))
    kind = draw.choice(("master", "individual"))
    hearings.book_hearing(
        staff, case_id, Hearing(kind=kind, starts_at=starts, zone=ZONE, court="North", goes=staff.member_id)
    )


def _by_hand(staff: Staff, case_id: UUID, draw: random.Random, day: Day) -> None:
    due = day.now.date() + dt.timedelta(days=draw.randint(5, 120))
    deadlines.set_by_hand(
        staff, case_id, what="Brief", due_on=due, severity=draw.choice(("fatal", "serious", "routine")), reason="order"
    )


def _notice(staff: Staff, case_id: UUID, draw: random.Random, day: Day) -> None:
    notices.record_notice(staff, case_id, what="rfe", dated_on=day.now.date() - dt.timedelta(days=draw.randint(1, 5)))


def _note(staff: Staff, case_id: UUID, draw: random.Random, day: Day) -> None:
    notes.add_note(staff, case_id, text=day.told * draw.randint(1, 80))


def _task(staff: Staff, case_id: UUID, draw: random.Random, day: Day) -> None:
    tasks.add_task(staff, case_id, text="Call", due_on=day.now.date() + dt.timedelta(days=draw.randint(1, 30)))


def _asked(staff: Staff, case_id: UUID, draw: random.Random, day: Day) -> None:
    """They want texts, or a call was of no use."""
    with tenancy.office_transaction(staff.org_id):
        party = case_access.open_case(staff.keys, case_id).entries_of(Party)[0].id
    if draw.random() < 0.5:
        contact.record_consent(
            staff,
            case_id,
            party,
            contact.NewConsent(
                contact=PHONE, detail="plain", language="en", asked_on=day.now.date(), asked_how="in_person"
            ),
        )
    else:
        note = day.told * draw.randint(1, 20)
        contact.record_call(
            staff, case_id, party, contact.CallResult(result="no_answer", contact=PHONE, note=note), hearing_id=None
        )


ACTS: tuple[Callable[[Staff, UUID, random.Random, Day], None], ...] = (
    _hearing,
    _by_hand,
    _notice,
    _note,
    _task,
    _asked,
)
