"""One casework call from a form: what casework refuses goes onto the form, a stale edit shows what stands now."""

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

T = TypeVar("T")
F = TypeVar("F", bound=forms.Form)


class VersionedForm(forms.Form):
    """A form that changes a record: it carries the version the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@dataclass(frozen=True)
class Done(Generic[T]):
    """It was saved; `value` is what casework answered."""

    value: T


def typed(request: HttpRequest) -> QueryDict | None:
    """What was posted, or None for a form that is only shown."""
    return request.POST if request.method == "POST" else None


def attempt(form: forms.Form, act: Callable[[], T]) -> Done[T] | None:
    """Do it; None when it was refused or somebody else saved first, and the form then says so."""
    try:
        return Done(act())
    except EditConflict as exc:
        posted = cast(QueryDict, form.data).copy()
        # "Keep mine" is the same form sent again, over the version that stands now.
        posted["version"] = str(exc.current_version)
        form.data = posted
        form.add_error(None, forms.ValidationError(_("Somebody saved this after you opened it."), code="conflict"))
    except Refused as exc:
        field = exc.code if exc.code in form.fields else None
        form.add_error(field, _(exc.sentence))
    return None


def has_conflict(form: forms.Form) -> bool:
    """Whether somebody else saved first."""
    return any(error.code == "conflict" for error in form.non_field_errors().as_data())


def shown(request: HttpRequest, template: str, form: forms.Form, context: Mapping[str, Any]) -> HttpResponse:
    """The page with its form: 200, 422 with what is wrong, or 409 when somebody else saved first."""
    status = 200 if not form.is_bound or form.is_valid() else 409 if has_conflict(form) else 422
    return render(request, template, {"form": form, **context}, status=status)


@dataclass(frozen=True)
class Standing:
    """One field as it is saved now, where it differs from what was typed."""

    label: str
    value: str


def standing(form: forms.Form, saved: Mapping[str, Any]) -> tuple[Standing, ...]:
    """What somebody else saved, field by field, for "Yours is kept below"."""
    found = []
    for bound in form.visible_fields():
        value = saved.get(bound.name)
        if bound.field.has_changed(value, bound.data):
            found.append(Standing(str(bound.label), _words(bound.field, value)))
    return tuple(found)


def _words(field: forms.Field, value: Any) -> str:
    if value in (None, "", (), [], False):
        return _("nothing")
    if value is True:
        return _("yes")
    if isinstance(value, date):
        return tags.day(value)
    if isinstance(field, forms.ChoiceField):
        chosen = {str(one) for one in value} if isinstance(value, list | tuple) else {str(value)}
        return ", ".join(str(word) for code, word in _flat(field.choices) if str(code) in chosen)
    return str(value)


def _flat(options: Any) -> list[tuple[Any, Any]]:
    pairs: list[tuple[Any, Any]] = []
    for code, word in options:
        pairs += list(word) if isinstance(word, list | tuple) else [(code, word)]
    return pairs
