"""The page of the asylum clock as finished values."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from caseapp import rules
from caseapp.deadlines.panels.asylum_clock import ClockPanel, build_panel, find_clock
from caseapp.deadlines.services import asylum_clock
from caseapp.ui.display import labels
from caseapp.vault.store import SealedFile


@dataclass(frozen=True)
class ClockLine:
    """One line of the table. `why` is private when a member wrote it."""

    on: date
    what: str
    days: int
    why: str
    counts: str


@dataclass(frozen=True)
class ClockStopLine:
    """A stop that can be corrected."""

    href: str
    first: date
    until: date | None
    why: str
    source: str


@dataclass(frozen=True)
class ClockPage:
    """The values of the whole page; `panel` is None before an application was filed."""

    panel: ClockPanel | None
    filed_on: date | None
    version: int
    lines: tuple[ClockLine, ...]
    stops: tuple[ClockStopLine, ...]
    unsettled: tuple[str, ...]
    sources: tuple[str, ...]


def clock_page(file: SealedFile, today: date) -> ClockPage:
    """Return the page: days counted, stops, days 150 and 180, and the entries."""
    entry = asylum_clock.find_filing(file)
    clock = find_clock(file, today)
    return ClockPage(
        panel=build_panel(file, clock) if clock else None,
        filed_on=entry.record.dated_on if entry else None,
        version=entry.version if entry else 0,
        lines=tuple(_clock_line(line) for line in clock.entries) if clock else (),
        stops=tuple(_stop_line(file, stop) for stop in asylum_clock.list_stops(file)),
        unsettled=clock.unsettled if clock else (),
        sources=clock.sources if clock else (),
    )


def _clock_line(line: rules.ClockEntry) -> ClockLine:
    stopping = line.what in {"stopped", "restarted"}
    return ClockLine(
        on=line.on,
        what=labels.label_of(labels.CLOCK_LINES, line.what),
        days=line.days,
        why=_reason_text(line.why),
        counts=labels.label_of(labels.CLOCK_COUNTS, line.counts) if stopping else "",
    )


def _reason_text(why: str) -> str:
    """Return a known reason in the page's language, by its code or English text; any other reason unchanged."""
    code = next((code for code, known in rules.CLOCK_STOPS.items() if why in {code, known.text}), why)
    return labels.label_of(labels.CLOCK_STOPS, code)


def _stop_line(file: SealedFile, stop: asylum_clock.StopEntry) -> ClockStopLine:
    href = reverse("deadlines:asylum_stop", args=[file.id, stop.id])
    return ClockStopLine(href, stop.first, stop.until, _reason_text(stop.why), stop.source)
