"""Views of notes."""

from uuid import UUID

from django.http import HttpResponse

from caseapp.cases.forms.notes import NoteEditForm, NoteForm
from caseapp.cases.services import notes
from caseapp.records.note import Note
from caseapp.ui.display import case_header
from caseapp.ui.display.paths import case_path
from caseapp.ui.forms.form_saving import differing_saved_values, has_conflict, posted_data, render_form, try_action
from caseapp.ui.requests.case_access import open_case_file
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_view


@staff_view(methods=["GET", "POST"])
def add_note(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add a note."""
    file = open_case_file(request, case_id)
    form = NoteForm(posted_data(request))
    if form.is_valid():
        fields = form.cleaned_data
        if try_action(form, lambda: notes.add_note(request.staff, case_id, **fields)):
            return see_other(case_path(case_id), "note-saved")
    return render_form(request, "cases/note.html", form, {"page": case_header.case_head(file)})


@staff_view(methods=["GET", "POST"])
def edit_note(request: StaffRequest, case_id: UUID, note_id: UUID) -> HttpResponse:
    """Correct a note."""
    file = open_case_file(request, case_id)
    entry = file.get(note_id, Note)
    saved = {"text": entry.record.text}
    form = NoteEditForm(posted_data(request), initial={**saved, "version": entry.version})
    if form.is_valid():
        fields = form.cleaned_data
        if try_action(
            form,
            lambda: notes.change_note(request.staff, case_id, note_id, text=fields["text"], version=fields["version"]),
        ):
            return see_other(case_path(case_id), "note-saved")
    stands = differing_saved_values(form, saved) if form.is_bound and has_conflict(form) else ()
    return render_form(
        request, "cases/note.html", form, {"page": case_header.case_head(file), "stands": stands, "is_edit": True}
    )
