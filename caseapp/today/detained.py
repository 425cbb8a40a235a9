"""Rows of Today about detained clients."""

from dataclasses import dataclass

from caseapp.index.results import CaseListLine
from caseapp.ui.display import agenda_lines, labels
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.paths import case_path, quick_reverse


@dataclass(frozen=True)
class DetainedLine:
    """The case of a detained client. `who` leads it."""

    ref: str
    name: str
    stage: str
    who: str
    case_href: str
    custody_href: str


def detained_line(line: CaseListLine, names: MemberNames) -> DetainedLine:
    """Return the row of a case with a detained client."""
    return DetainedLine(
        ref=line.row.ref,
        name=agenda_lines.client_name_of(line.row),
        stage=labels.label_of(labels.STAGES, line.row.stage),
        who=names.get(line.row.lead, "") if line.row.lead else "",
        case_href=case_path(line.case_id),
        custody_href=quick_reverse("clients:custody", line.case_id),
    )
