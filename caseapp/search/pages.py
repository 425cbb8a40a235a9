"""View model of the search results."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys.staff import Staff
from caseapp.index.results import Hit
from caseapp.index.view import IndexView
from caseapp.lib.partial_dates import PartialDate
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import NextDate, client_name_of, next_date
from caseapp.ui.display.paths import case_path

MATCH_REASONS: dict[str, str | Promise] = {
    "name": _("name"),
    "spelling": _("near spelling"),
    "sound": _("sounds alike"),
    "number": _("number"),
    "ref": _("case ref"),
}
MAX_RESULTS = 20


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


def search_results(staff: Staff, index: IndexView, text: str) -> tuple[SearchResult, ...]:
    """Return the matching cases, best match first."""
    return tuple(_search_result(hit, index) for hit in index.search_cases(text, MAX_RESULTS))


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
