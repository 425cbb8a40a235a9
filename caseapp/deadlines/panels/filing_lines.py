"""The steps of a deadline's filing as lines of a page, and the labels of their codes."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp.records.deadline import Deadline, FilingStep
from caseapp.records.document import Document
from caseapp.ui.display import labels, tags
from caseapp.ui.display.colleagues import MemberNames
from caseapp.ui.display.labels import Labels
from caseapp.ui.display.paths import quick_reverse
from caseapp.vault.store import SealedFile

STATUSES: Labels = {
    "sent": gettext_lazy("Sent: not yet confirmed as received"),
    "received": gettext_lazy("Received"),
    "rejected": gettext_lazy("Rejected"),
    "late": gettext_lazy("Late, with a motion"),
}
METHODS: Labels = {
    "ecas": gettext_lazy("ECAS"),
    "online": gettext_lazy("Online portal"),
    "mail": gettext_lazy("Mail"),
    "courier": gettext_lazy("Courier"),
    "in_person": gettext_lazy("In person, at the court or office"),
    "email": gettext_lazy("E-mail"),
    "other": gettext_lazy("Another method"),
}
SERVICES: Labels = {
    "ecas": gettext_lazy("Through ECAS"),
    "mail": gettext_lazy("By mail"),
    "in_person": gettext_lazy("In person"),
    "email": gettext_lazy("By e-mail"),
    "not_needed": gettext_lazy("Not needed"),
}


@dataclass(frozen=True)
class FilingLine:
    """One step of a filing. `proof` is (address, title) of the document that proves it."""

    status: str
    is_rejected: bool
    on: date
    at: str
    method: str
    confirmation: str
    service: str
    served_on: date | None
    proof: tuple[str, str] | None
    note: str
    who: str


def filing_lines(file: SealedFile, record: Deadline, names: MemberNames) -> tuple[FilingLine, ...]:
    """Return the steps of the filing, the latest first."""
    return tuple(_filing_line(file, step, names) for step in reversed(record.filings))


def short_filing(record: Deadline) -> str:
    """Return the last step in a few words, for a line of a list; empty without a filing."""
    if not record.filings:
        return ""
    step = record.filings[-1]
    sentences = {
        "sent": _("Sent %(date)s, not yet received"),
        "received": _("Received %(date)s"),
        "rejected": _("Filing rejected %(date)s: file again"),
        "late": _("Filed late with motion %(date)s"),
    }
    return sentences[step.status] % {"date": tags.day_short(step.on)} if step.status in sentences else ""


def _filing_line(file: SealedFile, step: FilingStep, names: MemberNames) -> FilingLine:
    entry = file.entries.get(step.document) if step.document else None
    proof = None
    if entry is not None and isinstance(entry.record, Document):
        proof = (quick_reverse("documents:document", entry.id), entry.record.title)
    return FilingLine(
        status=labels.label_of(STATUSES, step.status),
        is_rejected=step.status == "rejected",
        on=step.on,
        at=step.at,
        method=labels.label_of(METHODS, step.method),
        confirmation=step.confirmation,
        service=labels.label_of(SERVICES, step.service),
        served_on=step.served_on,
        proof=proof,
        note=step.note,
        who=names.get(step.by, ""),
    )
