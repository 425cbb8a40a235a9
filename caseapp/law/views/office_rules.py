"""Views to enter the office's own law: closures, standing orders, rules, or a whole file."""

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseapp import rules
from caseapp.accounts.keys.staff import Staff
from caseapp.casefile import file_storage, office_law
from caseapp.casefile.file_storage import OpenDocument, SealedBlob
from caseapp.law import services
from caseapp.law.forms import FILE_LIMIT, ClosureForm, FileForm, OrderForm, RuleForm
from caseapp.lib import clock
from caseapp.lib.errors import NotFound, Refused
from caseapp.records.document import FileVersion
from caseapp.ui.display.law_texts import translate_pack_text
from caseapp.ui.forms.form_saving import posted_data, render_form, try_action
from caseapp.ui.forms.uploads.sealed_uploads import SealedUpload
from caseapp.ui.requests import form_requests
from caseapp.ui.requests.redirects import see_other
from caseapp.ui.requests.staff_request import StaffRequest
from caseapp.ui.requests.staff_view import staff_stream, staff_view
from caseapp.vault.tenancy import office_transaction

Save = Callable[[Staff, dict[str, Any]], object]


@staff_view(methods=["GET", "POST"])
def add_closure(request: StaffRequest) -> HttpResponse:
    """Add days on which a court or office was closed."""
    form = ClosureForm(posted_data(request))
    return _save_form(request, form, "closure", lambda staff, cleaned: services.add_closure(staff, cleaned["item"]))


@staff_view(methods=["GET", "POST"])
def add_order(request: StaffRequest) -> HttpResponse:
    """Add a judge's standing order."""
    law = office_law.law_of(request.staff.keys)
    book, packs = law.book, {*office_law.packs_in_use(law.office), law.book.office.id if law.book.office else ""}
    before = [
        (rule.id, _rule_label(rule.id, book))
        for rule in book.newest_rules()
        if rule.count and rule.count.startswith("-") and book.pack_of(rule.id).id in packs
    ]
    form = OrderForm(posted_data(request), before=before, today=clock.today(request.staff.zone))
    return _save_form(request, form, "order", lambda staff, cleaned: services.add_order(staff, cleaned["item"]))


@staff_view(methods=["GET", "POST"])
def add_rule(request: StaffRequest) -> HttpResponse:
    """Add one of the office's own rules."""
    in_use = office_law.packs_in_use(office_law.law_of(request.staff.keys).office)
    packs = [pack for pack in rules.standard().packs if pack.id in in_use]
    events = {name: translate_pack_text(text) for pack in packs for name, text in pack.events.items()}
    wired = rules.catalogue().chains
    known = (follow for pack in packs for follow in pack.follows if follow.event in wired)
    follows = {follow.event: translate_pack_text(follow.text) for follow in known}
    form = RuleForm(
        posted_data(request),
        events=sorted(events.items(), key=lambda item: item[1].casefold()),
        follows=sorted(follows.items(), key=lambda item: item[1].casefold()),
        today=clock.today(request.staff.zone),
    )
    return _save_form(
        request,
        form,
        "rule",
        lambda staff, cleaned: services.add_rule(staff, cleaned["item"], starts_with=cleaned["starts_with"]),
    )


def _rule_label(rule_id: str, book: rules.Rulebook) -> str:
    return f"{rules.rule_name(rule_id, get_language() or 'en', book=book)} ({rule_id})"


def _save_form(request: StaffRequest, form: forms.Form, kind: str, save: Save) -> HttpResponse:
    _require_writer(request.staff)
    if form.is_valid() and try_action(form, lambda: save(request.staff, form.cleaned_data)):
        return see_other(reverse("law:list"), "rule-added")
    return render_form(request, "law/new.html", form, {"kind": kind})


@staff_stream(methods=["GET", "POST"], takes_files=True)
def add_file(request: StaffRequest) -> HttpResponseBase:
    """Add a whole pack in TOML. An error names its line, and the text stays in the form."""
    staff = request.staff
    _require_writer(staff)
    form = FileForm(posted_data(request))
    if form.is_bound:
        text, error = _read_upload(request)
        if text:
            posted = cast(QueryDict, form.data).copy()
            posted["text"] = text
            form = FileForm(posted)
        if form.is_valid():
            if not error and not form.cleaned_data["text"].strip():
                error = _("Choose a file, or type the text.")
            if error:
                form.add_error("pack", error)
            elif saved := form_requests.answer_once(request, staff, lambda: _add_pack(staff, form)):
                return saved
    with office_transaction(staff.org_id):
        return render_form(request, "law/new.html", form, {"kind": "file"})


def _add_pack(staff: Staff, form: FileForm) -> HttpResponse | None:
    if not try_action(form, lambda: services.add_file(staff, form.cleaned_data["text"])):
        return None
    return see_other(reverse("law:list"), "rule-added")


def _read_upload(request: StaffRequest) -> tuple[str, str]:
    """Return the text of the uploaded file and an error message ("" for none).

    The encrypted copy made by the upload is removed at once.
    """
    problems: list[tuple[str, str]] = getattr(request, "upload_problems", [])
    upload = request.FILES.get("pack")
    if not isinstance(upload, SealedUpload):
        return "", problems[0][1] if problems else ""
    try:
        if upload.blob.size > FILE_LIMIT:
            return "", _("This file is too large for a pack of rules.")
        return _read_blob_text(request.staff, upload.blob), ""
    except UnicodeDecodeError:
        return "", _("This file is not plain text in UTF-8.")
    finally:
        file_storage.delete_pending(request.staff.org_id, upload.blob.id)


def _read_blob_text(staff: Staff, blob: SealedBlob) -> str:
    stored = FileVersion(
        blob=blob.id,
        version=file_storage.VERSION,
        key=blob.key,
        size=blob.size,
        padded=blob.padded,
        chunks=blob.chunks,
        sha256=blob.sha256,
        name="",
        media_type="text/plain",
        added_at=clock.now(),
        added_by=staff.member_id,
    )
    return b"".join(OpenDocument(staff.org_id, stored).stream_verified()).decode("utf-8-sig")


@staff_view(methods=["GET"])
def download_rules(request: StaffRequest) -> HttpResponse:
    """Download the office's own law as a TOML file, to keep or to give to another office."""
    law = office_law.law_of(request.staff.keys)
    pack = law.pack or services.empty_pack(law.office, _today_of(request))
    response = HttpResponse(rules.write_office_pack(pack), content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="office-rules.toml"'
    return response


@staff_view(methods=["POST"])
def remove_item(request: StaffRequest) -> HttpResponse:
    """Remove one of the office's own items. The dates that used it are recomputed and listed."""
    try:
        services.remove_item(request.staff, request.POST.get("what", ""))
    except Refused as exc:
        raise NotFound("nothing to remove") from exc
    return see_other(reverse("law:list"), "rule-removed")


def _require_writer(staff: Staff) -> None:
    if not office_law.may_edit_rules(staff):
        raise NotFound("this role enters no rules")


def _today_of(request: StaffRequest) -> dt.date:
    return clock.today(request.staff.zone)
