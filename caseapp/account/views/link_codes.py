"""The code of a mailed link: in the link's fragment and in the body of forms, never in an address that a log keeps."""

from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caseapp.account.forms.sign_in import LinkCodeForm

T = TypeVar("T")


def show_code_box(request: HttpRequest, heading: str) -> HttpResponse:
    """Return the page with the box that a script fills from the link, or a person by hand."""
    return render(request, "account/link_code.html", {"heading": heading, "form": LinkCodeForm()})


def refuse_code(request: HttpRequest, heading: str) -> HttpResponse:
    """Return the box with a sentence and status 404. Wrong, expired and used codes look the same."""
    form = LinkCodeForm({"code": ""})
    sentence = _("This link is not valid: it was used, or it is too old. Ask for another one.")
    refuse_in_box(form, lambda: form.add_error("code", sentence))
    return render(request, "account/link_code.html", {"heading": heading, "form": form}, status=404)


def refuse_in_box(form: forms.Form, add: Callable[[], T]) -> T:
    """Add an error to an emptied box: the refusal alone, and not also that the box is empty."""
    form.fields["code"].required = False
    added = add()
    form.fields["code"].required = True
    return added
