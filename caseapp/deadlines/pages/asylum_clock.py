"""The asylum clock of a case: the panel on its page, and the page with its entries and stops."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from caseapp import rules
from caseapp.deadlines.panels.asylum_clock import ClockPanel, _found, _panel
from caseapp.deadlines.services import asylum_clock
from caseapp.ui.display import labels
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class ClockLine:
    """One line of the table. `why` is private where a person wrote it."""

    on: date
    what: str
    days: int
    why: str
    counts: str


@dataclass(frozen=True)
class StopLine:
    """A stop that can be corrected."""

    href: str
    first: date
    until: date | None
    why: str
    source: str


@dataclass(frozen=True)
class ClockPage:
    """Everything of the page; `panel` is None before an application was filed."""

    panel: ClockPanel | None
    filed_on: date | None
    version: int
    lines: tuple[ClockLine, ...]
    stops: tuple[StopLine, ...]
    unsettled: tuple[str, ...]
    sources: tuple[str, ...]


def clock_page(file: SealedFile, today: date) -> ClockPage:
    """Days counted, stops, 150 and 180 days, with entries."""
    entry = asylum_clock.filed(file)
    found = _found(file, today)
    return ClockPage(
        panel=_panel(file, found) if found else None,
        filed_on=entry.record.dated_on if entry else None,
        version=entry.version if entry else 0,
        lines=tuple(_line(line) for line in found.entries) if found else (),
        stops=tuple(_stop(file, stop) for stop in asylum_clock.stops(file)),
        unsettled=found.unsettled if found else (),
        sources=found.sources if found else (),
    )


def _line(line: rules.ClockEntry) -> ClockLine:
    stopping = line.what in {"stopped", "restarted"}
    return ClockLine(
        on=line.on,
        what=labels.word(labels.CLOCK_LINES, line.what),
        days=line.days,
        why=_reason(line.why),
        counts=labels.word(labels.CLOCK_COUNTS, line.counts) if stopping else "",
    )


def _reason(why: str) -> str:
    """A known reason in the page's language, by its code or its English text; another one as it was written."""
    code = next((code for code, known in rules.CLOCK_STOPS.items() if why in {code, known.text}), why)
    return labels.word(labels.CLOCK_STOPS, code)


def _stop(file: SealedFile, stop: asylum_clock.ClockStop) -> StopLine:
    href = reverse("deadlines:asylum_stop", args=[file.id, stop.id])
    return StopLine(href, stop.first, stop.until, _reason(stop.why), stop.source)
