"""The findings of the consistency check as sentences with links."""

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.deadlines.services.upkeep.consistency_check import ConsistencyFinding, ConsistencyReport
from caseapp.index.view import IndexView
from caseapp.ui.display import tags
from caseapp.ui.display.agenda_lines import client_name_of
from caseapp.ui.display.paths import case_path, quick_reverse
from caseapp.ui.display.status import StatusLabel

# Finding kind -> (shape, word, sentence). The %(...)s parts of the sentences are dates.
FINDING_TEXTS: dict[str, tuple[str, Promise, Promise]] = {
    "put_back": (
        "passed",
        gettext_lazy("Older state"),
        gettext_lazy("A newer state of this case was saved. Open it: its lead or a supervisor decides what counts."),
    ),
    "unreadable": (
        "passed",
        gettext_lazy("Damaged"),
        gettext_lazy("A part of this case does not open. Tell your admin today: a backup may still have it."),
    ),
    "differs": (
        "passed",
        gettext_lazy("Another date"),
        gettext_lazy("Computed again from the case it is %(would)s; the case has %(was)s. Compare both."),
    ),
    "no_rule": (
        "soon",
        gettext_lazy("No rule"),
        gettext_lazy("No rule gives this date any more. Read the law before you rely on it."),
    ),
    "no_start": (
        "soon",
        gettext_lazy("Another start"),
        gettext_lazy("The start of this date was removed or changed."),
    ),
    "no_next_date": (
        "soon",
        gettext_lazy("No next date"),
        gettext_lazy(
            "In immigration court, with no future hearing. Check with the court: hearings can be reset without notice."
        ),
    ),
    "one_year": (
        "passed",
        gettext_lazy("No application"),
        gettext_lazy("Nine months and more since the last arrival on %(on)s, and no asylum application is noted."),
    ),
    "ead": (
        "soon",
        gettext_lazy("Work permit"),
        gettext_lazy("The work permit expires and its renewal is not filed. It can be filed now."),
    ),
}


@dataclass(frozen=True)
class FindingLine:
    """One finding to check."""

    href: str
    case_href: str
    ref: str
    name: str
    status: StatusLabel
    what: str
    sentence: str


@dataclass(frozen=True)
class ConsistencyPage:
    """The findings shown; `more` counts those not among `lines`."""

    lines: tuple[FindingLine, ...]
    more: int
    checked: int
    total: int
    is_under_way: bool

    @property
    def is_grave(self) -> bool:
        """Return whether a date that is shown may be wrong, or a right may be lost."""
        return any(line.status.kind == "passed" for line in self.lines)


def consistency_page(report: ConsistencyReport, index: IndexView, *, limit: int) -> ConsistencyPage:
    """Return the page with the first `limit` findings. A process that checked no case yet knows only their number."""
    shown, total = report.findings[:limit], max(report.total, index.count_of())
    return ConsistencyPage(
        lines=tuple(_finding_line(finding, index) for finding in shown),
        more=report.more + len(report.findings) - len(shown),
        checked=report.checked,
        total=total,
        is_under_way=report.checked < total,
    )


def _finding_line(finding: ConsistencyFinding, index: IndexView) -> FindingLine:
    """Return a finding as a line with its sentence and links."""
    row = index.find_row(finding.case_id)
    kind, word, sentence = FINDING_TEXTS[finding.kind]
    case = case_path(finding.case_id)
    return FindingLine(
        href=quick_reverse("deadlines:deadline", finding.deadline_id) if finding.deadline_id else case,
        case_href=case,
        ref=row.ref if row else "",
        name=client_name_of(row) if row else "",
        status=StatusLabel(kind, str(word)),
        what=finding.what,
        sentence=str(sentence)
        % {
            "was": _format_day(finding.was),
            "would": _format_day(finding.would),
            "on": tags.day(finding.on) if finding.on else "",
        },
    )


def _format_day(text: str) -> str:
    """Return an ISO date formatted for the page."""
    return tags.day(date.fromisoformat(text[:10])) if text else _("no date")
