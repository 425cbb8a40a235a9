"""Proceedings of a case as finished values."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from caseapp.records.proceeding import Proceeding
from caseapp.ui.display import labels, tags
from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.display.people.fact_lines import FactLine, known_facts
from caseapp.vault.store import Entry, SealedFile

COURT = "immigration_court"


@dataclass(frozen=True)
class ProceedingLine:
    """A proceeding; `facts` are what is known of it."""

    href: str
    forum: str
    facts: tuple[FactLine, ...]


def proceedings_in_order(file: SealedFile) -> list[Entry[Proceeding]]:
    """Return the proceedings of a case, open ones first."""
    return sorted(file.entries_of(Proceeding), key=lambda entry: (entry.record.state != "open", entry.id))


def proceeding_line(case_id: UUID, entry: Entry[Proceeding]) -> ProceedingLine:
    """Return a proceeding as a card of the case page."""
    return ProceedingLine(
        href=quick_reverse("cases:proceeding", case_id, entry.id),
        forum=labels.label_of(labels.FORUMS, entry.record.forum),
        facts=tuple(_facts_of(entry.record)),
    )


def _facts_of(proceeding: Proceeding) -> Iterator[FactLine]:
    if proceeding.began_on is not None:
        how = labels.label_of(labels.SERVICE_METHODS, proceeding.began_how) if proceeding.began_how else ""
        label = _("NTA served") if proceeding.forum == COURT else _("Began")
        yield FactLine(label, ", ".join(filter(None, (tags.day(proceeding.began_on), how))))
    yield from known_facts(
        (_("Court"), proceeding.court), (_("Judge"), proceeding.judge), (_("Number"), proceeding.docket)
    )
    if proceeding.state != "open":
        yield FactLine(_("State"), labels.label_of(labels.PROCEEDING_STATES, proceeding.state))
