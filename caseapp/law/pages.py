"""View models for the pages about the law. Templates receive finished values."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import office_law
from caseapp.casefile.office_law import Law
from caseapp.law.examples import WorkedExample, work_example
from caseapp.lib import clock
from caseapp.records.office import LawConfirmation
from caseapp.ui.display import labels, tags
from caseapp.ui.display.colleagues import MemberNames, supervising_names_of
from caseapp.ui.display.filter_links import FilterLink
from caseapp.ui.display.law_texts import describe_count, describe_rule_count, translate_pack_text
from caseapp.ui.display.status import StatusLabel

PAGE_SIZE = 25


@dataclass(frozen=True)
class RuleLine:
    """A rule, closure or order in a list. `token` is sent by the form to confirm the text that was read."""

    what: str
    href: str
    name: str
    rule_id: str
    facts: tuple[str, ...]
    source: str
    states: tuple[StatusLabel, ...]
    checked_on: date
    confirmed: str
    is_confirmed: bool
    token: str
    entered: str = ""


@dataclass(frozen=True)
class RulesPage:
    """View model of the list of rules. `lines` are those of one page, of `total`."""

    own: tuple[RuleLine, ...]
    lines: tuple[RuleLine, ...]
    lacks_confirmation: bool
    total: int
    page: int
    pages: int
    earlier: str
    later: str
    links: tuple[FilterLink, ...]
    problem: str
    may_write: bool
    may_confirm: bool
    supervising: str
    query: str
    waiting: int  # rules of this list that are not confirmed, on all its pages
    first_waiting: str  # address of the first of them
    is_used: bool  # whether the list has the rules that open cases use
    used_waiting: int  # of the rules that open cases use, those that are not confirmed
    first_used: str  # address of the first of them


@dataclass(frozen=True)
class ReadingQueue:
    """Rules that wait to be read and confirmed, one page after the other.

    show      the list they are from: open, flux, manual or used
    waiting   how many of them are not confirmed
    later     address of the next one, empty if this is the last
    """

    show: str
    waiting: int
    later: str


@dataclass(frozen=True)
class RulePage:
    """View model of one of our rules in full."""

    line: RuleLine
    pack: str
    notice: str
    starts: tuple[str, ...]
    count: str
    follows: tuple[str, ...]
    cautions: tuple[str, ...]
    readings: tuple[tuple[str, str, str], ...]  # name, text, source
    versions: int
    may_confirm: bool
    supervising: str
    example: WorkedExample | None
    queue: ReadingQueue | None


def rules_page(
    staff: Staff, law: Law, names: MemberNames, used: Set[str], *, show: str, pack: str, page: int
) -> RulesPage:
    """Build the list of rules.

    used  ids of the rules that deadlines of open cases were computed with
    show  all, open, used, flux or manual
    pack  the id of one of our packs, or "" for all
    page  from 1; a number out of range gives the nearest page
    """
    confirmed = {item.what: item for item in law.office.confirmed}
    lines = [_rule_line(law, item, confirmed, names) for item in law.book.list_confirmables()]
    own = {item.what for item in law.book.list_confirmables() if item.own}
    shown_packs = {pack} if pack else office_law.packs_in_use(law.office)
    ours = [line for line in lines if line.what not in own and law.book.pack_of(line.rule_id).id in shown_packs]
    shown = [line for line in ours if _is_shown(law, line, show, used)]
    waiting = [line for line in shown if not line.is_confirmed]
    used_waiting = [line for line in ours if line.rule_id in used and not line.is_confirmed]
    pages = max(1, -(-len(shown) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    on_page = shown[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    says_once = bool(on_page) and not any(line.is_confirmed for line in on_page)
    return RulesPage(
        own=tuple(line for line in lines if line.what in own),
        lines=tuple(_without_mark(line) for line in on_page) if says_once else tuple(on_page),
        lacks_confirmation=says_once,
        total=len(shown),
        page=page,
        pages=pages,
        earlier=query_of(show, pack, page - 1) if page > 1 else "",
        later=query_of(show, pack, page + 1) if page < pages else "",
        links=_list_links(law, ours, used, show, pack),
        problem=_(
            "The office's own rules cannot be read by this version of the program. Dates are computed without them."
        )
        if law.problem
        else "",
        may_write=office_law.may_edit_rules(staff),
        may_confirm=office_law.is_supervising(staff),
        supervising=_supervising(staff),
        query=query_of(show, pack, page),
        waiting=len(waiting),
        first_waiting=queue_address(waiting[0].rule_id, show) if waiting else "",
        is_used=show == "used",
        used_waiting=len(used_waiting),
        first_used=queue_address(used_waiting[0].rule_id, "used") if used_waiting else "",
    )


def _list_links(law: Law, ours: Sequence[RuleLine], used: Set[str], show: str, pack: str) -> tuple[FilterLink, ...]:
    """Return the filters of the list: kinds with their counts, then packs where more than one is in use."""
    packs = [(code, name) for code, name in pack_names() if code in office_law.packs_in_use(law.office)]
    kinds = (
        ("all", _("All")),
        ("open", _("Not confirmed")),
        ("used", _("Used by open cases")),
        ("flux", _("In dispute")),
        ("manual", _("A person decides")),
    )
    return (
        *(
            FilterLink(query_of(code, pack), word, code == show, sum(_is_shown(law, line, code, used) for line in ours))
            for code, word in kinds
        ),
        *(
            FilterLink(query_of(show, "" if code == pack else code), name, code == pack)
            for code, name in packs
            if len(packs) > 1
        ),
    )


def rule_page(
    staff: Staff, law: Law, names: MemberNames, rule_id: str, queue: ReadingQueue | None = None
) -> RulePage | None:
    """Build the page of one rule of our packs. Return None for an id that is not one of ours.

    queue  the list from which rules are read one after the other; None where this one is read alone
    """
    chosen = next(
        (item for item in law.book.list_confirmables() if item.what == f"rule:{rule_id}" and not item.own), None
    )
    if chosen is None:
        return None
    versions = law.book.versions_of(rule_id)
    rule, pack = versions[-1], law.book.pack_of(rule_id)
    confirmed = {item.what: item for item in law.office.confirmed}
    return RulePage(
        line=_rule_line(law, chosen, confirmed, names),
        pack=f"{translate_pack_text(pack.name)} ({pack.version})",
        notice=pack.notice,
        starts=tuple(pack.events[name] for name in rule.on),
        count=describe_rule_count(law.book, rule),
        follows=tuple(event.label_en for event in rules.catalogue().events_starting(rule_id)),
        cautions=rule.cautions,
        readings=tuple((reading.id, reading.text, reading.citation) for reading in law.book.readings_of(rule)),
        versions=len(versions),
        may_confirm=office_law.is_supervising(staff),
        supervising=_supervising(staff),
        example=work_example(law.book, rule, clock.today(staff.zone)),
        queue=queue,
    )


def reading_queue(law: Law, used: Set[str], rule_id: str, show: str) -> ReadingQueue:
    """Return how many rules of a list wait to be confirmed, and the one after this rule; the first after the last."""
    in_use = office_law.packs_in_use(law.office)
    confirmables = [item for item in law.book.list_confirmables() if not item.own and item.what.startswith("rule:")]
    ids = [item.what.partition(":")[2] for item in confirmables if _is_listed(law, item, show, used)]
    ids = [waiting for waiting in ids if law.book.pack_of(waiting).id in in_use]
    others = [waiting for waiting in ids if waiting != rule_id]
    after = ids[ids.index(rule_id) + 1 :] if rule_id in ids else []
    following = (after or others)[:1]
    return ReadingQueue(show, len(ids), queue_address(following[0], show) if following else "")


def queue_address(rule_id: str, show: str) -> str:
    """Return the address of a rule's page in the queue of a list."""
    return f"{reverse('law:rule', args=[rule_id])}?{urlencode({'queue': show})}"


