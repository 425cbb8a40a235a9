"""Lines of Today about cases and lists that are not in their newest known state."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.accounts.keys import office_file, permissions
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import restoration
from caseapp.casefile.integrity import findings
from caseapp.casefile.integrity.findings import OpenedFinding
from caseapp.index.view import IndexView
from caseapp.lib import clock
from caseapp.ui.display.paths import case_path, quick_reverse

LINES_SHOWN = 3  # findings on the page
CASE_SENTENCES: dict[str, Promise] = {
    "older": gettext_lazy("A case is not in its newest known state: rows of the database were put back."),
    "list_older": gettext_lazy("A case is newer than its list: rows of the database were put back."),
    "unlisted": gettext_lazy("A case is on no list of cases: rows of the database were put back or removed."),
    findings.DAMAGED: gettext_lazy("A part of a case does not open: it was altered or damaged."),
    findings.MISSING: gettext_lazy("A listed case has no file in the database any more."),
    findings.UNREADABLE: gettext_lazy("A listed case does not open: it was altered or damaged."),
}


@dataclass(frozen=True)
class IntegrityLine:
    """A finding. `ref` and `href` are empty for a case that this member cannot open.

    dismiss      where its button leads, "" for none; `is_settled`: nothing is left to look at
    """

    sentence: str
    on: date
    ref: str
    href: str
    dismiss: str
    is_settled: bool


@dataclass(frozen=True)
class IntegrityPanel:
    """The findings for supervisors and admins, and the number of cases that this member can accept as compared."""

    lines: tuple[IntegrityLine, ...]
    uncompared: int
    more: int = 0  # findings that are shown when some of these are done with


def integrity_panel(staff: Staff, index: IndexView) -> IntegrityPanel:
    """Return what this member must look at. In the office's transaction."""
    opened = findings.read_findings(staff.keys) if permissions.is_permitted(staff, "read_audit") else []
    lines = tuple(_integrity_line(finding, index) for finding in opened)
    may_accept = permissions.is_permitted(staff, "restore_case")
    return IntegrityPanel(
        lines=(*_office_file_lines(staff), *lines[:LINES_SHOWN]),
        more=max(0, len(lines) - LINES_SHOWN),
        uncompared=len(restoration.uncompared_cases(staff, index)) if may_accept else 0,
    )


def _office_file_lines(staff: Staff) -> tuple[IntegrityLine, ...]:
    """Return a line for an admin when the office's own file was put back."""
    if not permissions.is_permitted(staff, "remove_member") or not office_file.is_older(staff.keys):
        return ()
    sentence = _("The settings of the office are older than those saved last: rows of the database were put back.")
    href = reverse("team:directory")
    today = clock.today(staff.zone)
    return (IntegrityLine(sentence, today, _("Decide which state is right"), href, dismiss="", is_settled=False),)


def _integrity_line(finding: OpenedFinding, index: IndexView) -> IntegrityLine:
    content = finding.content
    if content.kind == findings.INDEX:
        dismiss = _dismiss_path(finding.id, content.is_settled)
        return IntegrityLine(_index_sentence(finding), content.on, "", "", dismiss, content.is_settled)
    row = index.find_row(content.case) if content.case is not None else None
    return IntegrityLine(
        sentence=str(CASE_SENTENCES[content.kind]),
        on=content.on,
        ref=row.ref if row is not None else _("a case you cannot open"),
        href=case_path(content.case) if row is not None and content.case is not None else "",
        dismiss=_dismiss_path(finding.id, content.is_settled or row is not None),
        is_settled=content.is_settled,
    )


def _index_sentence(finding: OpenedFinding) -> str:
    if not finding.content.is_settled:
        return _("The list of a team was damaged or put back, and is being rebuilt from its cases.")
    if finding.content.count:
        return _("The list of a team was damaged and was rebuilt; %(count)s of its cases could not be compared.") % {
            "count": finding.content.count
        }
    return _("The list of a team was damaged and was rebuilt from its cases.")


def _dismiss_path(finding_id: UUID, may_go: bool) -> str:
    return quick_reverse("trail:dismiss", finding_id) if may_go else ""
