"""What the second reading of the law (29 November 2026) says besides dates: duties, ends, cautions of a variant."""

import datetime as dt
from typing import Any

import pytest

from caseapp import rules
from caseapp.rules.packs import load_packs
from tests.rules.asking import english
from tests.rules.test_packs import SMALL

# Section 23: dates of the other side. A variant is named with its rule.
WATCHES = {
    "us.detention.charging",
    "us.eoir.bond.autostay",
    "us.cfi.review@review",
    "us.rfi.review@interview",
    "us.rfi.review@review",
    "us.detention.review90",
    "us.detention.zadvydas",
    "us.foia.answer",
    "us.dc.n400.delay",
    "us.uscis.n336.hearing180",
    "us.asylum.annual_fee.expected",
    "us.ca.mandate",
    "us.ca.mandate.rehearing",
    "us.eoir.nta.first_hearing",
    "us.stay.automatic.appeal",
    "fr.titre.implicite",
    "fr.regroupement.implicite",
    "fr.expulsion.commission",
    "fr.retention.fin_initiale",
    "fr.retention.prolongation1",
    "fr.retention.prolongation2",
    "fr.retention.prolongation3",
    "fr.zone.fin_initiale",
    "fr.dublin.caducite",
}
PRESENCE = "us.cancel.42b.ten"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def ask(rule: str, **events: str) -> rules.Computation:
    read: dict[str, Any] = {
        name: dt.datetime.fromisoformat(text) if "T" in text else day(text) for name, text in events.items()
    }
    return rules.compute(rule, read)


def test_exactly_the_dates_of_the_other_side_are_watch_dates() -> None:
    found = set()
    for rule in rules.list_rules():
        found |= {rule.id} if rule.duty == "watch" else set()
        found |= {f"{rule.id}@{item.id}" for item in rule.readings if item.duty == "watch"}
    assert found == WATCHES


def test_a_watch_date_is_announced_once_and_says_what_its_end_lets_us_do() -> None:
    charging = ask("us.detention.charging", detention="2026-11-23T09:00")
    assert (charging.duty, charging.reminder_days) == ("watch", (0,))
    assert (
        "Their time, not ours: it closes when the other side acts. "
        "When it ends, we may: ask for release, and add it to the habeas petition."
    ) in english(charging.warnings)


def test_our_request_for_review_stays_ours_while_the_review_itself_is_theirs() -> None:
    request, review = (ask(rule, finding_served="2026-11-19") for rule in ("us.cfi.review", "us.cfi.review@review"))
    assert (request.duty, review.duty) == ("ours", "watch")
    request, review = (
        ask("us.rfi.review", finding_served="2026-11-19"),
        ask("us.rfi.review@review", referral="2026-11-19"),
    )
    assert (request.duty, review.duty) == ("ours", "watch")


def test_the_annual_fee_is_looked_for_again_thirty_days_after_the_anniversary() -> None:
    assert ask("us.asylum.annual_fee.expected", asylum_application_filed="2025-11-03").reminder_days == (0, -30)


@pytest.mark.parametrize("years", [0, 51, -1])
def test_a_year_that_makes_no_sense_is_refused(years: int) -> None:
    filed = {"asylum_application_filed": day("2025-11-03")}
    with pytest.raises(rules.RuleError, match="takes 1 to 50 years"):
        rules.compute("us.asylum.annual_fee.expected", filed, rules.Options(years=years))


@pytest.mark.parametrize("ended", ["complete_nta_served", "listed_offense_committed"])
def test_ten_years_that_a_notice_or_an_offense_ended_give_no_date_and_say_why(ended: str) -> None:
    with pytest.raises(rules.RuleError) as refusal:
        ask(PRESENCE, continuous_presence_start="2015-03-10", **{ended: "2024-12-01"})
    assert "gives no date: the period ended on Sun 1 Dec 2024, before Mon 10 Mar 2025" in str(refusal.value)
    assert rules.event_meanings()[ended] in str(refusal.value)


def test_a_notice_without_a_hearing_date_or_after_the_ten_years_ends_nothing() -> None:
    incomplete = ask(PRESENCE, continuous_presence_start="2015-03-10", nta_served="2024-12-01")
    late = ask(PRESENCE, continuous_presence_start="2015-03-10", complete_nta_served="2025-03-11")
    assert incomplete.opens_on == late.opens_on == day("2025-03-10")


def test_a_leap_day_of_presence_shows_the_first_of_march_too() -> None:
    leap = ask(PRESENCE, continuous_presence_start="2016-02-29")
    assert [(other.position, other.due_on) for other in leap.others] == [("no_such_day", day("2026-03-01"))]


def test_an_arrival_before_the_bar_says_when_the_year_ended() -> None:
    assert (
        "The event is before Tue 1 Apr 1997: the period ran from that day and ended on Wed 1 Apr 1998. "
        "Exceptions are for the attorney."
    ) in english(ask("us.asylum.one_year", last_arrival="1995-11-16").warnings)
    assert "ended on" not in " ".join(english(ask("us.asylum.one_year", last_arrival="1997-04-01").warnings))


