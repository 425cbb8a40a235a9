"""The findings of the consistency check as sentences with links."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.deadlines.services.consistency_check import Finding, Watch
from caseapp.index.view import IndexView
from caseapp.ui.display import tags
from caseapp.ui.display.agenda_lines import person_of
from caseapp.ui.display.paths import case_path
from caseapp.ui.display.status import Status

# Finding kind -> (shape, word, sentence). The %(...)s parts of the sentences are dates.
TOLD: dict[str, tuple[str, Promise, Promise]] = {
    "unreadable": (
        "passed",
        gettext_lazy("Damaged"),
        gettext_lazy("A part of this case does not open. Tell your admin today: a backup may still have it."),
    ),
    "differs": (
        "passed",
        gettext_lazy("Another date"),
        gettext_lazy("Computed again from the case it is %(would)s, and %(was)s stands here. Look at both."),
    ),
    "no_rule": (
        "soon",
        gettext_lazy("No rule"),
        gettext_lazy("No rule gives this date any more. Read the law before you rely on it."),
    ),
    "no_start": (
        "soon",
        gettext_lazy("Another start"),
        gettext_lazy("What this date was counted from is gone or says another day by now."),
    ),
    "no_next_date": (
        "soon",
        gettext_lazy("No next date"),
        gettext_lazy("In court, and no hearing lies ahead. Ask the court: dates move without notice."),
    ),
    "one_year": (
        "passed",
        gettext_lazy("No application"),
        gettext_lazy("Nine months and more since the last arrival on %(on)s, and no asylum application is noted."),
    ),
    "ead": (
        "soon",
        gettext_lazy("Work permit"),
        gettext_lazy("The work permit runs out and its renewal is not done. It can be filed now."),
    ),
}


@dataclass(frozen=True)
class FindingLine:
    """One finding to check."""

    href: str
    case_href: str
    ref: str
    name: str
    status: Status
    what: str
    sentence: str


@dataclass(frozen=True)
class CheckPage:
    """The findings shown; `more` counts those not among `lines`."""

    lines: tuple[FindingLine, ...]
    more: int
    checked: int
    total: int
    is_under_way: bool


def check_page(found: Watch, index: IndexView, *, limit: int | None) -> CheckPage:
    """Return the page with the first `limit` findings, or all for None."""
    shown = found.findings if limit is None else found.findings[:limit]
    return CheckPage(
        lines=tuple(_line(finding, index) for finding in shown),
        more=len(found.findings) - len(shown),
        checked=found.checked,
        total=found.total,
        is_under_way=not found.is_whole,
    )


def _line(finding: Finding, index: IndexView) -> FindingLine:
    """Return a finding as a line with its sentence and links."""
    row = index.row(finding.case_id)
    kind, word, sentence = TOLD[finding.kind]
    case = case_path(finding.case_id)
    return FindingLine(
        href=reverse("deadlines:deadline", args=[finding.deadline_id]) if finding.deadline_id else case,
        case_href=case,
        ref=row.ref if row else "",
        name=person_of(row) if row else "",
        status=Status(kind, str(word)),
        what=finding.what,
        sentence=str(sentence)
        % {
            "was": _day(finding.was),
            "would": _day(finding.would),
            "on": tags.day(finding.on) if finding.on else "",
        },
    )


def _day(text: str) -> str:
    """Return an ISO date formatted for the page."""
    return tags.day(date.fromisoformat(text[:10])) if text else _("no date")
