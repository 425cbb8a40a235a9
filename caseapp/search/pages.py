"""View model of the search results."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseapp.accounts.keys.staff import Staff
from caseapp.index.view import Hit, IndexView
from caseapp.ui.display import labels
from caseapp.ui.display.agenda_lines import NextDate, next_date, person_of
from caseapp.ui.display.paths import case_path

WHY: dict[str, str | Promise] = {
    "name": _("name"),
    "spelling": _("near spelling"),
    "sound": _("sounds alike"),
    "number": _("number"),
    "ref": _("case ref"),
}
LIMIT = 20


@dataclass(frozen=True)
class Found:
    """Case that matches, and why."""

    href: str
    ref: str
    name: str
    why: str
    stage: str
    languages: str
    born_on: date | None
    next: NextDate | None


def found_cases(staff: Staff, index: IndexView, text: str) -> tuple[Found, ...]:
    """Return the matching cases, best match first."""
    return tuple(_found(hit, index) for hit in index.search(text, LIMIT))


def _found(hit: Hit, index: IndexView) -> Found:
    row = hit.row
    return Found(
        href=case_path(hit.case_id),
        ref=row.ref,
        name=person_of(row),
        why=labels.word(WHY, hit.why),
        stage=labels.word(labels.STAGES, row.stage),
        languages=", ".join(row.languages),
        born_on=row.born,
        next=next_date(index.next_of(row), index.today),
    )
