"""How the mailbox is read: each notice counts once, other people's mail stays unread, and no log says a word of it."""

import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection

from caseapp.reminders import queries
from caseapp.reminders.bounces import handle, imap
from caseapp.reminders.models import Delivery
from caseapp.reminders.recipients import Recipient
from caseapp.reminders.sending import delivery_log, dispatch, preferences
from caseapp.vault.tenancy import office_transaction
from tests.helpers.smtp import Box
from tests.reminders import notices
from tests.reminders.cast import (
    ANA,
    MONDAY,
    ORG,
    Move,
    admit,
    by_text,
    log_lines,
    mail_of,
    plan_days,
    read_bounces,
    send_due,
    ways_of,
)
from tests.reminders.gateway import Gateway
from tests.reminders.mailbox import Returned
from tests.reminders.notices import ID

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = b"From: a@b.test\nSubject: Lunch on Friday\nContent-Type: text/plain\n\nAre you coming?\n"


def test_a_forged_notice_about_a_message_nobody_sent_changes_nothing(box: Box, back: Returned, at: Move) -> None:
    admit()
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.postfix(ID, mail_of(ANA)), notices.gmail("<1@list.invalid>", mail_of(ANA)))
    assert read_bounces() == 0
    assert (ways_of(ANA).state, log_lines()) == ("new", [("reminder", "email", "sent")])
    assert back.flags() == ["", ""], "and it stays where it is"


def test_the_same_notice_twice_changes_nothing_the_second_time(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    notice = notices.about(box)
    back.put(notice, notice)
    assert read_bounces() == 1
    at(MONDAY, 9)
    with office_transaction(ORG):
        preferences.set_email(ORG, ANA, email="ana@elsewhere.test")
    assert send_due() == 1
    before = log_lines()
    back.put(notice)
    assert read_bounces() == 0
    assert (ways_of(ANA).state, log_lines()) == ("new", before)
    assert send_due() == 0
    assert back.flags() == []


def test_a_crash_before_the_mail_is_removed_changes_nothing_more(
    box: Box, back: Returned, phone: Gateway, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box))
    with monkeypatch.context() as patched:
        patched.setattr(imap.Mailbox, "delete", lambda self, number: (_ for _ in ()).throw(ConnectionResetError()))
        assert read_bounces() == 0
    assert ways_of(ANA).state == "refused"
    assert back.flags() == [""]
    assert send_due() == 1
    assert read_bounces() == 0
    assert back.flags() == []
    assert [send_due(), len(phone.texts())] == [0, 1]


def test_a_crash_in_the_middle_of_the_transaction_changes_nothing_at_all(
    box: Box, back: Returned, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box))

    def dies(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(handle, "_mark_days_unsent", dies)
        with pytest.raises(DatabaseError):
            read_bounces()
    assert (ways_of(ANA).state, log_lines()) == ("new", [("reminder", "email", "sent")])
    assert read_bounces() == 1
    assert ways_of(ANA).state == "refused"


def test_a_notice_faster_than_our_own_mark_is_looked_at_again(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    at(MONDAY, 8)
    reached = Recipient(ORG, ANA, ways_of(ANA))
    mid = queries.message_id(reached, MONDAY, "reminder")
    back.put(notices.postfix(mid, mail_of(ANA)))
    assert read_bounces() == 0
    with office_transaction(ORG):
        queries.write_line(dispatch.log_line(reached, "reminder", mid, "email"))
    assert read_bounces() == 1


def test_more_mail_than_one_run_looks_at_is_seen_to_in_the_next(
    box: Box, back: Returned, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handle, "AT_ONCE", 2)
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(*[notices.postfix(ID, mail_of(ANA))] * 5, notices.about(box))
    assert [read_bounces(), read_bounces(), read_bounces(), read_bounces()] == [0, 0, 1, 0]
    assert back.flags() == [""] * 5


def test_other_peoples_mail_stays_where_it_is_and_unread(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(OTHERS, notices.exchange("<77@elsewhere.test>", "x@y.test"))
    back.put(OTHERS, flags=r"(\Deleted)")
    back.put(notices.about(box), OTHERS)
    assert read_bounces() == 1
    assert read_bounces() == 0
    assert back.flags() == ["", "", r"\Deleted", ""], "ours alone is gone, nothing else is read or removed"


def test_a_notice_somebody_has_already_opened_counts_all_the_same(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box), flags=r"(\Seen)")
    assert read_bounces() == 1


def test_a_mail_too_large_for_a_notice_is_left_alone(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box) + b"x" * imap.MAX_MESSAGE_BYTES)
    assert read_bounces() == 0
    assert (ways_of(ANA).state, back.flags()) == ("new", [""])


def test_nothing_of_a_mail_reaches_a_log(box: Box, back: Returned, at: Move, said: Callable[[], str]) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    mid = str(box.letters[0]["Message-ID"])
    garbled = notices.about(box).replace(b"Action:", b"Acti\xff\xfe\x00on:")
    back.put(notices.about(box), OTHERS, garbled, notices.gmail(ID, "x@y.test"))
    assert read_bounces() == 1
    send_due()
    assert "bounces.returned" in said()
    assert str(ANA) not in said()
    ours = (mail_of(ANA), "office.test", mid, mid[1:20], "Check your list")
    for needle in (*ours, "Lunch", "elsewhere", "user unknown"):
        assert needle not in said()


def test_the_log_keeps_that_it_came_back_and_names_nobody_in_clear(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    mid = str(box.letters[0]["Message-ID"])
    back.put(notices.about(box))
    read_bounces()
    with office_transaction(ORG):
        line = Delivery.objects.get(state="bounced")
        assert line.message_id != mid
        assert [one.member_id for one in delivery_log.entries_of(ORG, state="bounced")] == [ANA]
    assert ANA.bytes not in bytes(line.sealed)


def test_two_who_read_the_same_notice_at_once_are_as_one(box: Box, back: Returned, phone: Gateway, at: Move) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(notices.about(box))
    start, found = threading.Barrier(2), list[int]()

    def look() -> None:
        start.wait()
        found.append(read_bounces())
        connection.close()

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sum(found) == 1
    assert [send_due(), send_due()] == [1, 0]
    assert sorted(log_lines()) == [("reminder", "email", "bounced"), ("reminder", "text", "sent")]
