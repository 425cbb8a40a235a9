"""The office's own law: rules, court closures and judges' standing orders, and the confirmations of rule texts.

It is kept in the office's sealed file. An unconfirmed rule is used all the same, and its dates stay marked "to be
checked". A change that affects a date requires every group to be computed again (`deadlines.services.recompute`).
"""

import time
from dataclasses import dataclass
from uuid import UUID

import msgspec

from caseapp import rules
from caseapp.accounts.directory import members
from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Keys, Staff
from caseapp.lib.countries import FRANCE, UNITED_STATES, country_of_zone
from caseapp.records.hearing import PACK_OF_HEARING_KIND, Hearing
from caseapp.records.office import CourtSetting, Office

UNREADABLE = "the office's own rules do not read"
PACK_OF_COUNTRY = {UNITED_STATES: "us-federal", FRANCE: "france"}
PACKS_FOR = 60.0  # seconds
_recent_packs: dict[UUID, tuple[float, frozenset[str]]] = {}  # office to when its packs were read, and the packs
_decoder = msgspec.msgpack.Decoder(rules.OfficePack)


@dataclass(frozen=True)
class Law:
    """The rules the office computes with. `problem` is not empty when the office's own rules could not be used."""

    office: Office
    pack: rules.OfficePack | None
    book: rules.Rulebook
    problem: str = ""

    def position_of(self, rule_id: str) -> str | None:
        """Return the reading that the office chose for a rule; None without a choice, or once no pack names it."""
        chosen = self.office.positions.get(rule_id)
        return chosen if chosen in {reading.id for reading in disputed_readings(self.book, rule_id)} else None

    def court_setting(self, court: str) -> CourtSetting | None:
        """Return the setting of a court, else that of every other court; None where the office made neither."""
        own = (item for item in self.office.court_settings if is_same_court(item.court, court))
        every_other = (item for item in self.office.court_settings if not item.court)
        return next(own, None) or next(every_other, None)

    def files_electronically(self, court: str) -> bool:
        """Return whether the office files with this court electronically; "" for a filing whose court is not known."""
        setting = self.court_setting(court)
        return self.office.electronic_filing if setting is None else setting.electronic

    def region_of(self, court: str) -> str:
        """Return the state or region whose closures apply to this court; "" where the office named none."""
        setting = self.court_setting(court)
        return setting.region if setting is not None else ""


def law_of(keys: Keys) -> Law:
    """Return the office's law, in the caller's transaction of that office. Raises NotFound, OpenFailed.

    The same record of the office is built into a law once by these keys.
    """
    record = office_file.read_office(keys)
    return keys.open_once("law", (record, rules.standard()), lambda: build_law(record))


def build_law(office: Office) -> Law:
    """Return the law of an open office file; when its own rules cannot be read, the standard ones with a problem."""
    ours = rules.standard()
    confirmations = [
        rules.Confirmation(what=item.what, digest=item.digest, by=str(item.by), on=item.on) for item in office.confirmed
    ]
    try:
        pack = _decoder.decode(office.law) if office.law else None
        return Law(office, pack, ours.with_office(pack, confirmations))
    except (msgspec.MsgspecError, rules.RuleError):
        return Law(office, None, ours.with_office(None, confirmations), UNREADABLE)


def is_same_court(first: str, second: str) -> bool:
    """Return whether two names of a court are the same, as the engine compares them for closures."""
    return first.casefold().split() == second.casefold().split()


def disputed_readings(book: rules.Rulebook, rule_id: str) -> tuple[rules.Reading, ...]:
    """Return the readings among which an office may choose: the positions that the newest version of the rule names.

    Empty for a rule that no pack has, or that is not in dispute.
    """
    try:
        newest = book.versions_of(rule_id)[-1]
    except rules.RuleError:
        return ()
    return tuple(reading for reading in book.readings_of(newest) if reading.role == "position")


def packs_in_use(office: Office) -> frozenset[str]:
    """Return the ids of the standard packs this office works with: those it chose, else that of its time zone."""
    known = {pack.id for pack in rules.standard().packs}
    return frozenset(office.packs) & known or frozenset((PACK_OF_COUNTRY[country_of_zone(office.zone)],))


def recent_packs(keys: Keys) -> frozenset[str]:
    """Return the packs in use as this process read them at most a minute ago: a case page asks no query for it.

    Only for what a page offers; what a member does is checked with `packs_in_use`.
    """
    now = time.monotonic()
    read_at, packs = _recent_packs.get(keys.org_id, (now - PACKS_FOR, frozenset()))
    if now - read_at >= PACKS_FOR:
        packs = packs_in_use(law_of(keys).office)
        _recent_packs[keys.org_id] = now, packs
    return packs


def forget_packs(org_id: UUID) -> None:
    """Read the packs in use of an office again at the next page: they were just chosen."""
    _recent_packs.pop(org_id, None)


def pack_of_hearing(office: Office, hearing: Hearing) -> str:
    """Return the id of the pack whose law decides at a hearing.

    The kind of a hearing names it; a kind of every law follows the country of the court, if the office uses its pack.
    """
    packs = packs_in_use(office)
    of_court = PACK_OF_COUNTRY[country_of_zone(hearing.zone)]
    return PACK_OF_HEARING_KIND.get(hearing.kind) or (of_court if of_court in packs else min(packs))


def may_edit_rules(staff: Staff) -> bool:
    """Return True when this member may enter rules, closures and orders."""
    return permissions.is_permitted(staff, "office_rules")


def is_supervising(staff: Staff) -> bool:
    """Return True for a supervising attorney: confirms rules, chooses positions and accepts changed dates.

    The mark counts only from the signed directory: a profile or a row of the database makes no member supervise.
    """
    return permissions.is_permitted(staff, "confirm_rules") and members.is_supervising(staff.keys)


def may_set_packs(staff: Staff) -> bool:
    """Return True when this member may choose the packs in use: no date depends on it, so an admin may too."""
    return staff.is_admin or is_supervising(staff)


def may_accept_dates(staff: Staff, lead: UUID | None) -> bool:
    """Return True when this member may keep or accept a changed date of a case with this lead."""
    return lead == staff.member_id or is_supervising(staff)
