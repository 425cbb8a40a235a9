"""View models of the office's law settings. Templates receive finished values."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.law import pages
from caseapp.records.office import PositionChoice
from caseapp.ui.display import tags
from caseapp.ui.display.colleagues import MemberNames, colleagues_of, names_of, supervising_names_of
from caseapp.ui.display.law_texts import short_reading, translate_pack_text


@dataclass(frozen=True)
class DisputedRule:
    """A rule with several readings in force. `chosen` is "" where the office chose none."""

    name: str
    rule_id: str
    href: str
    readings: str
    chosen: str
    decided: str  # who chose or withdrew, and when
    reason: str
    choose_href: str


@dataclass(frozen=True)
class CourtLine:
    """The office's way of filing with a court; `court` is "" for every other court, `decided` "" for the default."""

    court: str
    name: str
    method: str
    region: str
    decided: str


@dataclass(frozen=True)
class OfficeLawPage:
    """View model of the office's law settings."""

    supervising: tuple[str, ...]
    may_choose: bool
    may_set_packs: bool
    packs: tuple[str, ...]
    courts: tuple[CourtLine, ...]
    may_add_closures: bool
    disputed: tuple[DisputedRule, ...]


def office_law_page(staff: Staff, law: Law) -> OfficeLawPage:
    """Build the page of the office's law settings, with the disputed rules of the packs that the office uses."""
    packs = office_law.packs_in_use(law.office)
    names = names_of(colleagues_of(staff.keys))
    return OfficeLawPage(
        supervising=supervising_names_of(staff.keys),
        may_choose=office_law.is_supervising(staff),
        may_set_packs=office_law.may_set_packs(staff),
        packs=tuple(name for pack, name in pages.pack_names() if pack in packs),
        courts=_court_lines(law, names),
        may_add_closures=office_law.may_edit_rules(staff),
        disputed=tuple(
            _disputed_rule(law, rule.id, names)
            for rule in law.book.newest_rules()
            if law.book.pack_of(rule.id).id in packs and office_law.disputed_readings(law.book, rule.id)
        ),
    )


def _court_lines(law: Law, names: MemberNames) -> tuple[CourtLine, ...]:
    """Return the courts with a setting of their own, by name, then every other court."""
    settings = sorted(law.office.court_settings, key=lambda item: (not item.court, item.court.casefold()))
    lines = [
        CourtLine(
            court=item.court,
            name=item.court or _("Every other court"),
            method=_method(is_electronic=item.electronic),
            region=item.region,
            decided=_("set by %(name)s on %(date)s") % {"name": names.get(item.by, "?"), "date": tags.day(item.on)},
        )
        for item in settings
    ]
    if not settings or settings[-1].court:
        method = _method(is_electronic=law.files_electronically(""))
        lines.append(CourtLine("", _("Every other court"), method, "", ""))
    return tuple(lines)


def _method(*, is_electronic: bool) -> str:
    return _("electronic filing") if is_electronic else _("filing on paper")


def _disputed_rule(law: Law, rule_id: str, names: MemberNames) -> DisputedRule:
    readings = {item.id: short_reading(item) for item in office_law.disputed_readings(law.book, rule_id)}
    choice = law.office.position_choices.get(rule_id)
    return DisputedRule(
        name=rules.rule_name(rule_id, get_language() or "en", book=law.book),
        rule_id=rule_id,
        href=reverse("law:rule", args=[rule_id]),
        readings="; ".join(readings.values()),
        chosen=readings.get(law.position_of(rule_id) or "", ""),
        decided=_decided(choice, names) if choice else "",
        reason=choice.reason if choice else "",
        choose_href=reverse("law:position", args=[rule_id]),
    )


def _decided(choice: PositionChoice, names: MemberNames) -> str:
    values = {"name": names.get(choice.by, "?"), "date": tags.day(choice.on)}
    if not choice.position:
        return _("withdrawn by %(name)s on %(date)s") % values
    return _("chosen by %(name)s on %(date)s") % values


def reading_choices(law: Law, rule_id: str) -> list[tuple[str, str]]:
    """Return id and full text, with its source, of each reading that the packs name."""
    readings = office_law.disputed_readings(law.book, rule_id)
    return [(item.id, f"{translate_pack_text(item.text)} ({item.citation})") for item in readings]
