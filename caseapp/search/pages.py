"""View models of the search results and of the palette."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _text
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from caseapp.accounts.directory.team_members import Colleague
from caseapp.accounts.keys.staff import Staff
from caseapp.cases import panels as case_lists
from caseapp.cases.panels import CaseFilter
from caseapp.index import text_keys
from caseapp.index.results import Hit
from caseapp.index.view import IndexView
from caseapp.lib.partial_dates import PartialDate
from caseapp.search import commands
from caseapp.search.commands import PaletteCommand
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import NextDate, client_name_of, next_date
from caseapp.ui.display.colleagues import colleagues_of
from caseapp.ui.display.paths import case_path

MATCH_REASONS: dict[str, str | Promise] = {
    "name": _("name"),
    "spelling": _("near spelling"),
    "sound": _("sounds alike"),
    "number": _("number"),
    "phone": _("telephone number"),
    "ref": _("case ref"),
    "court": _("court"),
    "member": _("colleague"),
}
MAX_RESULTS = 20
MAX_IN_PALETTE = 8
MIN_LETTERS = 2  # of a text that the palette searches cases for
MIN_LETTERS_OF_A_COLLEAGUE = 3  # of each typed word
MAX_LISTS = 4  # links to lists
TYPED_REASONS = {"name", "number", "phone", "ref"}  # what was typed is in the case, and nothing was guessed


@dataclass(frozen=True)
class SearchResult:
    """Case that matches, and why."""

    href: str
    ref: str
    name: str
    why: str
    stage: str
    languages: str
    birth: PartialDate | None
    next: NextDate | None


@dataclass(frozen=True)
class PaletteOption:
    """One line of the palette. `case` is set for a case, `command` for a page or an act.

    is_sure  Enter opens it although it was not shown yet when Enter was pressed
    """

    number: int
    href: str
    case: SearchResult | None = None
    command: PaletteCommand | None = None
    is_sure: bool = False


@dataclass(frozen=True)
class PaletteGroup:
    """Lines of the palette under one heading."""

    heading: str
    options: tuple[PaletteOption, ...]


def members_named(staff: Staff, text: str) -> frozenset[UUID]:
    """Return the colleagues in whose name each typed word begins a word."""
    return frozenset(person.member_id for person in _people_named(staff, text))


def list_links(staff: Staff, index: IndexView, text: str) -> tuple[PaletteCommand, ...]:
    """Return links to the lists of all cases at a court, or of a lead, with the typed name."""
    links = [
        PaletteCommand(
            _text("Cases at %(court)s") % {"court": court.text}, _list_path(staff, CaseFilter(court=court.normal))
        )
        for court in index.courts_named(text)
    ]
    links += [
        PaletteCommand(
            _text("Cases led by %(name)s") % {"name": person.name},
            _list_path(staff, CaseFilter(lead=str(person.member_id))),
        )
        for person in _people_named(staff, text)
    ]
    return tuple(links[:MAX_LISTS])


def _list_path(staff: Staff, chosen: CaseFilter) -> str:
    return case_lists.list_path(staff.keys, replace(chosen, show="team"))


def _people_named(staff: Staff, text: str) -> list[Colleague]:
    asked = text_keys.normalise_name(text).split()
    if not asked or min(map(len, asked)) < MIN_LETTERS_OF_A_COLLEAGUE:
        return []
    return [
        person
        for person in colleagues_of(staff.keys)
        if all(any(word.startswith(part) for word in text_keys.normalise_name(person.name).split()) for part in asked)
    ]


def search_results(hits: Sequence[Hit], index: IndexView) -> tuple[SearchResult, ...]:
    """Return the matching cases, best match first."""
    return tuple(_search_result(hit, index) for hit in hits)


def only_match(hits: Sequence[Hit]) -> Hit | None:
    """Return the hit that opens at once: the only one, if what was typed is in it.

    A near spelling or a name that sounds alike is shown with its reason: opening a case is a logged read.
    """
    return hits[0] if len(hits) == 1 and hits[0].why in TYPED_REASONS else None


def palette_groups(
    staff: Staff, index: IndexView, hits: Sequence[Hit], *, text: str, page_path: str, covered: bool
) -> tuple[PaletteGroup, ...]:
    """Return the lines of the palette: cases, then what can be done, then lists and pages.

    Lists are named for courts and colleagues, so they are left out while names are `covered`.
    """
    acts = commands.acts_matching(staff, text, page_path)
    if hits:
        acts = (*commands.acts_in_case(staff, hits[0].case_id, hits[0].row.ref), *acts)
    goes = (*(() if covered else list_links(staff, index, text)), *commands.pages_matching(staff, text))
    if finds_nothing := not (hits or acts or goes):
        acts = commands.act_without_match(staff)
    groups: list[tuple[str, list[PaletteOption]]] = [
        (_text("Cases"), [PaletteOption(0, line.href, case=line) for line in search_results(hits, index)]),
        (pgettext("palette", "Do"), [_command_option(command) for command in acts]),
        (pgettext("palette", "Go"), [_command_option(command) for command in goes]),
    ]
    is_sure = only_match(hits) is not None or (not hits and bool(text.strip()) and not finds_nothing)
    shown, number = [], 0
    for heading, options in groups:
        numbered = tuple(
            replace(option, number=number + at, is_sure=is_sure and number + at == 0)
            for at, option in enumerate(options)
        )
        number += len(numbered)
        if numbered:
            shown.append(PaletteGroup(heading, numbered))
    return tuple(shown)


def _command_option(command: PaletteCommand) -> PaletteOption:
    return PaletteOption(0, command.href, command=command)


def _search_result(hit: Hit, index: IndexView) -> SearchResult:
    row = hit.row
    return SearchResult(
        href=case_path(hit.case_id),
        ref=row.ref,
        name=client_name_of(row),
        why=labels.label_of(MATCH_REASONS, hit.why),
        stage=labels.label_of(labels.STAGES, row.stage),
        languages=", ".join(row.languages),
        birth=row.birth,
        next=next_date(index.next_of(row), index.today),
    )
