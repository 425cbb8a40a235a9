"""The style guide: all components with fictional values."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from caseapp.ui.display.tags import days_between
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.requests.context import navigation_entries, today_of


class SampleForm(forms.Form):
    """A form with one field of each kind."""

    name = forms.CharField(
        label=gettext_lazy("Name as on documents"),
        help_text=gettext_lazy("Every spelling counts."),
        error_messages={"required": gettext_lazy("Enter the name as on documents.")},
    )
    hearing_on = DateBoxes(label=gettext_lazy("Hearing date"), what=gettext_lazy("the hearing date"))
    way = forms.ChoiceField(
        label=gettext_lazy("Way"),
        choices=(("person", gettext_lazy("In person")), ("video", gettext_lazy("Video"))),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose the hearing format: in person, video or telephone.")},
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        error_messages={"required": gettext_lazy("Choose a language.")},
    )
    safe = forms.BooleanField(label=gettext_lazy("Leave no voicemail"), required=False)
    note = forms.CharField(label=gettext_lazy("Note"), widget=forms.Textarea, required=False)


@require_safe
def show_styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component; `?covered=1`, `?theme=dark`, `?dir=rtl` and `?lang=es` change its appearance."""
    if settings.MODE == "production":
        raise Http404
    today = today_of(None)
    context = {
        "today": today,
        "places": navigation_entries("/"),
        "did": _("Hearing booked. Its deadlines are below."),
        "covered": request.GET.get("covered") == "1",
        "theme": request.GET.get("theme", "auto"),
        "direction": "rtl" if request.GET.get("dir") == "rtl" else "ltr",
        "form": SampleForm(),
        "wrong": SampleForm({"hearing_on_day": "31", "hearing_on_month": "2", "hearing_on_year": "2026"}),
        "soon_on": today + timedelta(days=2),
        **_sample_lists(today),
    }
    context["wrong"].auto_id = "wrong_%s"
    return render(request, "styleguide.html", context)


def _sample_lists(today: date) -> dict[str, Any]:
    statuses = [
        ("passed", _("Overdue")),
        ("detained", _("Detained")),
        ("soon", days_between(today, today + timedelta(days=2))),
        ("upcoming", _("Opens")),
        ("to-check", _("Not yet confirmed")),
        ("waiting", _("Waiting for photos")),
        ("done", _("Done")),
        ("waived", _("Waived, reason")),
    ]
    links = [
        {"href": "?", "word": _("Mine"), "count": 31, "is_on": True},
        {"href": "?covered=1", "word": _("Team"), "count": "", "is_on": False},
        {"href": "?theme=dark", "word": _("No next date"), "count": 4, "is_on": False},
    ]
    steps = [
        {"name": _("Starts"), "on": date(2026, 11, 5), "what": _("notice date"), "because": _("entered by Ana, 6 Nov")},
        {"name": _("Count"), "on": None, "what": _("30 calendar days, first day not counted"), "because": ""},
        {"name": _("Moved"), "on": date(2026, 12, 7), "what": _("Saturday, so the next working day"), "because": ""},
    ]
    heads = [_("Ref"), _("Language"), _("Stage")]
    cells = [["7KQ4D", "Mam", _("In court")], ["M3XTR", "Dari", _("Waiting for photos")]]
    return {
        "statuses": statuses,
        "links": links,
        "working_steps": steps,
        "rows": [list(zip(heads, row, strict=True)) for row in cells],
        "heads": heads,
        "stepper_words": [_("Safety"), _("Who"), _("Conflict")],
    }
