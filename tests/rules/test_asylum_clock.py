"""The asylum clock, counted by hand on a wall calendar. 8 CFR 208.7; INA 208(d)(2)."""

import datetime as dt
from typing import Any

import pytest

from caseapp import rules

FILED = dt.date(2026, 1, 10)
LATER = dt.date(2027, 6, 1)
DELAY = "postponement_asked"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def clock(*stops: tuple[str, str | None, str], filed: dt.date = FILED, today: dt.date = LATER) -> rules.AsylumClock:
    return rules.asylum_clock(
        filed, [(day(first), day(last) if last else None, why) for first, last, why in stops], today
    )


def test_without_a_stop_the_days_are_those_of_the_calendar() -> None:
    # January has 21 days left, then 28 + 31 + 30 + 31 = 141 to 31 May, so day 150 is 9 Jun; day 180 is 9 Jul.
    found = clock(today=day("2026-06-08"))
    assert (found.day_150, found.day_180) == (day("2026-06-09"), day("2026-07-09"))
    assert (found.days_counted, found.running) == (149, True)


def test_the_day_of_filing_is_day_0() -> None:
    assert clock(today=FILED).days_counted == 0
    assert clock(today=day("2026-01-11")).days_counted == 1


def test_a_stop_adds_its_days_to_the_end() -> None:
    # 1 to 31 Mar: 30 days, so 9 Jun becomes 9 Jul and 9 Jul becomes 8 Aug.
    found = clock(("2026-03-01", "2026-03-31", DELAY))
    assert (found.day_150, found.day_180) == (day("2026-07-09"), day("2026-08-08"))


@pytest.mark.parametrize(
    ("today", "days", "running"),
    [
        ("2026-02-28", 49, True),  # 21 in January, 28 in February
        ("2026-03-01", 49, False),  # the day it stops does not count
        ("2026-03-15", 49, False),
        ("2026-03-30", 49, False),
        ("2026-03-31", 50, True),  # the day it restarts does
        ("2026-04-01", 51, True),
    ],
)
def test_each_day_around_a_stop(today: str, days: int, running: bool) -> None:
    found = clock(("2026-03-01", "2026-03-31", DELAY), today=day(today))
    assert (found.days_counted, found.running) == (days, running)


def test_stops_that_touch_are_one() -> None:
    touching = clock(("2026-03-01", "2026-03-11", DELAY), ("2026-03-11", "2026-03-31", DELAY))
    assert touching.day_150 == day("2026-07-09")


def test_stops_that_overlap_take_no_day_twice() -> None:
    overlapping = clock(("2026-03-01", "2026-03-25", DELAY), ("2026-03-11", "2026-03-31", DELAY))
    assert overlapping.day_150 == day("2026-07-09")


def test_a_stop_of_no_day_changes_nothing() -> None:
    found = clock(("2026-03-01", "2026-03-01", DELAY), today=day("2026-03-01"))
    assert (found.day_150, found.days_counted, found.running) == (day("2026-06-09"), 50, True)


def test_a_clock_that_still_stands_promises_no_day() -> None:
    found = clock(("2026-03-01", None, DELAY))
    assert (found.days_counted, found.running, found.day_150, found.day_180) == (49, False, None, None)


def test_a_stop_still_open_after_day_150_leaves_that_day_and_takes_day_180() -> None:
    found = clock(("2026-06-20", None, DELAY))
    # 9 Jun is day 150; 10 to 19 Jun are ten more.
    assert (found.day_150, found.day_180, found.days_counted) == (day("2026-06-09"), None, 160)


def test_a_stop_that_touches_an_open_one_stays_open() -> None:
    found = clock(("2026-03-01", "2026-03-11", DELAY), ("2026-03-11", None, DELAY))
    assert (found.days_counted, found.running) == (49, False)


def test_a_stop_before_filing_counts_nothing() -> None:
    assert clock(("2025-12-01", "2026-01-05", DELAY)).day_150 == day("2026-06-09")


def test_a_stop_that_runs_over_the_filing_makes_its_end_day_0() -> None:
    # Restart on 20 Jan: ten days later than filing, so 9 Jun becomes 19 Jun.
    found = clock(("2025-12-01", "2026-01-20", DELAY), today=day("2026-01-21"))
    assert (found.days_counted, found.day_150) == (1, day("2026-06-19"))


def test_a_stop_that_began_before_filing_and_never_ended_lets_nothing_count() -> None:
    found = clock(("2025-12-01", None, DELAY))
    assert (found.days_counted, found.running, found.day_150) == (0, False, None)


def test_a_stop_on_day_150_itself_moves_it_and_one_on_the_day_after_does_not() -> None:
    assert clock(("2026-06-09", "2026-06-12", DELAY)).day_150 == day("2026-06-12")
    assert clock(("2026-06-10", "2026-06-13", DELAY)).day_150 == day("2026-06-09")


