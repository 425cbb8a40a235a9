"""What a form says about an empty field is a whole sentence of that field, in the language of the page."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.utils import translation

import caseapp
from caseapp.tools.translations import all_texts
from caseapp.ui.forms.date_fields import DateBoxes

PACKAGE = Path(caseapp.__file__).parent
FORM_MODULES = re.compile(r"\.(forms|views|tools\.styleguide)\b")
PLAIN = forms.Field.default_error_messages["required"]
NEVER_POSTED = {"CaseFilterForm"}  # shows the filters of a list; the address is read elsewhere
# Words of an error that would be glued to the label of a field, in any order: "Note is missing", "Falta: Nota".
GLUED = re.compile(r"%\((label|field|name_of_field)\)s")


def classes_under(parent: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for child in parent.__subclasses__():
        yield child
        yield from classes_under(child)


def required_fields() -> dict[str, forms.Field]:
    """Every visible required field of a form of the program, by class and name; dates make their own sentence."""
    for module in pkgutil.walk_packages(caseapp.__path__, "caseapp."):
        if FORM_MODULES.search(module.name):
            importlib.import_module(module.name)
    return {
        f"{form.__module__}.{form.__name__}.{name}": field
        for form in classes_under(forms.BaseForm)
        if form.__module__.startswith("caseapp.") and form.__name__ not in NEVER_POSTED
        for name, field in getattr(form, "base_fields", {}).items()
        if field.required and field.label and not field.widget.is_hidden
    }


def sentence_of(field: forms.Field) -> str:
    """Return what the form says when the field is left empty."""
    if isinstance(field, DateBoxes):
        with pytest.raises(forms.ValidationError) as refused:
            field.clean(None)
        return str(refused.value.messages[0])
    return str(field.error_messages["required"])


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_each_required_field_asks_for_itself_in_a_whole_sentence(language: str) -> None:
    fields = required_fields()
    assert len(fields) > 100
    with translation.override("en"):
        english = {name: sentence_of(field) for name, field in fields.items()}
    assert [name for name, text in english.items() if text == str(PLAIN)] == []
    with translation.override(language):
        wrong = {
            name: text
            for name, field in fields.items()
            if not re.fullmatch(r"[A-ZÉÀ¿¡“«].{8,}[.?]", text := sentence_of(field), re.DOTALL)
            or (language != "en" and text == english[name])
            or re.fullmatch(rf"{re.escape(str(field.label))} (?:is missing|falta|manque)\.", text) is not None
        }
    assert wrong == {}


def test_no_error_glues_the_label_of_a_field_into_a_sentence() -> None:
    glued = [text.single for text in all_texts() if GLUED.search(text.single) and text.single.endswith(".")]
    joined = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"ValidationError", "add_error", "Refused"}
        for part in node.args[0 if ast.unparse(node.func).endswith("ValidationError") else 1 :]
        if isinstance(part, ast.JoinedStr | ast.BinOp)
        and (isinstance(part, ast.JoinedStr) or isinstance(part.op, ast.Add))
    ]
    assert (glued, joined) == ([], [])
