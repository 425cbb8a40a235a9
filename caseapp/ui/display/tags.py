"""Template tags: icons, dates in words, names that can be covered."""

import functools
import re
from datetime import date, datetime
from typing import Any

import segno
from django import template
from django.forms import BoundField
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from lucide.templatetags.lucide import lucide

from caseapp.lib import clock
from caseapp.lib.partial_dates import PartialDate
from caseapp.rules.explain.rendering import Fragment, RenderedText
from caseapp.rules.packs import names
from caseapp.ui.display import date_texts
from caseapp.vault.core import form_marks

register = template.Library()

# Shapes that distinguish a status without color, at 18 px, in print and in forced colors.
STATUS_SHAPES = {
    "status-passed": '<path fill="currentColor" d="M7.7 1.5h8.6l6.2 6.2v8.6l-6.2 6.2H7.7l-6.2-6.2V7.7z"/>',
    "status-soon": '<path fill="currentColor" d="M12 2.5 22.5 21h-21z"/>',
    "status-upcoming": '<circle fill="currentColor" cx="12" cy="12" r="7"/>',
    "status-to-check": '<circle cx="12" cy="12" r="9.5" stroke-dasharray="4 2.6"/>'
    '<path fill="currentColor" stroke="none" d="M12 12V4.5a7.5 7.5 0 0 1 7.5 7.5z"/>',
    "status-waiting": '<path d="M6 2.5h12M6 21.5h12M7 2.5v4l5 5.5 5-5.5v-4M7 21.5v-4l5-5.5 5 5.5v4"/>',
    "status-done": '<path stroke-width="3" d="M4 13l5.5 5.5L20.5 6"/>',
    "status-waived": '<circle cx="12" cy="12" r="9.5"/><path d="M5.5 18.5l13-13"/>',
}
# Shape and color of each status kind. "detained" is as grave as "passed".
STATUS_STYLES = {
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
YEARS_IN_DAYS = 2  # years up to which a distance is said in days
SOON_DAYS = 7  # days before a date from which it is "soon"


@functools.cache
def _svg_symbol(name: str) -> SafeString:
    if name in STATUS_SHAPES:
        inner = STATUS_SHAPES[name]
    else:
        inner = re.sub(r"^<svg[^>]*>|</svg>\s*$", "", str(lucide(name)).strip())
    return mark_safe(f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>')  # noqa: S308  # our own shapes


@register.simple_tag(takes_context=True)
def icon(context: Context, name: str, size: str = "") -> SafeString:
    """Render an icon: `{% icon "lock" %}`. `size` is "" or "big".

    Screen readers do not see it, so the template always shows a word next to it.
    """
    _used_icons(context)[name] = None
    return _icon_use(name, size)


@functools.cache
def _icon_use(name: str, size: str) -> SafeString:
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="#i-{}"></use></svg>',
        f" icon-{size}" if size else "",
        name,
    )


@register.simple_tag(takes_context=True)
def icon_sheet(context: Context) -> SafeString:
    """Render the symbols of all icons on this page, once, at its end."""
    symbols = mark_safe("".join(_svg_symbol(name) for name in _used_icons(context)))  # noqa: S308  # built above
    return format_html('<svg class="sheet" aria-hidden="true" width="0" height="0">{}</svg>', symbols)


def _used_icons(context: Context) -> dict[str, None]:
    """Return the icons used so far, in order.

    They are kept on the request: an `include ... only` starts a new context, not a new page.
    """
    request = getattr(context, "request", None)
    store: Any = context.render_context if request is None else request.META
    used: dict[str, None] = store.setdefault("caseapp.icons", {})
    return used


@register.filter
def status_shape(kind: str) -> str:
    """Return the icon of a status kind.

    Raises KeyError for an undefined kind: a wrong status is worse than none.
    """
    return STATUS_STYLES[kind][0]


@register.filter
def status_tone(kind: str) -> str:
    """Return the color role of a status kind."""
    return STATUS_STYLES[kind][1]


@register.filter
def day(on: date) -> str:
    """Return `Tue, Dec 8, 2026`, always with the weekday, as the country and the language write it."""
    return date_texts.list_date(on)


@register.filter
def qr_code(address: str) -> SafeString:
    """Return the QR code of an address as SVG.

    It is dark on white in dark mode too, because telephones read no other colors.
    """
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return mark_safe(drawn)  # noqa: S308  # segno draws it from our own text: one path of numbers


@register.filter
def pack_text(text: str) -> SafeString:
    """Return a text of a pack in the language of the page.

    A text without a translation stays English and is marked with lang="en".
    """
    translated = names.translate_pack_text(text, translation.get_language() or "en")
    return format_html('<span lang="en">{}</span>', text) if translated is None else format_html("{}", translated)


@register.filter
def language_marked(text: RenderedText | str) -> SafeString:
    """Return a rendered sentence; its parts without a translation are marked with lang="en"."""
    if isinstance(text, str):
        return format_html("{}", text)
    language = (translation.get_language() or "en").partition("-")[0]
    return format_html_join(
        "", "{}", ((_mark_language(part, is_own=part.language == language),) for part in text.fragments)
    )


def _mark_language(part: Fragment, *, is_own: bool) -> str:
    return part.text if is_own else format_html('<span lang="{}">{}</span>', part.language, part.text)


@register.filter
def in_english(text: str) -> str:
    """Return the pack's own English text if the page shows it in another language, else an empty string."""
    language = translation.get_language() or "en"
    is_translated = not language.startswith("en") and names.translate_pack_text(text, language) is not None
    return text if is_translated else ""


@register.filter
def day_short(on: date) -> str:
    """Return `Tue, Dec 8`, for lists in which the year is clear."""
    return date_texts.short_date(on)


@register.filter
def day_long(on: date) -> str:
    """Return `Tuesday, December 8, 2026`, for headings and print."""
    return date_texts.long_date(on)


@register.simple_tag
def day_as(on: date, length: str) -> str:
    """Return a date for components/date.html: `length` is "short", "long" or "" (as `day`)."""
    return {"short": day_short, "long": day_long}.get(length, day)(on)


def _local_time(at: datetime, zone: str) -> datetime:
    return clock.local_time(at, zone) if zone else timezone.localtime(at)


@register.filter
def at_clock(at: datetime, zone: str = "") -> str:
    """Return `8:30 AM` of an aware instant, in `zone` (IANA) or the reader's own zone."""
    return date_texts.clock_text(_local_time(at, zone).time())


@register.filter
def court_clock(at: datetime, zone: str) -> str:
    """Return `8:30 AM ET` of an aware instant in the zone of a court (IANA), with the name of the zone."""
    return date_texts.with_zone(at_clock(at, zone), zone)


@register.filter
def local_day(at: datetime, zone: str = "") -> date:
    """Return the date of an aware instant in `zone` (IANA) or the reader's own zone."""
    return _local_time(at, zone).date()


@register.simple_tag(takes_context=True)
def in_days(context: Context, on: date) -> str:
    """Return `in 2 days`, `today` or `1 day ago`, counted from the reader's date (`today` of the context)."""
    return days_between(context["today"], on)


def days_between(today: date, on: date) -> str:
    """Return the distance from `today` to `on` in words."""
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


def distance_between(today: date, on: date) -> str:
    """Return the distance from `today` to `on` in words: in days up to two years, then in whole years."""
    months = (on.year - today.year) * 12 + on.month - today.month
    years = (abs(months) - (on.day < today.day if months > 0 else on.day > today.day)) // 12
    if years < YEARS_IN_DAYS:
        return days_between(today, on)
    if months > 0:
        return ngettext("in %(years)s year", "in %(years)s years", years) % {"years": years}
    return ngettext("%(years)s year ago", "%(years)s years ago", years) % {"years": years}


@register.filter
def partial_day(on: PartialDate) -> str:
    """Return a date that may lack its day or month: `December 2026 (day not known)`."""
    return date_texts.partial_date(on)


@register.simple_tag(takes_context=True)
def one_time_mark(context: Context) -> SafeString:
    """Render the hidden mark by which a form that is sent twice is saved once (`ui/requests/form_requests.py`).

    Each form of each page has its own; the form that comes back with errors keeps it.
    """
    mark = context.get("kept_mark") or form_marks.new_mark()
    return format_html('<input type="hidden" name="form_mark" value="{}">', mark)


@register.simple_tag(takes_context=True)
def private(context: Context, text: object, ref: str = "") -> SafeString:
    """Render text that "Cover names" replaces by a bar: `{% private person.name ref=case.ref %}`.

    While names are covered the server leaves the text out. A bar may carry the case's ref, which is safe to show.
    """
    if not text:
        return SafeString("")
    if context.get("covered"):
        return _cover_bar(ref)
    return format_html('<span class="private"{}><bdi>{}</bdi></span>', _ref_attribute(ref), text)


@register.tag
def privately(parser: Parser, token: Token) -> "Privately":
    """Parse `{% privately %}...{% endprivately %}`: `private` for a block (a story, an address, a phone)."""
    inside = parser.parse(("endprivately",))
    parser.delete_first_token()
    arguments = token.split_contents()[1:]
    return Privately(inside, parser.compile_filter(arguments[0]) if arguments else None)


class Privately(Node):
    """Template node whose content is rendered only while names are not covered."""

    def __init__(self, inside: NodeList, ref: FilterExpression | None) -> None:
        self.inside, self.ref = inside, ref

    def render(self, context: Context) -> SafeString:
        """Render the content, or a bar while names are covered."""
        ref = str(self.ref.resolve(context)) if self.ref else ""
        if context.get("covered"):
            return _cover_bar(ref)
        inside = self.inside.render(context)
        return format_html('<div class="private private-block"{}><div>{}</div></div>', _ref_attribute(ref), inside)


def _ref_attribute(ref: str) -> SafeString:
    return format_html(' data-ref="{}"', ref) if ref else SafeString("")


def _cover_bar(ref: str) -> SafeString:
    return format_html(
        '<span class="bar"><span dir="ltr">{}</span><span class="unseen">{}</span></span>', ref, _("name covered")
    )


@register.filter
def masked(number: str) -> str:
    """Return `000-000-417` as `•••-•••-417`: the last three characters are enough to tell two clients apart."""
    digits = [c for c in str(number) if c.isalnum()]
    return f"•••-•••-{''.join(digits[-3:])}" if len(digits) > 3 else "•••"


@register.filter
def first_id(field: BoundField) -> str:
    """Return the id that a link to this field targets: its first box if it has several."""
    return f"{field.auto_id}_0" if field.field.widget.use_fieldset else str(field.id_for_label or field.auto_id)


@register.filter
def wrongs(field: BoundField) -> list[str]:
    """Return the errors of a field: whole sentences, each written for its field."""
    return [str(message) for error in field.errors.as_data() for message in error.messages]


@register.simple_tag(takes_context=True)
def problem(context: Context) -> str:
    """Return `Problem: ` for the title of a page whose form has errors, else an empty string."""
    form = context.get("form")
    has_errors = bool(form is not None and form.is_bound and form.errors)
    return _("Problem: ") if has_errors or context.get("has_problem") else ""