def test_a_stop_met_only_because_another_moved_the_end_counts_too() -> None:
    # 9 Jun + 10 days (May) is 19 Jun; the stop of 15 to 18 Jun lies before that: 22 Jun.
    found = clock(("2026-05-01", "2026-05-11", DELAY), ("2026-06-15", "2026-06-18", DELAY))
    assert found.day_150 == day("2026-06-22")


def test_the_leap_day_counts() -> None:
    # Filed 10 Jan 2028: 21 + 29 + 31 + 30 + 31 = 142 to 31 May, so day 150 is 8 Jun.
    assert clock(filed=day("2028-01-10"), today=day("2028-06-30")).day_150 == day("2028-06-08")


def test_a_stop_on_the_leap_day_takes_one_day() -> None:
    found = clock(("2028-02-29", "2028-03-01", DELAY), filed=day("2028-01-10"), today=day("2028-06-30"))
    assert found.day_150 == day("2028-06-09")


def test_a_clock_over_the_end_of_the_year() -> None:
    # Filed 15 Nov 2026: 15 + 31 = 46 to 31 Dec, 31 + 28 + 31 = 136 to 31 Mar 2027, so day 150 is 14 Apr.
    assert clock(filed=day("2026-11-15")).day_150 == day("2027-04-14")


def test_delay_by_the_government_does_not_stop_the_clock_but_stands_in_the_list() -> None:
    found = clock(("2026-03-01", "2026-03-31", "government_delay"), today=day("2026-03-15"))
    assert (found.day_150, found.days_counted, found.running) == (day("2026-06-09"), 64, True)
    assert [entry.counts for entry in found.entries if entry.what == "stopped"] == ["no"]


def test_an_unsettled_stop_counts_and_both_days_are_told() -> None:
    found = clock(("2026-03-01", "2026-03-31", "earlier_date_declined"))
    assert found.day_150 == day("2026-07-09")
    assert found.unsettled[:2] == (
        "If the unsettled stops do not count, day 150 is 2026-06-09.",
        "If the unsettled stops do not count, day 180 is 2026-07-09.",
    )


def test_the_proposed_rule_is_mentioned_and_never_used() -> None:
    assert any("365 days" in line and "not in force" in line for line in clock().unsettled)


def test_words_of_ones_own_count_as_a_stop() -> None:
    found = clock(("2026-03-01", "2026-03-31", "we asked for time, letter of 28 Feb"))
    assert found.day_150 == day("2026-07-09")
    assert "we asked for time, letter of 28 Feb" in [entry.why for entry in found.entries]


def test_the_entries_tell_the_story_in_order_with_the_count_of_each_day() -> None:
    found = clock(("2026-03-01", "2026-03-31", DELAY), today=day("2026-04-10"))
    assert [(entry.on.isoformat(), entry.what, entry.days) for entry in found.entries] == [
        ("2026-01-10", "filed", 0),
        ("2026-03-01", "stopped", 49),
        ("2026-03-31", "restarted", 50),
        ("2026-04-10", "today", 60),
        ("2026-07-09", "day_150", 150),
        ("2026-08-08", "day_180", 180),
    ]


@pytest.mark.parametrize(
    "stops",
    [
        (),
        (("2026-03-01", "2026-03-31", DELAY),),
        (("2025-12-01", "2026-01-20", DELAY), ("2026-06-19", "2026-06-25", DELAY)),
        (("2026-01-10", "2026-01-12", DELAY), ("2026-01-12", "2026-02-02", DELAY), ("2026-06-30", "2026-07-30", DELAY)),
    ],
)
def test_the_panel_and_the_rules_give_the_same_days(stops: tuple[tuple[str, str, str], ...]) -> None:
    pairs = [(day(first), day(last)) for first, last, _ in stops]
    found = clock(*stops)
    for rule, on in (("us.asylum.ead.file", found.day_150), ("us.asylum.ead.eligible", found.day_180)):
        computed = rules.compute(rule, {"asylum_application_filed": FILED}, rules.Options(clock_stops=pairs))
        assert computed.opens_on == on


@pytest.mark.parametrize(
    ("stops", "today", "said"),
    [
        ([(day("2026-03-31"), day("2026-03-01"), DELAY)], LATER, "a clock stop ends before it begins"),
        ([(day("2026-03-31"), None)], LATER, "a clock stop is the day it began"),
        ([("2026-03-31", None, DELAY)], LATER, "a clock stop is not a date"),
        ([(day("2026-03-31"), None, 5)], LATER, "says why in words"),
        ([], day("2026-01-09"), "filed after today"),
        ([], dt.date(2150, 1, 1), "outside the years"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(stops: list[Any], today: dt.date, said: str) -> None:
    with pytest.raises(rules.RuleError, match=said):
        rules.asylum_clock(FILED, stops, today)


def test_every_known_reason_says_whether_it_counts_and_where_from() -> None:
    assert {stop.counts for stop in rules.CLOCK_STOPS.values()} == {"yes", "no", "unsettled"}
    assert all(stop.text and stop.source for stop in rules.CLOCK_STOPS.values())
