"""Errors are one clear line."""

import datetime as dt
from typing import Any

import pytest

from caseapp import rules
from tests.rules.asking import english

DAY = dt.date(2026, 11, 24)


@pytest.mark.parametrize(
    ("rule", "events", "options", "said"),
    [
        ("us.no.such", {"order": DAY}, {}, "there is no rule 'us.no.such'"),
        ("us.ca.pfr", {}, {}, "no date is given"),
        ("us.ca.pfr", {"judgment": DAY}, {}, "us.ca.pfr needs the date of order_final"),
        ("us.ca.pfr", {"order_final": DAY, "order_finall": DAY}, {}, "knows no event 'order_finall'"),
        ("us.ca.pfr", {"order_final": "2026-11-24"}, {}, "order_final is not a date"),
        ("us.ca.pfr", {"order_final": dt.date(1850, 1, 1)}, {}, "lies outside the years 1900 to 2099"),
        ("us.ca.pfr", {"order_final": dt.date(2099, 12, 30)}, {}, "leave the years 1900 to 2099"),
        ("us.ca.pfr", {"order_final": DAY}, {"clock_stops": [(DAY, DAY)]}, "has no clock that stops"),
        ("us.asylum.ead.file", {"asylum_application_filed": DAY}, {"clock_stops": [DAY]}, "pairs of two dates"),
        (
            "us.asylum.ead.file",
            {"asylum_application_filed": DAY},
            {"clock_stops": [(DAY, dt.date(2026, 11, 23))]},
            "ends before it begins",
        ),
        ("us.ca.pfr", {"order_final": DAY}, {"years": 3}, "takes no years"),
        ("us.uscis.n400.early", {"lpr_since": DAY}, {"years": 4}, "knows no path of 4 years"),
        ("us.ca.pfr", {"order_final": DAY}, {"zone": "Mars/Olympus"}, "time zone is not known"),
        ("us.ca.pfr", {"order_final": DAY}, {"by_mail": "yes"}, "by_mail is yes or no"),
        ("us.eoir.callup", {"order": DAY}, {}, "give the date on the paper as printed_date"),
        ("us.ca.pfr", {"order_final": DAY}, {"closures": ["2026-12-24"]}, "closures is not a date"),
        (
            "us.uscis.cspa.ageout",
            {"birth_date": DAY, "petition_filed": DAY, "petition_approved": dt.date(2026, 1, 1)},
            {},
            "petition_approved lies before petition_filed",
        ),
    ],
)
def test_a_question_without_an_answer_is_refused_in_one_line(
    rule: str, events: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    with pytest.raises(rules.RuleError) as refusal:
        rules.compute(rule, events, rules.Options(**options))
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_known_event_that_the_rule_does_not_use_is_mentioned() -> None:
    found = rules.compute("us.ca.pfr", {"order_final": DAY, "hearing": DAY})
    assert "The date of hearing is not used by this rule." in english(found.warnings)
