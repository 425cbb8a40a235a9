"""Views of the twin."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from caseapp.tools.bench.plain_twin import reads
from caseapp.tools.bench.plain_twin.forms import ClearHearingForm, ClearNoteForm, ClearSearchForm
from caseapp.tools.bench.plain_twin.models import (
    ClearCase,
    ClearDeadline,
    ClearHearing,
    ClearLogEntry,
    ClearMember,
    ClearNote,
)

FILING_DAYS = (30, 15)  # days before a hearing on which its filings are due
GET, POST = "GET", "POST"


def report_alive(request: HttpRequest) -> HttpResponse:
    """Answer that this process is alive."""
    return HttpResponse("alive")


@require_http_methods([GET, POST])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the form of the sign-in; a POST signs in."""
    if request.method == POST:
        user = authenticate(request, username=request.POST.get("email"), password=request.POST.get("passphrase"))
        if user is not None:
            login(request, user)
            return HttpResponseRedirect("/")
    return render(request, "plain_twin/sign-in.html", {"is_refused": request.method == POST})


@login_required
@require_http_methods([GET])
def show_today(request: HttpRequest) -> HttpResponse:
    """Show the first page of the day."""
    member, today = _member_of(request), timezone.localdate()
    _log(member, "today")
    sections = reads.read_today(member, today, _start_of(today))
    return render(request, "plain_twin/today.html", {"day": today, **sections})


@login_required
@require_http_methods([GET])
def show_list(request: HttpRequest) -> HttpResponse:
    """Show the list of cases."""
    _log(_member_of(request), "list")
    return render(request, "plain_twin/list.html", {"cases": reads.read_list(), "day": timezone.localdate()})


@login_required
@require_http_methods([GET])
def show_agenda(request: HttpRequest, first: str) -> HttpResponse:
    """Show the four weeks that begin at a day."""
    day = dt.date.fromisoformat(first)
    hearings, deadlines = reads.read_agenda(day, _start_of(day))
    dated = [(timezone.localdate(hearing.starts_at), hearing) for hearing in hearings.rows]
    dated += [(deadline.act_by, deadline) for deadline in deadlines.rows]
    days: dict[dt.date, list[Any]] = {}
    for on, row in sorted(dated, key=lambda each: each[0])[: reads.AGENDA_ROWS]:
        days.setdefault(on, []).append(row)
    context = {"days": sorted(days.items()), "first": day, "last": day + dt.timedelta(days=27)}
    context |= {"total": hearings.total + deadlines.total, "today": timezone.localdate()}
    return render(request, "plain_twin/agenda.html", context)


@login_required
@require_http_methods([GET, POST])
def search_cases(request: HttpRequest) -> HttpResponse:
    """Show the search box; a POST shows what is found."""
    form = ClearSearchForm(request.POST or None)
    matches = reads.find_cases(form.cleaned_data["text"]) if form.is_valid() else None
    if matches is not None:
        _log(_member_of(request), "search")
    return render(request, "plain_twin/search.html", {"form": form, "found": matches})


@login_required
@require_http_methods([GET])
def show_case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a case, and write that it was opened."""
    case = _case_or_404(case_id)
    _log(_member_of(request), "open", case)
    today = timezone.localdate()
    context = {"case": case, "day": today, "hearing": _next_of(case), "due": _next_due(case)}
    return render(request, "plain_twin/case.html", context)


@login_required
@require_http_methods([GET, POST])
def add_note(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Add a note to a case."""
    case, member = _case_or_404(case_id), _member_of(request)
    form = ClearNoteForm(request.POST or None)
    if not form.is_valid():
        return render(request, "plain_twin/form.html", {"form": form, "case": case, "heading": "Add a note"})
    ClearNote.objects.create(
        id=uuid4(),
        case=case,
        text=form.cleaned_data["text"],
        source=form.cleaned_data["source"],
        entered_by=member,
        entered_at=timezone.now(),
    )
    ClearCase.objects.filter(pk=case.pk).update(last_contact_on=timezone.localdate())
    return _saved(request, case, member, "Note saved.")


@login_required
@require_http_methods([GET, POST])
def book_hearing(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Add a hearing to a case with the deadlines of its filings."""
    case, member = _case_or_404(case_id), _member_of(request)
    form = ClearHearingForm(request.POST or None)
    if not form.is_valid():
        return render(request, "plain_twin/form.html", {"form": form, "case": case, "heading": "Book a hearing"})
    values = form.cleaned_data
    starts = timezone.make_aware(dt.datetime.combine(values["on"], values["at"]))
    fields = {name: values[name] for name in ("kind", "court", "room", "judge", "interpreter")}
    ClearHearing.objects.create(id=uuid4(), case=case, starts_at=starts, goes=member, **fields)
    days = [_open_day(values["on"] - dt.timedelta(days=days)) for days in FILING_DAYS]
    ClearDeadline.objects.bulk_create(
        ClearDeadline(id=uuid4(), case=case, what="Filings", severity="serious", act_by=day, due_on=day, owner=member)
        for day in days
    )
    if case.next_hearing_at is None or starts < case.next_hearing_at:
        case.next_hearing_at, case.next_hearing_kind = starts, values["kind"]
        case.save(update_fields=["next_hearing_at", "next_hearing_kind"])
    return _saved(request, case, member, "Hearing booked.")


def _saved(request: HttpRequest, case: ClearCase, member: ClearMember, message: str) -> HttpResponse:
    _log(member, "change", case)
    messages.success(request, message)
    return HttpResponseRedirect(f"/cases/{case.pk}/", status=303)


def _case_or_404(case_id: UUID) -> ClearCase:
    case = reads.read_case(case_id)
    if case is None:
        raise Http404
    return case


def _member_of(request: HttpRequest) -> ClearMember:
    member: ClearMember = ClearMember.objects.get(account=request.user)
    return member


def _log(member: ClearMember, what: str, case: ClearCase | None = None) -> None:
    ClearLogEntry.objects.create(member=member, case=case, what=what)


def _start_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _open_day(day: dt.date) -> dt.date:
    while day.weekday() >= 5:
        day -= dt.timedelta(days=1)
    return day


def _next_of(case: ClearCase) -> Any:
    later = [hearing for hearing in case.hearings.all() if not hearing.is_over]  # type: ignore[attr-defined]  # reverse
    return min(later, key=lambda hearing: hearing.starts_at, default=None)


def _next_due(case: ClearCase) -> Any:
    due = [item for item in case.deadlines.all() if item.is_open and item.act_by]  # type: ignore[attr-defined]  # reverse
    return min(due, key=lambda item: item.act_by, default=None)
