"""What a member chose: quiet hours, a digest, and who hears while they are away."""

import pytest

from caseapp.reminders import recipients
from caseapp.reminders.recipients import Absence, Recipient, RecipientSettings
from tests.helpers.smtp import Box
from tests.reminders.cast import ANA, BEN, DAY, EVA, MONDAY, ORG, Move, addressees, admit, mail_of, plan_days, send_due

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_not_urgent_waits_for_the_end_of_the_quiet_hours(box: Box, at: Move) -> None:
    admit(quiet=(17 * 60, 9 * 60 + 30))
    plan_days(ANA, MONDAY)
    at(MONDAY, 9, 29)
    assert send_due() == 0
    at(MONDAY, 9, 30)
    assert send_due() == 1
    at(MONDAY + DAY, 18)
    plan_days(ANA, MONDAY + DAY)
    assert send_due() == 0
    at(MONDAY + 2 * DAY, 10)
    assert send_due() == 1


def test_what_is_urgent_comes_in_quiet_hours_too_but_never_before_seven(box: Box, at: Move) -> None:
    admit(quiet=(17 * 60, 9 * 60 + 30))
    plan_days(ANA, MONDAY, urgent=True)
    at(MONDAY, 6, 59)
    assert send_due() == 0
    at(MONDAY, 7)
    assert send_due() == 1


def test_a_digest_gathers_what_is_not_urgent_for_two_days_at_most(box: Box, at: Move) -> None:
    wednesday = MONDAY + 2 * DAY
    admit(digest=wednesday.weekday())
    sent = []
    plan_days(ANA, MONDAY + DAY, MONDAY + 5 * DAY, MONDAY + 6 * DAY)
    for number in range(14):
        at(MONDAY + number * DAY, 8)
        sent += [MONDAY + number * DAY] * send_due()
    # Tuesday's waits for Wednesday; Saturday's and Sunday's for Monday (two days); the next Wednesday always comes.
    assert sent == [wednesday, MONDAY + 7 * DAY, wednesday + 7 * DAY]
    plan_days(ANA, MONDAY + 14 * DAY, urgent=True)
    at(MONDAY + 14 * DAY, 8)
    assert send_due() == 1, "urgent does not wait"


def test_while_somebody_is_away_the_stand_in_hears_once_for_both(box: Box, at: Move) -> None:
    admit(ANA, away=Absence(first=MONDAY, last=MONDAY + DAY, stand_in=BEN))
    admit(BEN)
    plan_days(ANA, MONDAY, MONDAY + 2 * DAY)
    plan_days(BEN, MONDAY)
    at(MONDAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN)]
    at(MONDAY + 2 * DAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN), mail_of(ANA)]


def test_a_stand_in_who_is_away_too_passes_it_on_and_a_ring_ends_with_an_admin(box: Box, at: Move) -> None:
    admit(ANA, away=Absence(first=MONDAY, last=MONDAY, stand_in=BEN))
    admit(BEN, away=Absence(first=MONDAY, last=MONDAY, stand_in=ANA))
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(EVA)]


def test_an_office_whose_only_member_is_away_with_nobody_there_is_told_all_the_same(box: Box, at: Move) -> None:
    admit(ANA, away=Absence(first=MONDAY, last=MONDAY, stand_in=BEN))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(ANA)]


def test_the_heir_of_somebody_present_is_they_themselves() -> None:
    people = {ANA: Recipient(ORG, ANA, RecipientSettings(address="a@b.test"))}
    assert recipients.receiver_for(people, ANA, MONDAY) == ANA
