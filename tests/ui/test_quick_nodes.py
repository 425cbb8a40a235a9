"""Our quicker template nodes write what Django's own write, for every kind of value that a page has."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.template.context import make_context
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from caseapp.ui.display.paths import quick_reverse
from caseapp.ui.template_loading import QuickTemplate

CASE = UUID("11111111-2222-4333-8444-555555555555")


@dataclass(frozen=True)
class Line:
    """What a page shows."""

    text: str = "Ana <b> & 'Ruiz'"
    number: int = 1234567
    is_on: bool = True
    missing: str | None = None

    @property
    def whole(self) -> str:
        """A value that is worked out."""
        return f"{self.text}."

    def method(self) -> str:
        """A value that is called."""
        return "<called>"

    def needs(self, more: str) -> str:
        """A method that a template cannot call."""
        return more


VALUES: dict[str, Any] = {
    "line": Line(),
    "lines": [Line(), Line(text="plain")],
    "names": {"ana": Line(), "items": "a key, not the method"},
    "pair": ("first", "second"),
    "safe": mark_safe("<i>"),
    "lazy": gettext_lazy("Cases"),
    "id": CASE,
    "call": lambda: "<from a call>",
    "ratio": 1234.5,
    "nothing": None,
}
SOURCES = (
    "{{ line.text }}|{{ line.number }}|{{ line.is_on }}|{{ line.missing }}|{{ line.whole }}",
    "{{ line.method }}|{{ line.needs }}|{{ line.absent }}|{{ absent }}|{{ absent.more }}|{{ line.text.absent }}",
    "{{ names.ana.text }}|{{ names.items }}|{{ names.absent }}|{{ pair.0 }}|{{ pair.1 }}|{{ pair.5 }}",
    "{{ lines.1.text }}",
    "{{ safe }}|{{ lazy }}|{{ id }}|{{ call }}|{{ ratio }}|{{ nothing }}|{{ nothing.more }}|{{ 5 }}|{{ 'a' }}",
    "{{ line.text|length }}|{{ line.text|upper }}|{{ absent|default:line.text }}|{{ line.text|default:'' }}",
    "{% autoescape off %}{{ line.text }}{{ safe }}{{ line.number }}{% endautoescape %}",
    "{% if line.is_on and not line.missing and absent is None %}on{% endif %}",
    "{% if line.absent %}x{% else %}y{% endif %}",
    "{% for each in lines %}{{ forloop.counter }}{{ each.text }}{% endfor %}",
    "{% with text=line.text %}{{ text }}{% endwith %}",
    "{% translate 'Cases' %}{% translate 'Show' context 'bottom bar' %}{% translate line.text %}",
    "{% translate 'Cases' as word %}{{ word }}{% translate '100%% <sure>' %}",
    "{% include 'components/all-of.html' with href='/a/?b=1&c=2' total=3 %}",
    "{% include 'components/all-of.html' with href='/a/' only %}{% for each in lines %}"
    "{% include 'components/careful.html' with text=each.text %}{% endfor %}",
    "{% include part with text=line.text %}",
    "{% url 'cases:case' id %}{% url 'cases:list' %}{% url 'cases:case' id as path %}{{ path }}",
    "{% url 'cases:case' case_id=id %}",
)


def _rendered(template: type[Template], source: str, language: str) -> str:
    with translation.override(language):
        context = make_context({**VALUES, "part": "components/careful.html"})
        return str(template(source, engine=Engine.get_default()).render(context))


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_quick_template_writes_what_a_template_of_django_writes(source: str, language: str) -> None:
    assert _rendered(QuickTemplate, source, language) == _rendered(Template, source, language)


def test_a_constant_is_translated_for_each_language_of_the_same_template() -> None:
    template = QuickTemplate("{% translate 'Cases' %}", engine=Engine.get_default())
    shown = []
    for language in ("en", "es", "en", "fr"):
        with translation.override(language):
            shown.append(template.render(Context()))
    assert shown == ["Cases", "Casos", "Cases", "Dossiers"]


def test_an_address_has_its_ids_in_order_and_a_wrong_one_raises() -> None:
    other = UUID(int=7)
    assert quick_reverse("cases:case", CASE) == reverse("cases:case", args=[CASE])
    assert quick_reverse("cases:case", other) == f"/cases/{other}/"
    assert quick_reverse("cases:part", CASE, "people") == reverse("cases:part", args=[CASE, "people"])
    for arguments in ((), (CASE, other), ("not an id",)):
        with pytest.raises(NoReverseMatch):
            quick_reverse("cases:case", *arguments)


def test_a_missing_template_is_missing() -> None:
    for _ in range(2):
        with pytest.raises(TemplateDoesNotExist):
            Engine.get_default().get_template("no/such.html")
    with pytest.raises(TemplateDoesNotExist):
        QuickTemplate("{% include 'no/such.html' %}", engine=Engine.get_default()).render(Context())