def test_a_trigger_before_the_texts_is_answered_with_a_warning_and_a_birth_without() -> None:
    said = "The texts of this rule were read for events from Tue 1 Apr 1997 on. Check which text applied before."
    assert said in english(ask("us.ca.pfr", order_final="1997-03-31").warnings)
    assert said not in english(ask("us.ca.pfr", order_final="1997-04-01").warnings)
    assert said not in english(ask("us.uscis.sij.21", birth_date="1980-05-05").warnings)


def test_the_mandate_shows_the_earliest_day_and_the_day_to_move_for_a_stay() -> None:
    mandate = ask("us.ca.mandate", judgment="2026-09-01")
    assert (mandate.opens_on, mandate.act_by, mandate.due_on) == (day("2026-10-23"), day("2026-09-21"), None)
    assert [(other.position, other.due_on) for other in mandate.others] == [("general", day("2026-09-22"))]
    assert english([mandate.steps[-1].sentence]) == (
        "Opens Fri 23 Oct 2026; no last day; internal deadline Mon 21 Sep 2026",
    )


def test_a_variant_has_a_weight_of_its_own() -> None:
    open_still = ask("us.uc.18", birth_date="2009-01-04")
    filed = ask("us.uc.18@filed", birth_date="2009-01-04")
    assert (open_still.severity, filed.severity) == ("fatal", "serious")
    assert open_still.reminder_days == (180, 90, 60, 30, 14, 7, 3, 1, 0)


def test_a_caution_of_a_variant_is_shown_with_it_alone() -> None:
    caution = "Only under Regulation 604/2013"
    absconding = ask("fr.dublin.caducite@fuite", transfer_accepted="2026-01-15")
    assert any(line.startswith(caution) for line in english(absconding.warnings))
    assert not any(
        line.startswith(caution) for line in english(ask("fr.dublin.caducite", transfer_accepted="2026-01-15").warnings)
    )


def test_eighteen_months_are_not_computed_under_the_new_regulation() -> None:
    assert ask("fr.dublin.caducite@fuite", transfer_accepted="2026-06-11").opens_on == day("2027-12-12")
    with pytest.raises(rules.RuleError, match="was not in force"):
        ask("fr.dublin.caducite@fuite", transfer_accepted="2026-06-12")


def test_four_days_of_detention_cannot_be_asked_for_once_hours_apply() -> None:
    with pytest.raises(rules.RuleError, match=r"position plain of fr\.retention\.jld was not in force"):
        ask("fr.retention.jld@plain", retention_notified="2025-11-11")
    chosen = rules.compute(
        "fr.retention.jld", {"retention_notified": dt.datetime(2026, 11, 26, 16, 40)}, rules.Options(position="plain")
    )
    assert chosen.due_on == day("2026-11-29")
    assert "The selected position plain was not in force on that day: the earliest is used." in english(chosen.warnings)


def test_the_removal_period_keeps_the_earlier_date_and_shows_the_later() -> None:
    review = ask(
        "us.detention.review90",
        order_final="2026-06-01",
        stay_ended_by_court="2026-08-03",
        released_from_other_custody="2026-09-01",
    )
    assert review.opens_on == day("2026-08-30")
    assert [(other.position, other.due_on) for other in review.others] == [
        ("court_order", day("2026-11-01")),
        ("other_custody", day("2026-11-30")),
    ]


def test_a_later_designation_of_the_lawyer_is_only_argued() -> None:
    aid = ask("fr.oqtf.recours.aj", aj_decision_notified="2026-09-14", lawyer_designated="2026-10-05")
    assert (aid.due_on, aid.act_by) == (day("2026-10-30"), day("2026-10-14"))
    # One month is Thu 5 Nov, a délai franc: Fri 6 Nov.
    assert [(other.position, other.due_on) for other in aid.others] == [("designation", day("2026-11-06"))]


def test_passport_and_i94_have_events_of_their_own_and_the_old_one_still_counts() -> None:
    passport, stay = rules.get_rule("us.passport.expiry"), rules.get_rule("us.i94.expiry")
    assert (passport.on[0], stay.on[0]) == ("passport_expiry", "i94_expiry")
    assert ask("us.i94.expiry", expiry="2026-12-31").due_on == ask("us.i94.expiry", i94_expiry="2026-12-31").due_on


def test_the_date_of_the_boards_decision_alone_gives_no_voluntary_departure() -> None:
    with pytest.raises(rules.RuleError, match="give the date on the paper as printed_date"):
        ask("us.vd.board", order="2026-11-02")


def test_what_was_not_read_does_not_ship() -> None:
    """Section 25: no I-829 window, re-parole, EOIR fee waiver cure, 42A or state age limit."""
    texts = " ".join(f"{rule.id} {rule.what} {rule.citation}" for rule in rules.list_rules())
    for absent in ("I-829", "parole again", "1003.24(d)", "42a", "240A(a)"):
        assert absent not in texts


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('chk = "k"', 'chk = "k"\nduty = "watch"', "a watch date says what its end lets us do: then"),
        ('chk = "k"', 'chk = "k"\nyearly = true', "a rule that recurs each year says its first year: years"),
        ('count = "+30d"', 'count = "+1y =fiscal"', "Expected `str` matching regex"),
    ],
)
def test_a_pack_that_leaves_out_half_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(rules.RuleError) as refusal:
        load_packs.read_pack(SMALL.replace(old, new, 1))
    assert said in str(refusal.value)
