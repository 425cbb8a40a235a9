"""Views of how an import's file is read: its columns, its checked rows, and the file of rejected rows."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.lib.errors import NotFound, Refused
from caseapp.moving.forms.columns import ColumnsForm, ReadForm
from caseapp.moving.pages.columns import columns_page, planned_line
from caseapp.moving.panels.import_texts import explain_problem, explain_unreadable
from caseapp.moving.reading.errors import UnreadableFile
from caseapp.moving.services.importing import import_store, previews
from caseapp.moving.services.importing.shapes import READING, READY, ImportState
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view

ROWS_SHOWN = 200
COLUMNS = "columns"  # the button that saves the columns; the other one reads the file again


@staff_view(methods=["GET", "POST"])
def choose_columns(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Show what the columns of the file mean, and save it with the answers to what the file leaves open."""
    state = import_store.require_step(_open_list(request, import_id), READING)
    if request.method == "POST" and request.POST.get("act") != COLUMNS:
        return _read_again(request, import_id, state)
    try:
        preview = previews.preview_file(request.staff, state)
    except UnreadableFile as refused:
        return _show_unreadable(request, import_id, state, refused)
    form = ColumnsForm(posted_data(request), preview=preview, answers=state.answers)
    if form.is_bound and form.is_valid():
        mapping, answers = form.mapping(), form.chosen_answers()

        def save() -> None:
            import_store.save_settings(
                request.staff, import_id, settings=preview.settings, mapping=mapping, answers=answers
            )

        if try_action(form, save):
            return see_other(reverse("moving:import_one", args=[import_id]), "import-columns")
    reading = ReadForm(settings=state.settings, preset=preview.preset.code)
    context = {
        "page": columns_page(import_id, state.name, preview, form),
        "reading": reading,
        "found": preview.settings,
    }
    return render_form(request, "moving/import_mapping.html", form, context)


def _open_list(request: StaffRequest, import_id: UUID) -> ImportState:
    """Return the state of an import of a list. Raises NotFound for one of an archive, which has no columns."""
    state = import_store.open_import(request.staff, import_id)
    if state.is_archive:
        raise NotFound("an archive has no columns")
    return state


def _read_again(request: StaffRequest, import_id: UUID, state: ImportState) -> HttpResponse:
    """Read the file as chosen, and suggest its columns anew."""
    form = ReadForm(request.POST, settings=state.settings, preset="")
    if form.is_valid():
        settings, preset = form.settings(), form.cleaned_data["preset"]
        try:
            mapping = previews.change_reading(request.staff, state, settings, preset)
        except UnreadableFile as refused:
            form.add_error(None, explain_unreadable(refused))
        else:
            import_store.save_settings(request.staff, import_id, settings=settings, mapping=mapping)
            return see_other(request.path, "saved")
    return render_form(request, "moving/import_mapping.html", form, _unread(import_id, state, form))


def _show_unreadable(
    request: StaffRequest, import_id: UUID, state: ImportState, refused: UnreadableFile
) -> HttpResponse:
    reading = ReadForm(settings=state.settings, preset="")
    context = {**_unread(import_id, state, reading), "problem": explain_unreadable(refused)}
    return render_form(request, "moving/import_mapping.html", reading, context)


def _unread(import_id: UUID, state: ImportState, reading: ReadForm) -> dict[str, Any]:
    return {"page": {"id": import_id, "name": state.name}, "reading": reading}


@staff_view(methods=["GET"])
def show_rows(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Show the checked rows that have an error or a remark. Nothing is saved yet."""
    state = import_store.require_step(_open_list(request, import_id), READY)
    plans, count = previews.checked_problems(request.staff, import_id, ROWS_SHOWN)
    page = {"id": import_id, "name": state.name, "lines": tuple(map(planned_line, plans)), "more": count - len(plans)}
    return render(request, "moving/import_rows.html", {"page": page})


# Not in a transaction: every row is read again, from the sealed file.
@staff_stream(methods=["GET"])
def download_rejected(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Download the rows that have an error, with the reasons, to mend them and import them again."""
    state = _open_list(request, import_id)
    try:
        content = previews.write_rejected(request.staff, state, (_("Row"), _("Reasons")), explain_problem)
    except UnreadableFile as refused:
        raise Refused("source", explain_unreadable(refused)) from refused
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rejected-rows.csv"'
    return response
