"""The preview of a deadline from a rule, as finished values."""

from dataclasses import dataclass
from datetime import date

from caseapp.deadlines.pages.what_if import WhatIfAnswer, what_if_answers
from caseapp.records.deadline import Deadline


@dataclass(frozen=True)
class RuleDeadlinePreview:
    """The dates with their working. `passed` is the date that is before today: the legal or the internal deadline."""

    answer: WhatIfAnswer
    passed: date | None
    is_legal_passed: bool


def rule_deadline_preview(preview: Deadline, today: date) -> RuleDeadlinePreview:
    """Return the preview, and whether the legal or the internal deadline has already passed."""
    due_on, act_by = preview.due_on, preview.act_by
    is_legal_passed = due_on is not None and due_on < today
    passed = due_on if is_legal_passed else act_by if act_by is not None and act_by < today else None
    return RuleDeadlinePreview(what_if_answers((preview,))[0], passed, is_legal_passed)
