"""Renderer of Django's forms: our own field template, with Django's widgets inside it."""

from pathlib import Path
from typing import Any

import django.forms
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.template.backends.django import DjangoTemplates as Engine
from django.utils.functional import cached_property

TYPED_INTO = {"email", "number", "search", "tel", "text", "url"}  # types of an input; a textarea has none
TEMPLATES = Path(__file__).parents[1] / "templates"


class Renderer(DjangoTemplates):
    """Renderer of a field (`{{ form.name.as_field_group }}`) and of a form (`{{ form }}`, all fields in order)."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Return a widget's HTML. A browser keeps no text of a box to offer it again, unless its field says so."""
        widget = context.get("widget")
        if widget and (widget.get("type") in TYPED_INTO or template_name.endswith("/textarea.html")):
            widget["attrs"].setdefault("autocomplete", "off")
        return str(super().render(template_name, context, request))

    @cached_property
    def engine(self) -> Engine:
        """Return an engine that finds our components first, then Django's own widget templates."""
        return Engine(
            {
                "APP_DIRS": False,
                "DIRS": [TEMPLATES, Path(django.forms.__file__).parent / "templates"],
                "NAME": "caseapp-forms",
                "OPTIONS": {
                    "builtins": ["caseapp.ui.display.tags", "django.templatetags.i18n"],
                    "libraries": {"caseapp": "caseapp.ui.display.tags"},
                },
            }
        )
