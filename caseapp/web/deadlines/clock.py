"""The asylum clock of a case: the panel on its page, and the page with its entries and stops."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseapp import rules
from caseapp.casework import asylum
from caseapp.lib.errors import Refused
from caseapp.vault.store import SealedFile
from caseapp.web import words
from caseapp.web.cases.forms import long_text
from caseapp.web.fields import DateBoxes
from caseapp.web.saving import VersionedForm
from caseapp.web.today.lines import Status

OTHER = "other"


class FiledForm(forms.Form):
    """The day the I-589 was received; `version` of its notice where it is corrected."""

    filed_on = DateBoxes(
        label=gettext_lazy("Application (I-589) received on"),
        what=gettext_lazy("the day the application was received"),
        help_text=gettext_lazy("The day the court or USCIS received the complete application, as its receipt says."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, required=False)


class StopForm(forms.Form):
    """A stop of the clock."""

    first = DateBoxes(label=gettext_lazy("Clock stopped on"), what=gettext_lazy("the day the clock stopped"))
    until = DateBoxes(
        label=gettext_lazy("Clock restarted on"),
        what=gettext_lazy("the day the clock restarted"),
        required=False,
        help_text=gettext_lazy("Leave it empty while the clock stands still."),
    )
    why = forms.ChoiceField(label=gettext_lazy("Why"), error_messages={"required": gettext_lazy("Choose why.")})
    other = forms.CharField(label=gettext_lazy("Another reason, in words"), required=False, max_length=200)
    source = long_text(
        gettext_lazy("Where this is from"),
        help_text=gettext_lazy("For example the hearing record, the notice or the clock code on the court's page."),
        limit=asylum.TEXT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        why = self.fields["why"]
        assert isinstance(why, forms.ChoiceField)
        why.choices = [("", _("Choose one")), *words.choices(words.CLOCK_STOPS), (OTHER, _("Another reason"))]

    def clean(self) -> dict[str, Any]:
        """Another reason needs its words."""
        told = self.cleaned_data
        if told.get("why") == OTHER and not told.get("other", "").strip():
            self.add_error("other", _("Say the reason in words."))
        return told

    def values(self) -> dict[str, Any]:
        """The keywords of `casework.asylum.add_stop`."""
        told = self.cleaned_data
        why = told["other"] if told["why"] == OTHER else told["why"]
        return {"first": told["first"], "until": told["until"], "why": why, "source": told["source"]}

    @staticmethod
    def saved(stop: asylum.ClockStop) -> dict[str, Any]:
        """A kept stop as the form shows it."""
        is_known = stop.why in words.CLOCK_STOPS
        return {
            "first": stop.first,
            "until": stop.until,
            "why": stop.why if is_known else OTHER,
            "other": "" if is_known else stop.why,
            "source": stop.source,
        }


class StopEditForm(VersionedForm, StopForm):
    """A stop corrected, or ended."""


@dataclass(frozen=True)
class ClockPanel:
    """The clock in four values; `day_150` and `day_180` are None while it stands still before them."""

    href: str
    status: Status
    days: int
    day_150: date | None
    day_180: date | None


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


def clock_panel(file: SealedFile, today: date) -> ClockPanel | None:
    """The clock of an open case; None without an I-589."""
    found = _found(file, today)
    return _panel(file, found) if found else None


def _panel(file: SealedFile, found: rules.AsylumClock) -> ClockPanel:
    status = Status("upcoming", _("Running")) if found.running else Status("waived", _("Stopped"))
    href = reverse("deadlines:asylum_clock", args=[file.id])
    return ClockPanel(href, status, found.days_counted, found.day_150, found.day_180)


def _found(file: SealedFile, today: date) -> rules.AsylumClock | None:
    try:
        return asylum.clock_of(file, today)
    except Refused:
        # Dates that no clock can have, from an import or an older version: the page says so, the case still opens.
        return None


def clock_page(file: SealedFile, today: date) -> ClockPage:
    """Days counted, stops, 150 and 180 days, with entries."""
    entry = asylum.filed(file)
    found = _found(file, today)
    return ClockPage(
        panel=_panel(file, found) if found else None,
        filed_on=entry.record.dated_on if entry else None,
        version=entry.version if entry else 0,
        lines=tuple(_line(line) for line in found.entries) if found else (),
        stops=tuple(_stop(file, stop) for stop in asylum.stops(file)),
        unsettled=found.unsettled if found else (),
        sources=found.sources if found else (),
    )


def _line(line: rules.ClockEntry) -> ClockLine:
    stopping = line.what in {"stopped", "restarted"}
    return ClockLine(
        on=line.on,
        what=words.word(words.CLOCK_LINES, line.what),
        days=line.days,
        why=_reason(line.why),
        counts=words.word(words.CLOCK_COUNTS, line.counts) if stopping else "",
    )


def _reason(why: str) -> str:
    """A known reason in the page's language, by its code or its English text; another one as it was written."""
    code = next((code for code, known in rules.CLOCK_STOPS.items() if why in {code, known.text}), why)
    return words.word(words.CLOCK_STOPS, code)


def _stop(file: SealedFile, stop: asylum.ClockStop) -> StopLine:
    href = reverse("deadlines:asylum_stop", args=[file.id, stop.id])
    return StopLine(href, stop.first, stop.until, _reason(stop.why), stop.source)
