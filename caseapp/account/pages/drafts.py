"""A draft as its page and the script of a page show it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from caseapp.accounts.drafts.draft_store import KeptDraft
from caseapp.lib import clock
from caseapp.ui.display import tags
from caseapp.ui.requests.draft_requests import DRAFT_FIELD
from caseapp.ui.requests.preserved_input import PreservedField, PreservedForm, build_field

PUT_BACK_WITHIN = timedelta(hours=12)  # after a lock an older text is offered, not put back


@dataclass(frozen=True)
class DraftLine:
    """One draft in the list. `page` is the path of the page on which it was typed."""

    id: UUID
    sentence: str
    page: str
    excerpt: str = field(repr=False)


def draft_line(draft: KeptDraft) -> DraftLine:
    """Return the line of a draft. The excerpt is the longest of the changed texts."""
    texts = [value for name in draft.text.changed for value in draft.text.fields.get(name, [])]
    longest = max(texts, key=len, default="")
    excerpt = longest if len(longest) <= 80 else f"{longest[:79]}…"
    return DraftLine(draft.id, kept_sentence(draft), draft.text.page, excerpt)


def kept_sentence(draft: KeptDraft) -> str:
    """Return when the text was typed, in the member's zone: with the day unless it is today."""
    values = _time_of(draft)
    if values["day"] is None:
        return _("Text you typed at %(time)s is here.") % values
    return _("Text you typed on %(day)s at %(time)s is here.") % values


def put_back_sentence(draft: KeptDraft) -> str:
    """Return the sentence over a form in which the text is again."""
    values = _time_of(draft)
    if values["day"] is None:
        return _("Text you typed at %(time)s was put back. It is not saved yet.") % values
    return _("Text you typed on %(day)s at %(time)s was put back. It is not saved yet.") % values


def offer_of(draft: KeptDraft) -> dict[str, Any]:
    """Return what the script of a page needs to offer a draft; the text itself follows when it is restored."""
    text = draft.text
    return {
        "draft": str(draft.id),
        "action": text.action,
        "number": text.number,
        "changed": list(text.changed),
        "sentence": kept_sentence(draft),
        "put_back": put_back_sentence(draft),
        "is_recent": clock.now() - text.typed_at <= PUT_BACK_WITHIN,
    }


def preserved_form(draft: KeptDraft) -> PreservedForm:
    """Return a form with the text that can be sent again, as after an error."""
    fields = [build_field(name, value) for name, values in draft.text.fields.items() for value in values]
    return PreservedForm(draft.text.action, (*fields, PreservedField(DRAFT_FIELD, "", str(draft.id), "hidden")), ())


def _time_of(draft: KeptDraft) -> dict[str, str | None]:
    on = timezone.localtime(draft.text.typed_at).date()
    is_today = on == timezone.localtime(clock.now()).date()
    return {"time": tags.at_clock(draft.text.typed_at), "day": None if is_today else tags.day(on)}
