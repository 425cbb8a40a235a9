"""Views of an import. Each page shows where the import is; work goes on in the background of this process."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from caseapp.accounts.directory import groups, team_members
from caseapp.accounts.signin import reauthentication
from caseapp.casefile.file_storage import SealedBlob
from caseapp.lib.errors import NotFound
from caseapp.lib.text.digits import read_page_number
from caseapp.moving.forms.imports import AlikeForm, ImportFilesForm, MoreFilesForm, PlanForm
from caseapp.moving.pages import imports as pages
from caseapp.moving.services import imports as services
from caseapp.moving.services.importing import import_store, runner
from caseapp.moving.services.importing.shapes import READY, ImportState
from caseapp.moving.services.imports import PlanChoices
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.forms.uploads.sealed_uploads import SealedUpload
from caseapp.ui.requests import form_requests
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction

ARCHIVES = (".zip", ".age")  # how the names of archives end that Caseapp exported


@staff_stream(methods=["GET", "POST"], takes_files=True)
def begin_import(request: StaffRequest) -> HttpResponseBase:
    """List the member's imports and take the files of a new one. No transaction is open while files arrive."""
    staff = request.staff
    form = ImportFilesForm(posted_data(request), request.FILES if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        source, documents = _uploads(request, "source"), _uploads(request, "documents")
        for name, sentence in _problems(request):
            form.add_error("source", sentence)
            if name.casefold().endswith(ARCHIVES):
                form.add_error("source", _("A larger archive of Caseapp is imported on the server: caseapp move-in."))

        def save() -> HttpResponse | None:
            first = source[0] if source else None
            done = try_action(form, lambda: services.begin(staff, first, documents))
            return see_other(reverse("moving:import_one", args=[done.value]), "import-begun") if done else None

        if form.is_valid() and (done := form_requests.answer_once(request, staff, save)):
            return done
    context = {"lines": pages.import_lines_of(staff), "recovery_first": services.is_recovery_missing(staff)}
    return render_form(request, "moving/import_start.html", form, context)


def _uploads(request: StaffRequest, field: str) -> list[tuple[str, SealedBlob]]:
    """Return the complete uploads of a field."""
    uploads = cast("list[UploadedFile[Any]]", request.FILES.getlist(field))
    return [(upload.name or "", upload.blob) for upload in uploads if isinstance(upload, SealedUpload) and upload.size]


def _problems(request: StaffRequest) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = getattr(request, "upload_problems", [])
    return problems


@staff_stream(methods=["GET", "POST"], takes_files=True)
def show_import(request: StaffRequest, import_id: UUID) -> HttpResponseBase:
    """Show where an import is. A POST adds files that its rows name."""
    staff = request.staff
    state = import_store.open_import(staff, import_id)
    form = MoreFilesForm(posted_data(request), request.FILES if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        documents = _uploads(request, "documents")
        for _name, sentence in _problems(request):
            form.add_error("documents", sentence)
        if not documents:
            form.add_error("documents", _("Choose at least one file."))

        def save() -> HttpResponse | None:
            done = try_action(form, lambda: services.add_documents(staff, import_id, documents))
            return see_other(request.path, "documents-added") if done else None

        if form.is_valid() and (done := form_requests.answer_once(request, staff, save)):
            return done
    return _show(request, import_id, state, form)


def _show(request: StaffRequest, import_id: UUID, state: ImportState, form: forms.Form) -> HttpResponse:
    context = {
        "page": pages.import_page(request.staff, import_id, state),
        "plan": _plan_form(request, state) if state.step == READY else None,
        "has_mapping": state.mapping is not None,
    }
    return render_form(request, "moving/import_one.html", form, context)


def _plan_form(request: StaffRequest, state: ImportState, posted: Any = None) -> PlanForm:
    staff = request.staff
    with office_transaction(staff.org_id):
        teams = [(team.group, roster.name) for team, roster in groups.readable_rosters(staff.keys)]
        members = team_members.members_of_group(staff.keys, state.group) if state.group is not None else ()
    people = services.suggest(staff, state)
    initial = {f"name-{number}": str(people.get(name, "")) for number, name in enumerate(state.names)}
    first = {"group": str(state.group or ""), "default": state.default}
    form = PlanForm(posted, teams=teams, names=state.names, members=members, initial={**initial, **first})
    if state.is_archive:
        del form.fields["default"]  # what is here already has the same ids, and is left alone
    return form


@staff_view(methods=["POST"])
def plan_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Save the team, the people and what is done about people who may be here."""
    state = import_store.require_step(import_store.open_import(request.staff, import_id), READY)
    form = _plan_form(request, state, request.POST)
    if form.is_valid():
        fields = form.cleaned_data
        choices = PlanChoices(
            group=UUID(fields["group"]), default=fields.get("default", ""), people=form.chosen_people()
        )
        if try_action(form, lambda: services.save_plan(request.staff, import_id, choices)):
            return see_other(reverse("moving:import_one", args=[import_id]), "saved")
    context = {"page": pages.import_page(request.staff, import_id, state), "plan": form, "has_mapping": True}
    return render_form(request, "moving/import_one.html", form, context)


@staff_view(methods=["GET", "POST"])
def decide_alike(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Show the rows whose person may be here already, with the reasons, and save what is done about each."""
    state = import_store.require_step(import_store.open_import(request.staff, import_id), READY)
    number = read_page_number(request.GET.get("page", ""))
    page, rows = pages.alike_page(request.staff, import_id, state, number)
    form = AlikeForm(posted_data(request), rows=[row.plan.row for row in rows], decisions=state.decisions)
    if form.is_bound and form.is_valid():
        services.decide_rows(request.staff, import_id, form.decisions())
        return see_other(reverse("moving:import_one", args=[import_id]), "saved")
    lines = [(line, form[f"row-{line.row}"]) for line in page.lines]
    return render_form(request, "moving/import_alike.html", form, {"page": page, "lines": lines, "id": import_id})


ACTS = ("check", "read", "save", "pause", "continue", "retry")


@staff_stream(methods=["POST"], saves_in_steps=True)
def run_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Check, save, pause or go on: `act` says which. Saving asks for passphrase and factor again."""
    staff, act = request.staff, request.POST.get("act", "")
    if act not in ACTS:
        raise NotFound("no such act")
    import_store.open_import(staff, import_id)
    if act in {"save", "continue", "retry"}:
        reauthentication.require(staff)
    if act == "check":
        services.start_check(staff, import_id)
    elif act == "read":
        services.read_again(staff, import_id)
    elif act == "save":
        services.start_saving(staff, import_id)
    elif act == "retry":
        services.try_waiting_rows(staff, import_id)
    else:
        services.pause(staff, import_id, is_paused=act == "pause")
    if act not in {"pause", "read"}:
        runner.start(request.COOKIES.get(settings.SESSION_COOKIE, ""), import_id)
    return see_other(reverse("moving:import_one", args=[import_id]), f"import-{act}")


@staff_stream(methods=["GET", "POST"], saves_in_steps=True)
def undo_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Undo an import, after passphrase and factor were asked for again. Cases that people changed since are kept."""
    staff = request.staff
    state = import_store.open_import(staff, import_id)
    reauthentication.require(staff)
    form = forms.Form(posted_data(request))
    if form.is_valid() and try_action(form, lambda: services.start_undo(staff, import_id)):
        runner.start(request.COOKIES.get(settings.SESSION_COOKIE, ""), import_id)
        return see_other(reverse("moving:import_one", args=[import_id]), "import-undo")
    context = {"page": pages.import_page(staff, import_id, state)}
    return render_form(request, "moving/import_undo.html", form, context)


@staff_view(methods=["POST"])
def remove_import(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Take an import off the list; what it saved stays."""
    import_store.remove_import(request.staff, import_id)
    return see_other(reverse("moving:import_start"), "import-removed")
