"""Choices for trying a date without a case: every rule by its forum, and every event, with the dates each needs."""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from caseapp import rules
from caseapp.deadlines.services.triggers import DeadlineStart, start_from_pack
from caseapp.lib.text.search_words import has_all_words
from caseapp.rules import Rulebook
from caseapp.ui.display.law_texts import translate_pack_text

RULE, EVENT = "rule:", "event:"
HAPPENED = "happened"  # the single date of an event, used for every rule that it starts
PRINTED = "printed_date"
# The first matching prefix decides the forum; the list is shown in this order.
FORUMS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Rules of the office"), ("office.",)),
    (_("Immigration court"), ("us.eoir.", "us.ij.", "us.vd.", "us.stay.")),
    (_("Board of Immigration Appeals"), ("us.bia.",)),
    (
        _("Detention, fear review and expedited removal"),
        ("us.detention.", "us.habeas", "us.cfi.", "us.rfi.", "us.admin_removal.", "us.reinstatement.", "us.ice."),
    ),
    (_("Asylum"), ("us.asylum.",)),
    (_("USCIS, consulates and documents"), ("us.uscis.", "us.nvc.", "us.passport.", "us.i94.", "us.unlawful.")),
    (_("Federal courts"), ("us.ca.", "us.scotus.", "us.dc.", "us.ftca.", "us.eaja")),
    (_("Records and files"), ("us.",)),
    (_("France: asylum (OFPRA, CNDA, Dublin)"), ("fr.ofpra.", "fr.cnda.", "fr.asile.", "fr.dublin.", "fr.cma.")),
    (
        _("France: removal and detention"),
        ("fr.oqtf.", "fr.irtf.", "fr.retention.", "fr.zone.", "fr.expulsion.", "fr.expulsion"),
    ),
    (_("France: permits, visas, nationality and courts"), ("fr.",)),
)
PACKS = {"us-federal": _("Events: United States"), "france": _("Events: France")}
OTHER_FORUM = _("Other rules")
ChoiceGroup = tuple[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Question:
    """One choice of the list. `events` are (name, meaning) of the dates; `is_one_enough` when any one of them is."""

    starts: tuple[DeadlineStart, ...]
    events: tuple[tuple[str, str], ...]
    positions: tuple[tuple[str, str], ...]  # (id, text) of the readings that can be chosen by name
    in_hours: bool
    has_stops: bool
    is_one_enough: bool = False


def grouped_choices(
    book: Rulebook, find: str = "", keep: str = "", *, packs: Set[str], has_events: bool = True
) -> list[ChoiceGroup]:
    """Return the choices of a select by group.

    find   only choices that contain all these words: of the rule, its form number or its citation
    keep   the code of a choice that stays in the list in any case
    packs  only rules and events of these packs and of the office
    has_events  the list has events too
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    offered = {*packs, book.office.id if book.office else ""}
    events = _event_choices(book, offered) if has_events else ()
    for group, code, label, text in (*events, *_rule_choices(book, offered)):
        if code == keep or has_all_words(text, find):
            groups.setdefault(group, []).append((code, label))
    order = [str(label) for label, _prefixes in FORUMS]
    return sorted(groups.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)


def _rule_choices(book: Rulebook, packs: Set[str]) -> Iterator[tuple[str, str, str, str]]:
    language = get_language() or "en"
    meanings = {name: text for pack in book.packs for name, text in pack.events.items()}
    started_by: dict[str, list[str]] = {}
    for follow in (follow for pack in book.packs for follow in pack.follows):
        for start in follow.starts:
            started_by.setdefault(start.rule, []).append(follow.text)
    for rule in book.newest_rules():
        if book.pack_of(rule.id).id not in packs:
            continue
        label = rules.rule_name(rule.id, language, book)
        on = [*(meanings.get(name, "") for name in rule.on), *started_by.get(rule.id, ())]
        text = " ".join((label, rule.what, rule.id, rule.citation, *on, *map(translate_pack_text, on)))
        yield _forum_of(rule.id), RULE + rule.id, label, text


def _event_choices(book: Rulebook, packs: Set[str]) -> Iterator[tuple[str, str, str, str]]:
    for pack in (pack for pack in book.packs if pack.id in packs):
        for follow in pack.follows:
            group = str(PACKS.get(pack.id, _("Events: your office")))
            label = translate_pack_text(follow.text)
            yield group, EVENT + follow.event, label, f"{label} {follow.text} {follow.event}"


def _forum_of(rule_id: str) -> str:
    matching = (label for label, prefixes in FORUMS if rule_id.startswith(prefixes))
    return str(next(matching, OTHER_FORUM))


def question_for(book: Rulebook, code: str) -> Question:
    """Return what a choice of the list needs as input. Raises rules.RuleError for a code that is in no list."""
    kind, _colon, name = code.partition(":")
    if f"{kind}:" == EVENT:
        follow = book.find_follow(name)
        if follow is None or not follow.starts:
            raise rules.RuleError(f"nothing follows from {name[:60]!r}")
        starts = tuple(map(start_from_pack, follow.starts))
        newest = [book.versions_of(start.rule)[-1] for start in starts]
        return Question(
            starts,
            ((HAPPENED, translate_pack_text(follow.text)),),
            (),
            any(_in_hours(rule) for rule in newest),
            has_stops=False,
        )
    rule = book.versions_of(name)[-1]
    readings = book.readings_of(rule)
    names = dict.fromkeys(name for on in (rule.on, *(reading.on for reading in readings)) for name in on or ())
    needed = book.events_needed(rule)
    names |= dict.fromkeys((*sorted(needed), *rule.ended_by))
    meanings = {name: text for pack in book.packs for name, text in pack.events.items()}
    if rule.paper_controls or not (rule.count or rule.opens):
        names[PRINTED] = None
    return Question(
        (DeadlineStart(rule.id, ""),),
        tuple((name, translate_pack_text(meanings.get(name, name))) for name in names),
        tuple(
            (choice.id, translate_pack_text(choice.text))
            for choice in readings
            if choice.role in {"position", "variant"}
        ),
        _in_hours(rule),
        has_stops=rule.stops,
        is_one_enough=len(names) > 1 and not needed,
    )


def _in_hours(rule: rules.Rule) -> bool:
    return any(str(count).endswith("h") for count in (rule.count, rule.opens))
