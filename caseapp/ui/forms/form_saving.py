"""One service call from a form: a refusal becomes a form error, a stale edit shows the saved values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, cast

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from caseapp.lib.errors import EditConflict, Refused
from caseapp.ui.display import tags
from caseapp.ui.display.refusals import translate_refusal

T = TypeVar("T")
F = TypeVar("F", bound=forms.Form)


class VersionedForm(forms.Form):
    """Form that changes a record and carries the version the user saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@dataclass(frozen=True)
class ActionResult(Generic[T]):
    """Result of a service call that succeeded; `value` is what the service returned."""

    value: T


def posted_data(request: HttpRequest) -> QueryDict | None:
    """Return the posted data, or None if the form is only shown."""
    return request.POST if request.method == "POST" else None


def try_action(form: forms.Form, action: Callable[[], T]) -> ActionResult[T] | None:
    """Call the service and return its result; return None after a refusal or an edit conflict.

    The form then carries the error. After a conflict its `version` is the current one, so that the same form sent
    again saves ("Keep mine").
    """
    try:
        return ActionResult(action())
    except EditConflict as exc:
        posted = cast(QueryDict, form.data).copy()
        # "Keep mine" sends the same form again, over the version that is now saved.
        posted["version"] = str(exc.current_version)
        form.data = posted
        form.add_error(
            None, forms.ValidationError(_("Another member saved this after you opened it."), code="conflict")
        )
    except Refused as exc:
        field = exc.code if exc.code in form.fields else None
        form.add_error(field, translate_refusal(exc))
    return None


def has_conflict(form: forms.Form) -> bool:
    """Return True if another user saved the record first."""
    return any(error.code == "conflict" for error in form.non_field_errors().as_data())


def render_form(request: HttpRequest, template: str, form: forms.Form, context: Mapping[str, Any]) -> HttpResponse:
    """Render the page with its form: 200, 422 with the errors, or 409 if another user saved first."""
    status = 200 if not form.is_bound or form.is_valid() else 409 if has_conflict(form) else 422
    return render(request, template, {"form": form, **context}, status=status)


def is_edited_in_place(request: HttpRequest) -> bool:
    """Return whether a page's script asks for a form alone, to put it where its facts are shown."""
    return request.method == "GET" and request.headers.get("X-In-Place") == "yes"


def render_in_place(request: HttpRequest, form: forms.Form, context: Mapping[str, Any]) -> HttpResponse:
    """Render a form alone; it is sent to its own page, which also shows its errors.

    context  `verb`, `back` and optionally `fields`, as `components/in-place-form.html` explains them
    """
    values = {"form": form, "action": request.path, **context}
    return render(request, "components/in-place-form.html", values)


@dataclass(frozen=True)
class SavedValue:
    """Saved value of one field, where it differs from the typed value."""

    label: str
    value: str


def differing_saved_values(form: forms.Form, saved: Mapping[str, Any]) -> tuple[SavedValue, ...]:
    """Return the values another user saved, for each field that differs ("Yours is kept below")."""
    values = []
    for bound in form.visible_fields():
        value = saved.get(bound.name)
        if bound.field.has_changed(value, bound.data):
            values.append(SavedValue(str(bound.label), _display_value(bound.field, value)))
    return tuple(values)


def _display_value(field: forms.Field, value: Any) -> str:
    if value in (None, "", (), [], False):
        return _("nothing")
    if value is True:
        return _("yes")
    if isinstance(value, date):
        return tags.day(value)
    if isinstance(field, forms.ChoiceField):
        chosen = {str(option) for option in value} if isinstance(value, list | tuple) else {str(value)}
        return ", ".join(str(word) for code, word in _flatten_choices(field.choices) if str(code) in chosen)
    return str(field.prepare_value(value))


def _flatten_choices(options: Any) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = []
    for code, word in options:
        pairs += list(word) if isinstance(word, list | tuple) else [(code, word)]
    return pairs
