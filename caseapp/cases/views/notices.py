"""The pages that record a notice or event, and correct it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.cases.forms.notice_corrections import NoticeCorrectionForm
from caseapp.cases.forms.notices import NoticeForm
from caseapp.clients.services import custody
from caseapp.deadlines.panels.change_preview import preview_act
from caseapp.deadlines.services import notices, what_if
from caseapp.deadlines.services.corrections import notices as corrections
from caseapp.deadlines.services.custody_dates import RELEASED
from caseapp.lib.errors import NotFound
from caseapp.records.case import Case
from caseapp.records.notice import Notice
from caseapp.ui import limits
from caseapp.ui.display.case_header import case_head, client_choices, is_client_detained
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import differing_saved_values, has_conflict, posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


def _after_event(request: StaffRequest, case_id: UUID, what: str, *, has_passed: bool) -> HttpResponse:
    """Return to the case; after custody or a release that changes more, to the page that asks what."""
    is_custody = what in {*notices.CUSTODY_BEGINS, RELEASED}
    if is_custody and custody.list_changes(request.staff, open_case_file(request, case_id)).keys:
        did = "custody-asked-passed" if has_passed else "custody-asked"
        return see_other(reverse("clients:custody", args=[case_id]), did)
    return see_other(case_path(case_id), "notice-recorded-passed" if has_passed else "notice-recorded")


@staff_view(methods=["GET", "POST"])
def record_notice(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Record a notice or event; its deadlines follow. `look` only searches the list."""
    staff = request.staff
    file = open_case_file(request, case_id)
    if request.method != "POST" and file.get_only(Case).record.stage == "closed":
        title, label = _("Record a notice or event"), _("Back to the case")
        return limits.show_limit(request, title, _(notices.CLOSED), href=case_path(case_id), label=label)
    form = NoticeForm(
        posted_data(request),
        packs=what_if.packs_in_use(staff),
        persons=client_choices(file, is_covered=staff.covered),
        is_detained=is_client_detained(file),
    )
    context = {"page": case_head(file), "total": form.total}
    if form.is_only_shown:
        form.errors.clear()  # the list or the questions are new: nothing is missing yet
        return render(request, "cases/notice.html", {"form": form, **context})
    if form.is_valid():
        done = try_action(form, lambda: notices.record_event(staff, case_id, form.new_notice()))
        if done:
            return _after_event(request, case_id, form.new_notice().what, has_passed=done.value.has_passed)
    return render_form(request, "cases/notice.html", form, context)


@staff_view(methods=["GET", "POST"])
def correct_notice(request: StaffRequest, case_id: UUID, notice_id: UUID) -> HttpResponse:
    """Show a notice or event in its form. A correction is first shown with what follows from it, then saved."""
    staff = request.staff
    file = open_case_file(request, case_id)
    entry = file.get(notice_id, Notice)
    if not corrections.is_correctable(entry.record):
        raise NotFound(f"notice {notice_id} has a page of its own")
    saved = NoticeCorrectionForm.initial_for(entry.record, entry.version)
    form = NoticeCorrectionForm(
        posted_data(request),
        initial=saved,
        packs=what_if.packs_in_use(staff),
        persons=client_choices(file, is_covered=staff.covered),
    )
    context: dict[str, Any] = {"page": case_head(file), "total": form.total, "stands": ()}
    if form.is_only_shown:
        form.errors.clear()  # the list or the questions are new: nothing is missing yet
        return render(request, "cases/notice_correction.html", {"form": form, **context})
    if form.is_valid():
        new, version = form.new_notice(), form.cleaned_data["version"]
        act = partial(corrections.correct_in_draft, staff=staff, notice_id=notice_id, new=new, version=version)
        seen = try_action(form, lambda: preview_act(staff, file, act))
        if seen and seen.value.was_shown(request.POST.get("previewed", "")):
            done = try_action(
                form,
                lambda: corrections.correct_notice(
                    staff, case_id, notice_id, new, version=version, head_version=file.head_version
                ),
            )
            if done:
                return see_other(case_path(case_id), seen.value.message)
        elif seen:
            context["preview"] = seen.value
    if form.is_bound and has_conflict(form):
        context["stands"] = differing_saved_values(form, saved)
    return render_form(request, "cases/notice_correction.html", form, context)