def _is_listed(law: Law, item: rules.Confirmable, show: str, used: Set[str]) -> bool:
    """Return whether a rule that is not confirmed is in a list."""
    rule_id = item.what.partition(":")[2]
    if show == "used" and rule_id not in used:
        return False
    is_kind = show not in {"flux", "manual"} or law.book.versions_of(rule_id)[-1].state == show
    return item.confirmed is None and is_kind


def _supervising(staff: Staff) -> str:
    """Return who confirms rules, or how the office gets a supervising attorney."""
    if names := supervising_names_of(staff.keys):
        return _("Supervising attorneys, who confirm rules: %(names)s.") % {"names": ", ".join(names)}
    return _("No supervising attorney is marked yet. An admin marks one on that member's page.")


def pack_names() -> list[tuple[str, str]]:
    """Return id and name of every standard pack."""
    packs = rules.standard().packs
    return [(pack.id, translate_pack_text(pack.name).partition(":")[0].strip()) for pack in packs]


def query_of(show: str, pack: str, page: int = 1) -> str:
    """Return the URL query of one page of the list."""
    parameters = {"show": show, "pack": pack, "page": page if page > 1 else ""}
    return f"?{urlencode({name: value for name, value in parameters.items() if value not in {'', 'all'}})}"


def _is_shown(law: Law, line: RuleLine, show: str, used: Set[str]) -> bool:
    if show == "used":
        return line.rule_id in used
    if show == "open":
        return not line.is_confirmed
    return show not in {"flux", "manual"} or law.book.versions_of(line.rule_id)[-1].state == show


