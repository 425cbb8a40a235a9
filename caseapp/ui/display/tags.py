"""Template tags: icons, dates as people say them, names that can be covered."""

import functools
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, Field, MultiWidget, RadioSelect
from django.forms.widgets import CheckboxSelectMultiple
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lucide.templatetags.lucide import lucide

from caseapp.rules import translate

register = template.Library()

# The shapes of a status: told apart without colour, at 18 px, in print and in forced colours.
SHAPES = {
    "status-passed": '<path fill="currentColor" d="M7.7 1.5h8.6l6.2 6.2v8.6l-6.2 6.2H7.7l-6.2-6.2V7.7z"/>',
    "status-soon": '<path fill="currentColor" d="M12 2.5 22.5 21h-21z"/>',
    "status-upcoming": '<circle fill="currentColor" cx="12" cy="12" r="7"/>',
    "status-to-check": '<circle cx="12" cy="12" r="9.5" stroke-dasharray="4 2.6"/>'
    '<path fill="currentColor" stroke="none" d="M12 12V4.5a7.5 7.5 0 0 1 7.5 7.5z"/>',
    "status-waiting": '<path d="M6 2.5h12M6 21.5h12M7 2.5v4l5 5.5 5-5.5v-4M7 21.5v-4l5-5.5 5 5.5v4"/>',
    "status-done": '<path stroke-width="3" d="M4 13l5.5 5.5L20.5 6"/>',
    "status-waived": '<circle cx="12" cy="12" r="9.5"/><path d="M5.5 18.5l13-13"/>',
}
# Which shape and colour a word of the product gets. "detained" is as grave as "passed".
STATUS = {
    "passed": ("status-passed", "overdue"),
    "detained": ("status-passed", "overdue"),
    "soon": ("status-soon", "soon"),
    "upcoming": ("status-upcoming", "info"),
    "to-check": ("status-to-check", "waiting"),
    "new": ("status-to-check", "waiting"),
    "not-tested": ("status-to-check", "waiting"),
    "waiting": ("status-waiting", "waiting"),
    "done": ("status-done", "done"),
    "waived": ("status-waived", "plain"),
}
SOON = 7  # days: from here on a date is "soon"


@functools.cache
def _symbol(name: str) -> SafeString:
    if name in SHAPES:
        inner = SHAPES[name]
    else:
        inner = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", str(lucide(name)).strip())
    return mark_safe(f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>')  # noqa: S308  # our own shapes


@register.simple_tag(takes_context=True)
def icon(context: Context, name: str, size: str = "") -> SafeString:
    """`{% icon "lock" %}`: hidden from screen readers, so a word always stands beside it. `size` is "" or "big"."""
    _used(context)[name] = None
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="#i-{}"></use></svg>',
        f" icon-{size}" if size else "",
        name,
    )


@register.simple_tag(takes_context=True)
def icon_sheet(context: Context) -> SafeString:
    """The symbols that this page used, once, at its end."""
    symbols = mark_safe("".join(_symbol(name) for name in _used(context)))  # noqa: S308  # built above
    return format_html('<svg class="sheet" aria-hidden="true" width="0" height="0">{}</svg>', symbols)


def _used(context: Context) -> dict[str, None]:
    """Icons used so far, in order. Kept on the request: an `include ... only` starts a new context, not a new page."""
    request = getattr(context, "request", None)
    place: Any = context.render_context if request is None else request.META
    used: dict[str, None] = place.setdefault("caseapp.icons", {})
    return used


@register.filter
def status_shape(kind: str) -> str:
    """The icon of a status kind. Raises KeyError for a kind nobody defined: a wrong status is worse than none."""
    return STATUS[kind][0]


@register.filter
def status_tone(kind: str) -> str:
    """The colour role of a status kind."""
    return STATUS[kind][1]


@register.filter
def day(on: date) -> str:
    """`Tue 8 Dec 2026`: the weekday is always there."""
    return _said(on, "D j M Y")


@register.filter
def told(text: str) -> SafeString:
    """What the engine or a pack says, in the language of the page; English that nobody translated is marked as such."""
    language = translation.get_language() or "en"
    found = translate.told(str(text), language)
    if found.language == language.partition("-")[0]:
        return format_html("{}", found.text)
    return format_html('<span lang="en">{}</span>', found.text)


@register.filter
def in_english(text: str) -> str:
    """The pack's own words where the page shows them in another language, else nothing."""
    return text if translate.told(text, translation.get_language() or "en").language != "en" else ""


@register.filter
def day_short(on: date) -> str:
    """`Tue 8 Dec`: where the year is plain from the list around it."""
    return _said(on, "D j M")


