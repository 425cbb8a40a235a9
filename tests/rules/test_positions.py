"""Where authorities disagree."""

import datetime as dt

import pytest

from caseapp import rules
from tests.rules.asking import english

DECIDED = {"oral_decision": dt.date(2026, 11, 16)}
NOVEMBER = dt.date(2026, 11, 1)


def test_the_earliest_position_is_due_and_the_other_is_shown_as_argued() -> None:
    found = rules.compute("us.bia.appeal", DECIDED)
    assert found.position == "10"
    assert found.due_on == dt.date(2026, 11, 27)
    assert [(other.position, other.due_on) for other in found.others] == [("30", dt.date(2026, 12, 16))]


def test_selecting_the_longer_position_never_moves_act_by_later() -> None:
    found = rules.compute("us.bia.appeal", DECIDED, rules.Options(position="30"))
    assert (found.due_on, found.act_by) == (dt.date(2026, 12, 16), dt.date(2026, 11, 27))
    assert [other.position for other in found.others] == ["10"]


def test_a_position_asked_for_by_name_must_have_been_in_force() -> None:
    with pytest.raises(rules.RuleError, match="was not in force on Sun 8 Mar 2026"):
        rules.compute("us.bia.appeal@10", {"oral_decision": dt.date(2026, 3, 8)})


def test_a_selected_position_that_was_not_in_force_is_left_with_a_warning() -> None:
    found = rules.compute("us.bia.appeal", {"oral_decision": dt.date(2026, 3, 8)}, rules.Options(position="10"))
    assert found.position == "30"
    assert any("10 was not in force" in warning for warning in english(found.warnings))


def test_an_unknown_position_is_one_clear_line() -> None:
    with pytest.raises(rules.RuleError, match="has no position '20'; it has 30, 10"):
        rules.compute("us.bia.appeal@20", DECIDED)


def test_a_variant_is_named_in_the_warnings_and_computed_only_when_asked_for() -> None:
    usual = rules.compute("fr.irtf.recours", {"irtf_notified": dt.datetime(2026, 11, 16, 12)})
    assert usual.due_on == dt.date(2026, 11, 23)
    assert any("fr.irtf.recours@detained" in warning for warning in english(usual.warnings))
    detained = rules.compute("fr.irtf.recours@detained", {"irtf_notified": dt.datetime(2026, 11, 16, 12)})
    assert detained.due_on == dt.datetime(2026, 11, 18, 12)


def test_the_address_rule_shows_the_working_days_of_the_page_but_never_uses_them() -> None:
    # Fri 20 Nov 2026: five days are Wed 25; five working days are Mon 23, 24, 25, Fri 27, Mon 30.
    found = rules.compute("us.eoir.address.court", {"address_change": dt.date(2026, 11, 20)})
    assert (found.due_on, found.act_by) == (dt.date(2026, 11, 25), dt.date(2026, 11, 25))
    assert [(other.position, other.due_on) for other in found.others] == [("working_days", dt.date(2026, 11, 30))]


def test_a_leap_day_anniversary_shows_the_first_of_march_as_argued() -> None:
    found = rules.compute("us.ij.reopen.vawa", {"order_final": dt.date(2024, 2, 29)})
    # Sat 1 Mar 2025 runs to Mon 3 Mar.
    assert [(other.position, other.due_on) for other in found.others] == [("no_such_day", dt.date(2025, 3, 3))]


def test_an_age_has_no_second_reading_on_a_leap_day() -> None:
    assert rules.compute("us.uscis.sij.21", {"birth_date": dt.date(2008, 2, 29)}).others == ()


def test_mail_on_a_family_petition_appeal_is_only_argued() -> None:
    # 30 days from Fri 7 Aug 2026: Sun 6 Sep, Labor Day, Tue 8 Sep. 33 days: Wed 9 Sep.
    found = rules.compute("us.bia.appeal.eoir29", {"decision_date": dt.date(2026, 8, 7)}, rules.Options(by_mail=True))
    assert found.due_on == dt.date(2026, 9, 8)
    assert [(other.position, other.due_on) for other in found.others] == [("mail", dt.date(2026, 9, 9))]


