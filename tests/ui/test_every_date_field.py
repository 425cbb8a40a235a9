"""Each date of each form is entered through the one widget, and no template has a date input of its own."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django import forms

import caseapp
from caseapp.ui.forms.date_fields import DateBoxes
from caseapp.ui.forms.date_reading import BIRTH_IN_PART, EVENT, HEARING

PACKAGE = Path(caseapp.__file__).parent
# Names that our forms give to dates. A time of day is `at`, a period of hours `quiet_from`.
DATE_NAME = re.compile(r"(^|_)(on|date|day|first|last|until|target|to|effective_from|effective_until|since)$")
NO_DATES = {"quiet_to"}  # hours
DATE_WIDGETS = (forms.DateInput, forms.DateTimeInput, forms.SelectDateWidget, forms.SplitDateTimeWidget)
DATE_FIELDS = (forms.DateField, forms.DateTimeField, forms.SplitDateTimeField)
# The date of each form that starts deadlines, is a hearing or is a birth: it asks about the unlikely ones.
KINDS = {
    ("CaseForm", "born_on"): BIRTH_IN_PART,
    ("PersonForm", "born_on"): BIRTH_IN_PART,
    ("CaseForm", "last_arrival_on"): EVENT,
    ("ArrivalForm", "last_arrival_on"): EVENT,
    ("PersonForm", "detained_since"): EVENT,
    ("HearingForm", "on"): HEARING,
    ("OutcomeForm", "next_on"): HEARING,
    ("OutcomeForm", "decided_on"): EVENT,
}


def form_classes() -> Iterator[type[forms.BaseForm]]:
    """Return every form class of the program."""
    for module in pkgutil.walk_packages(caseapp.__path__, "caseapp."):
        if module.name.startswith("caseapp.tools.bench.plain_twin"):  # what our pages are compared with: none of ours
            continue
        if re.search(r"\.(forms|views)(\.|$)|\.styleguide\.", module.name) and "migrations" not in module.name:
            for _name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(cls, forms.BaseForm) and cls.__module__ == module.name:
                    yield cls


def _fields_of(cls: type[forms.BaseForm]) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = cast(Any, cls).base_fields
    return fields


FORMS = sorted(form_classes(), key=lambda cls: cls.__qualname__)


def test_every_form_of_the_program_is_found() -> None:
    names = {cls.__name__ for cls in FORMS}
    assert len(names) > 40
    assert {"CaseForm", "HearingForm", "AbsenceForm", "ClosureForm", "SampleForm", "DayForm"} <= names


@pytest.mark.parametrize("cls", FORMS, ids=lambda cls: cls.__qualname__)
def test_a_date_is_asked_for_by_the_one_widget(cls: type[forms.BaseForm]) -> None:
    for name, field in _fields_of(cls).items():
        assert not isinstance(field, DATE_FIELDS), f"{cls.__qualname__}.{name} is not DateBoxes"
        assert not isinstance(field.widget, DATE_WIDGETS), f"{cls.__qualname__}.{name} has another date widget"
        if DATE_NAME.search(name) and name not in NO_DATES and not isinstance(field, forms.ChoiceField):
            assert isinstance(field, DateBoxes), f"{cls.__qualname__}.{name} is a date and not DateBoxes"


@pytest.mark.parametrize("cls", FORMS, ids=lambda cls: cls.__qualname__)
def test_a_date_is_named_in_its_sentences(cls: type[forms.BaseForm]) -> None:
    for name, field in _fields_of(cls).items():
        if isinstance(field, DateBoxes) and field.required:
            assert field.what, f"{cls.__qualname__}.{name} has no `what`"


def test_the_dates_that_start_something_ask_about_unlikely_days() -> None:
    by_name = {cls.__name__: cls for cls in FORMS}
    for (form, name), kind in KINDS.items():
        field = _fields_of(by_name[form])[name]
        assert isinstance(field, DateBoxes)
        assert field.kind == kind, f"{form}.{name}"


def test_no_template_and_no_script_has_a_date_input_of_its_own() -> None:
    own = {"components/date-input.html", "components/date-echo.html"}
    for file in (*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("static/**/*.js")):
        text = file.read_text()
        assert not re.search(r"""type=["'](date|datetime-local|month|week)["']""", text), file
        if not any(str(file).endswith(name) for name in own):
            assert not re.search(r"""name=["'][^"']*_(day|month|year|text)["']""", text), file