@register.filter
def day_long(on: date) -> str:
    """`Tuesday 8 December 2026`: for headings and paper."""
    in_spanish = (translation.get_language() or "en").startswith("es")
    return _said(on, r"l j \d\e F \d\e Y" if in_spanish else "l j F Y")


def _said(on: date, pattern: str) -> str:
    text = formats.date_format(on, pattern)
    # Spanish and French write days and months small.
    return text if (translation.get_language() or "en").startswith("en") else text.lower()


@register.filter
def at_clock(at: datetime, zone: str = "") -> str:
    """`8:30` of an aware instant, in `zone` (IANA) or the person's own zone."""
    local = at.astimezone(ZoneInfo(zone)) if zone else at.astimezone(timezone.get_current_timezone())
    return formats.time_format(local.time(), "G:i")


@register.filter
def local_day(at: datetime, zone: str = "") -> date:
    """The date of an aware instant in `zone` or the person's own zone."""
    return (at.astimezone(ZoneInfo(zone)) if zone else at.astimezone(timezone.get_current_timezone())).date()


@register.simple_tag(takes_context=True)
def in_days(context: Context, on: date) -> str:
    """`in 2 days`, `today`, `1 day ago`, counted from the date in the person's zone (`today` of the frame)."""
    return days_between(context["today"], on)


def days_between(today: date, on: date) -> str:
    """How far `on` is from `today`, in words."""
    days = (on - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day ago", "%(days)s days ago", -days) % {"days": -days}


@register.simple_tag(takes_context=True)
def private(context: Context, text: object, ref: str = "") -> SafeString:
    """`{% private person.name ref=case.ref %}`: text that "Cover names" makes a bar and the server then leaves out.

    A bar may carry the case's ref, which is safe to be seen.
    """
    if not text:
        return SafeString("")
    if context.get("covered"):
        return _bar(ref)
    return format_html('<span class="private"{}><bdi>{}</bdi></span>', _ref(ref), text)


@register.tag
def privately(parser: Parser, token: Token) -> "Privately":
    """`{% privately %}...{% endprivately %}`: the same for a whole piece of a page (a story, an address, a phone)."""
    inside = parser.parse(("endprivately",))
    parser.delete_first_token()
    arguments = token.split_contents()[1:]
    return Privately(inside, parser.compile_filter(arguments[0]) if arguments else None)


class Privately(Node):
    """What stands between the two tags is rendered only while names are not covered."""

    def __init__(self, inside: NodeList, ref: FilterExpression | None) -> None:
        self.inside, self.ref = inside, ref

    def render(self, context: Context) -> SafeString:
        """The piece, or a bar."""
        ref = str(self.ref.resolve(context)) if self.ref else ""
        if context.get("covered"):
            return _bar(ref)
        inside = self.inside.render(context)
        return format_html('<div class="private private-block"{}><div>{}</div></div>', _ref(ref), inside)


def _ref(ref: str) -> SafeString:
    return format_html(' data-ref="{}"', ref) if ref else SafeString("")


def _bar(ref: str) -> SafeString:
    return format_html(
        '<span class="bar"><span dir="ltr">{}</span><span class="unseen">{}</span></span>', ref, _("name covered")
    )


@register.filter
def masked(number: str) -> str:
    """`000-000-417` as `•••-•••-417`: the last three places, enough to tell two people apart."""
    digits = [c for c in str(number) if c.isalnum()]
    return f"•••-•••-{''.join(digits[-3:])}" if len(digits) > 3 else "•••"


@register.filter
def first_id(field: BoundField) -> str:
    """The id that a link to this field goes to: its first box where it has several."""
    several = isinstance(field.field.widget, MultiWidget | RadioSelect | CheckboxSelectMultiple)
    return f"{field.auto_id}_0" if several else str(field.id_for_label or field.auto_id)


@register.filter
def wrongs(field: BoundField) -> list[str]:
    """What is wrong with a field, in words that name it: "Note is missing." in place of "This field is required."."""
    said: list[str] = []
    for error in field.errors.as_data():
        is_plain = error.code == "required" and error.message == Field.default_error_messages["required"]
        said.extend([_("%(label)s is missing.") % {"label": field.label}] if is_plain else map(str, error.messages))
    return said


@register.simple_tag(takes_context=True)
def problem(context: Context) -> str:
    """`Problem: ` for the title of a page whose form has errors."""
    form = context.get("form")
    has_errors = bool(form is not None and form.is_bound and form.errors)
    return _("Problem: ") if has_errors or context.get("has_problem") else ""