def test_a_move_of_twenty_four_hours_over_a_french_holiday_is_only_argued() -> None:
    found = rules.compute("fr.retention.appel", {"order_pronounced": dt.datetime(2026, 11, 10, 16)})
    assert found.due_on == dt.datetime(2026, 11, 11, 16)
    assert [(other.position, other.due_on) for other in found.others] == [("roll", dt.date(2026, 11, 12))]


def test_the_result_without_the_offices_closure_stays_in_view() -> None:
    found = rules.compute(
        "us.ca.pfr",
        {"order_final": dt.date(2026, 6, 20)},
        rules.Options(closures=[rules.ClosedDay(dt.date(2026, 7, 20), "court notice of 19 Jul")]),
    )
    assert (found.due_on, found.act_by) == (dt.date(2026, 7, 21), dt.date(2026, 7, 20))
    assert any("court notice of 19 Jul" in rules.render_english(step) for step in found.steps)
    assert ("without_closure", dt.date(2026, 7, 20)) in [(other.position, other.due_on) for other in found.others]


def test_an_accepted_position_alone_bounds_act_by_and_the_other_is_still_shown() -> None:
    """30 days from Mon 16 Nov 2026 end on Wed 16 Dec; the 10 days end on Thanksgiving, so on Fri 27 Nov."""
    accepted = rules.Options(position="30", is_position_accepted=True)
    found = rules.compute("us.bia.appeal", DECIDED, accepted)
    assert (found.due_on, found.act_by) == (dt.date(2026, 12, 16), dt.date(2026, 12, 16))
    assert [(other.position, other.due_on) for other in found.others] == [("10", dt.date(2026, 11, 27))]
    steps = english(step.sentence for step in found.steps)
    assert any(text.startswith("Position 10, set aside: another is accepted") for text in steps)


def test_accepting_without_a_selected_position_changes_nothing() -> None:
    found = rules.compute("us.bia.appeal", DECIDED, rules.Options(is_position_accepted=True))
    assert (found.due_on, found.act_by) == (dt.date(2026, 11, 27), dt.date(2026, 11, 27))


def test_an_accepted_position_that_was_not_in_force_bounds_nothing() -> None:
    """Before 9 March 2026 only the 30 days were in force."""
    decided = {"oral_decision": dt.date(2026, 3, 3)}
    accepted = rules.Options(position="10", is_position_accepted=True)
    found, plain = rules.compute("us.bia.appeal", decided, accepted), rules.compute("us.bia.appeal", decided)
    assert (found.due_on, found.act_by) == (plain.due_on, plain.act_by) == (dt.date(2026, 4, 2), dt.date(2026, 4, 2))


def test_a_standing_order_bounds_act_by_whatever_position_is_accepted() -> None:
    """Five days from Mon 16 Nov 2026 end on a Saturday, so on Mon 23 Nov."""
    order = rules.StandingOrder(
        id="quick", court="Court North", rule="us.bia.appeal", what="five days", count="+5d", source="order, p. 1",
        effective_from=dt.date(2026, 1, 1), last_checked=dt.date(2026, 11, 1),
    )  # fmt: skip
    ours = rules.OfficePack(name="Ours", version="2026.11.24", last_checked=NOVEMBER, standing_orders=(order,))
    book = rules.standard().with_office(ours)
    accepted = rules.Options(position="30", is_position_accepted=True, court="Court North")
    found = rules.compute("us.bia.appeal", DECIDED, accepted, book=book)
    assert (found.due_on, found.act_by) == (dt.date(2026, 12, 16), dt.date(2026, 11, 23))


def test_a_position_that_only_a_newer_version_knows_is_left_with_a_warning() -> None:
    """The second version of fr.retention.jld has the reading heures; the one before 11 November 2025 does not."""
    notified = {"retention_notified": dt.datetime(2025, 11, 3, 10, 0)}
    found = rules.compute("fr.retention.jld", notified, rules.Options(position="heures"))
    assert found.due_on == rules.compute("fr.retention.jld", notified).due_on
    assert any("heures was not in force" in warning for warning in english(found.warnings))


def test_a_stored_working_remembers_that_its_position_was_accepted() -> None:
    accepted = rules.Options(position="30", is_position_accepted=True)
    found = rules.compute("us.bia.appeal", DECIDED, accepted)
    again = rules.replay(rules.computation_as_json(found))
    assert again.act_by == found.act_by == dt.date(2026, 12, 16)
