"""Record shape of a hearing and the codes its fields use."""

import datetime as dt
from uuid import UUID

import msgspec

from caseapp.lib import clock
from caseapp.vault.registry import PlannedReminders, Record, keep_fields, record_kind

# Kinds of hearings and appointments that belong to the law of one pack; "appointment" and "other" are for every office.
HEARING_KINDS_OF_PACK = {
    "us-federal": frozenset(
        (
            "master",
            "individual",
            "bond",
            "credible_fear_review",
            "reasonable_fear_review",
            "uscis_interview",
            "asylum_interview",
            "biometrics",
            "ice_check_in",
        )
    ),
    # The courts, bodies and steps that the French pack and its events name.
    "france": frozenset(
        (
            "administrative_court",
            "administrative_court_of_appeal",
            "conseil_etat",
            "cnda",
            "detention_judge",
            "waiting_zone_judge",
            "expulsion_commission",
            "prefecture",
            "ofpra",
        )
    ),
}
PACK_OF_HEARING_KIND = {kind: pack for pack, kinds in HEARING_KINDS_OF_PACK.items() for kind in kinds}


class Outcome(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The outcome of a hearing."""

    what: str  # reset, decided, continued, not_held, absent
    # denied, granted, voluntary_departure, in_absentia, bond_denied, bond_granted, terminated, other
    decision: str = ""
    decided_on: dt.date | None = None
    appeal_waived: bool = False
    text: str = ""
    recorded_by: UUID | None = None
    recorded_at: dt.datetime | None = None
    # Schema 3: what else was entered with it, so that a correction opens filled in.
    leave_by: dt.date | None = None  # the last day to leave, as an order of voluntary departure gives it
    facts: dict[str, str] = msgspec.field(default_factory=dict)  # answers to the questions of the decision's event
    next_hearing: UUID | None = None  # the hearing that was booked with it


@record_kind(6, schema=4, upgrades={1: keep_fields, 2: keep_fields, 3: keep_fields})
class Hearing(Record, kw_only=True, frozen=True, omit_defaults=True):
    """A hearing. `starts_at` is aware UTC; `zone` is the court's IANA time zone."""

    kind: str  # a key of ui.display.labels.HEARING_KINDS: master, individual, bond, biometrics, ...
    starts_at: dt.datetime
    zone: str
    proceeding: UUID | None = None
    parties: tuple[UUID, ...] = ()
    court: str = ""
    room: str = ""
    way: str = "in_person"  # in_person, video, phone
    judge: str = ""
    goes: UUID | None = None
    interpreter: str = ""
    interpreter_asked: bool = False
    cover: str = ""  # "", asked, accepted
    detained: bool = False
    text: str = ""
    outcome: Outcome | None = None
    superseded_by: UUID | None = None
    plan_version: int = 0
    planned: tuple[PlannedReminders, ...] = ()  # since schema 4 a day may keep the version of an earlier plan
    # Added in schema 2: where a hearing by video is joined, and what to bring, one thing a line.
    link: str = ""
    bring: str = ""

    @property
    def starts_on(self) -> dt.date:
        """Return the day of the hearing in the court's zone."""
        return clock.local_date(self.starts_at, self.zone)