def _rule_line(
    law: Law, item: rules.Confirmable, confirmed: Mapping[str, LawConfirmation], names: MemberNames
) -> RuleLine:
    kind, _colon, name = item.what.partition(":")
    confirmation, entry = confirmed.get(item.what), law.office.law_entered.get(item.what)
    return RuleLine(
        what=item.what,
        href="" if item.own else reverse("law:rule", args=[name]),
        name=rules.rule_name(name, get_language() or "en", book=law.book) if kind == "rule" else item.name,
        rule_id=name if kind == "rule" else "",
        facts=_item_facts(law, kind, name),
        source=item.citation,
        states=_item_states(item, confirmation),
        checked_on=item.last_checked,
        confirmed=_confirmed_by(names, confirmation) if confirmation and item.confirmed else "",
        is_confirmed=item.confirmed is not None,
        token=f"{item.what} {item.digest}",
        entered=_("entered by %(name)s on %(date)s")
        % {"name": names.get(entry.by, "?"), "date": tags.day(entry.at.date())}
        if entry
        else "",
    )


def _without_mark(line: RuleLine) -> RuleLine:
    """Return a line of a page that says once that no rule is confirmed; a rule that changed keeps its mark."""
    said_once = StatusLabel("to-check", _("Not yet confirmed"))
    return replace(line, states=tuple(state for state in line.states if state != said_once))


def _confirmed_by(names: MemberNames, confirmation: LawConfirmation) -> str:
    values = {
        "name": names.get(confirmation.by, "?"),
        "date": tags.day(confirmation.on),
        "version": confirmation.version,
    }
    if not confirmation.version:
        return _("confirmed by %(name)s on %(date)s") % values
    return _("confirmed by %(name)s on %(date)s, version %(version)s") % values


def _item_states(item: rules.Confirmable, confirmation: LawConfirmation | None) -> tuple[StatusLabel, ...]:
    """Return the status marks of an item: how settled the law is, and whether it is confirmed."""
    states = []
    if item.state != "settled":
        states.append(StatusLabel("soon", labels.label_of(labels.RULE_STATES, item.state)))
    if item.confirmed is not None:
        states.append(StatusLabel("done", _("Confirmed")))
    elif confirmation is not None:
        states.append(StatusLabel("to-check", _("Changed since it was confirmed")))
    else:
        states.append(StatusLabel("to-check", _("Not yet confirmed")))
    return tuple(states)


def _item_facts(law: Law, kind: str, name: str) -> tuple[str, ...]:
    """Return the content of an office's own item in short lines; for a rule, its count."""
    if kind == "rule":
        return (describe_rule_count(law.book, law.book.versions_of(name)[-1]),)
    assert law.pack is not None
    if kind == "closure":
        closure = next(item for item in law.pack.closures if item.id == name)
        days = tags.day(closure.first)
        if closure.last != closure.first:
            days = _("%(first)s to %(last)s") % {"first": days, "last": tags.day(closure.last)}
        return tuple(filter(None, (_("Closed: %(days)s") % {"days": days}, closure.court, closure.region)))
    order = next(item for item in law.pack.standing_orders if item.id == name)
    who = ", ".join(filter(None, (order.judge, order.court)))
    since = _("from %(date)s") % {"date": tags.day(order.effective_from)}
    of_rule = rules.rule_name(order.rule, get_language() or "en", book=law.book)
    return tuple(filter(None, (who, f"{of_rule}: {describe_count(order.count)}", since)))
