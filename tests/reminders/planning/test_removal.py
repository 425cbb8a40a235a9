"""Whoever leaves the office: their days go to who takes over, or to all admins, and their addresses are gone."""

from uuid import UUID

import pytest
from django.db import transaction

from caseapp.lib.errors import Refused
from caseapp.reminders.planning import reassignment
from caseapp.tools.pytest_plugin import acting_as
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders.cast import (
    ANA,
    BEN,
    DAY,
    EVA,
    MONDAY,
    ORG,
    Move,
    addressees,
    admit,
    holds,
    mail_of,
    merge,
    plan_days,
    send_due,
    ways_of,
    write_plan,
)

pytestmark = pytest.mark.django_db(transaction=True)


def _redirect(member: UUID, to: UUID | None = None) -> int:
    with acting_as("web"), office_transaction(ORG):
        return reassignment.redirect_member(ORG, member, to)


def test_removal_moves_every_coming_day_to_the_colleague_and_forgets_the_address(box: Box, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    both = plan_days(ANA, MONDAY, MONDAY + 400 * DAY)
    bens = plan_days(BEN, MONDAY)
    assert _redirect(ANA, BEN) == 2
    assert holds(both, MONDAY, member=BEN)
    assert holds(bens, MONDAY, member=BEN)
    assert holds(both, MONDAY + 400 * DAY, member=BEN)
    assert not holds(both, MONDAY, member=ANA)
    assert ways_of(ANA).addresses == ()
    at(MONDAY, 8)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN)]


def test_a_day_that_waited_for_weeks_is_sent_to_the_colleague_who_takes_over(box: Box, at: Move) -> None:
    """Their mailbox refused everything for a month, or an older backup was restored and they had left since."""
    for member in (ANA, BEN):
        admit(member)
    waited = plan_days(ANA, MONDAY)
    at(MONDAY - DAY, 8)
    assert send_due() == 0, "both are checked up to this day"
    at(MONDAY + 30 * DAY, 8)
    box.refuse_to = {mail_of(ANA)}
    assert send_due() == 0
    assert _redirect(ANA, BEN) == 1
    assert holds(waited, MONDAY, member=BEN)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(BEN)]


def test_removal_without_a_successor_tells_every_admin(box: Box, at: Move) -> None:
    admit(ANA)
    for member in (BEN, EVA):
        admit(member, admin=True)
    plan_days(ANA, MONDAY)
    assert _redirect(ANA) == 1
    at(MONDAY, 8)
    assert send_due() == 2
    assert sorted(addressees(box)) == [mail_of(BEN), mail_of(EVA)]


def test_what_is_planned_or_withdrawn_for_a_removed_member_later_follows(box: Box, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    before = plan_days(ANA, MONDAY)
    _redirect(ANA, BEN)
    later = plan_days(ANA, MONDAY + DAY)
    assert holds(later, MONDAY + DAY, member=BEN)
    write_plan([], [before])
    merge()
    assert not holds(before, MONDAY, member=BEN)


def test_a_removal_that_is_undone_moves_nothing(box: Box, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    series = plan_days(ANA, MONDAY)
    with office_transaction(ORG):
        assert reassignment.redirect_member(ORG, ANA, BEN) == 1
        transaction.set_rollback(True)
    assert holds(series, MONDAY, member=ANA)
    assert ways_of(ANA).address == mail_of(ANA)


def test_nobody_is_removed_while_nobody_takes_over(at: Move) -> None:
    admit(ANA)
    for to in (None, BEN, ANA):
        with pytest.raises(Refused), office_transaction(ORG):
            reassignment.redirect_member(ORG, ANA, to)


def test_days_already_told_move_nowhere_and_today_is_told_again_to_who_takes_over(box: Box, at: Move) -> None:
    for member in (ANA, BEN):
        admit(member)
    plan_days(ANA, MONDAY, MONDAY + DAY)
    plan_days(BEN, MONDAY + DAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert _redirect(ANA, BEN) == 1
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]
