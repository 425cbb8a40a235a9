"""What a mail server took and sent back later nobody has read: the person hears by another way, or others do.

Against a real IMAP server, with notices in the shapes that mail servers give them.
"""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from msgspec.structs import replace

from caseapp.cli.testing import acting_as
from caseapp.lib import clock
from caseapp.lib.errors import Refused
from caseapp.reminders import bounces, channels, choosing, claims, handing_over, heartbeat, mailbox, sent, watchdog
from caseapp.reminders.channels import Away, Reached, Way, Ways
from caseapp.reminders.models import Delivery, Fire
from caseapp.vault.tenancy import office
from tests.post import Box
from tests.reminders import notices as written
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


@pytest.mark.parametrize("shape", sorted(written.SHAPES))
def test_what_came_back_is_told_by_the_next_address_the_same_morning_and_once(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    assert ways_of(ANA).state == "new"
    back.put(written.about(box, shape=shape))
    at(MONDAY, 8, 5)
    assert read_bounces() == 1
    assert (ways_of(ANA).state, ways_of(ANA).state_on) == ("refused", MONDAY)
    assert back.flags() == [], "it is done with and gone"
    at(MONDAY, 8, 6)
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]
    assert log_lines() == [("reminder", "email", "bounced"), ("reminder", "text", "sent")]
    at(MONDAY + DAY, 8)
    assert [read_bounces(), send_due()] == [0, 0]
    assert len(box.letters) == 1


def test_a_server_that_gave_up_after_days_of_trying_came_back_too(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box, status="4.4.1"))
    assert read_bounces() == 1
    assert send_due() == 1
    assert phone.texts() == ["Please check your list today."]


@pytest.mark.parametrize(
    ("shape", "action", "status"),
    [
        *((shape, "delayed", "4.4.7") for shape in sorted(written.SHAPES)),
        ("Postfix", "delayed", "5.1.1"), ("Postfix", "relayed", "2.1.9"),
        ("Gmail", "failed", "5"), ("Exchange", "failed", "50.1.1"),
    ],
)  # fmt: skip
def test_a_notice_of_a_delay_changes_nothing(
    box: Box, back: Returned, phone: Gateway, at: Move, shape: str, action: str, status: str
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box, shape=shape, action=action, status=status))
    assert read_bounces() == 0
    assert ways_of(ANA).state == "new"
    assert log_lines() == [("reminder", "email", "sent")]
    assert send_due() == 0


def test_a_forged_notice_about_a_message_nobody_sent_changes_nothing(box: Box, back: Returned, at: Move) -> None:
    admit()
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.postfix(ID, mail_of(ANA)), written.gmail("<1@list.invalid>", mail_of(ANA)))
    assert read_bounces() == 0
    assert (ways_of(ANA).state, log_lines()) == ("new", [("reminder", "email", "sent")])
    assert back.flags() == ["", ""], "and it stays where it is"


def test_whom_nothing_else_reaches_supervisors_hear_of_once_a_day_and_the_dead_mailbox_gets_no_more(
    box: Box, back: Returned, at: Move
) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    back.put(written.about(box))
    at(MONDAY, 8, 5)
    assert read_bounces() == 1
    for hour in (8, 9, 12, 18):
        at(MONDAY, hour, 6)
        assert [read_bounces(), send_due()] == [0, 0]
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]
    assert box.subjects()[1] == "A message did not arrive"
    with office(ORG):
        assert [line.member_id for line in sent.log_of(ORG, state="stuck")] == [ANA]
    assert "unreached" in heartbeat.seen()
    for number in range(1, 8):
        for hour in (7, 8, 9, 15):
            at(MONDAY + number * DAY, hour)
            assert [read_bounces(), send_due()] == [0, 0]
    assert addressees(box) == [mail_of(ANA), *[mail_of(BEN)] * 8], "as long as her day waits, once each day"
    assert ways_of(ANA).state == "refused"


def test_another_address_gets_what_was_owed(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box))
    read_bounces()
    send_due()
    with office(ORG):
        choosing.set_mail(ORG, ANA, email="ana@elsewhere.test")
    assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("new", False)
    at(MONDAY, 10)
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(ANA), "ana@elsewhere.test"]


def test_what_comes_back_to_the_former_address_leaves_the_new_one_alone(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    at(MONDAY, 9)
    with office(ORG):
        choosing.set_mail(ORG, ANA, email="ana@elsewhere.test")
    back.put(written.about(box))
    at(MONDAY, 9, 5)
    assert read_bounces() == 1
    assert ways_of(ANA).state == "new"
    assert [send_due(), send_due()] == [1, 0]
    assert addressees(box) == [mail_of(ANA), "ana@elsewhere.test"]


def test_try_again_tries_once_and_what_comes_back_again_ends_it(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    for minute in (0, 10):
        at(MONDAY, 8, minute)
        assert send_due() == 1
        back.put(written.about(box) + f"{minute}\n".encode())
        assert read_bounces() == 1
        assert send_due() == 0
        with acting_as("web"), office(ORG):
            sent.try_again(ORG, ANA)
    at(MONDAY, 8, 20)
    assert send_due() == 1
    assert ways_of(ANA).state == "works", "until it comes back"
    assert addressees(box) == [mail_of(ANA)] * 3


def test_a_test_that_arrives_makes_the_address_one_that_works(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    at(MONDAY, 8)
    with office(ORG):
        choosing.test(ORG, ANA, number=0)
    back.put(written.about(box))
    assert read_bounces() == 1
    assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("refused", True)
    at(MONDAY, 9)
    with office(ORG):
        choosing.test(ORG, ANA, number=0)
    assert (ways_of(ANA).state, ways_of(ANA).came_back) == ("works", False)


def test_a_notice_days_later_still_wakes_the_day_it_was_about(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    for number in range(1, 6):
        at(MONDAY + number * DAY, 8)
        assert send_due() == 0
    back.put(written.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert len(phone.texts()) == 1


def test_a_notice_about_a_day_that_was_caught_up_long_after_still_wakes_it(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY - DAY, 8)
    assert send_due() == 0
    for number in range(12, 18):
        at(MONDAY + number * DAY, 8)
        assert send_due() == (number == 12)
    back.put(written.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]


def test_the_day_is_the_members_own_where_it_is_another_than_the_logs(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(zone="Asia/Tokyo", others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY - DAY, 23)
    assert send_due() == 1
    back.put(written.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]


def test_many_dead_mailboxes_keep_nobody_else_from_being_reminded(box: Box, back: Returned, at: Move) -> None:
    people = [UUID(int=0x100 + number) for number in range(6)]
    for member in people:
        admit(member)
        plan_days(member, MONDAY, MONDAY + DAY)
    at(MONDAY, 8)
    assert send_due() == 6
    dead = {str(letter["To"]) for letter in box.letters[:5]}
    back.put(*(written.about(box, number) for number in range(5)))
    assert read_bounces() == 5
    at(MONDAY + DAY, 8)
    assert send_due() == 1
    assert {mail_of(member) for member in people} - dead == {addressees(box)[-1]}


def test_the_days_of_whom_somebody_stood_in_for_are_owed_again_too(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(ANA, away=Away(first=MONDAY, last=MONDAY, stand_in=BEN))
    admit(BEN, others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    assert send_due() == 1
    back.put(written.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]


def test_days_that_another_message_settled_stay_settled(box: Box, back: Returned, phone: Gateway, at: Move) -> None:
    admit(ANA, others=by_text(phone))
    admit(BEN)
    for member in (ANA, BEN):
        plan_days(member, MONDAY, MONDAY + DAY)
    for number in range(2):
        at(MONDAY + number * DAY, 8)
        assert send_due() == 2
    lost = next(n for n, letter in enumerate(box.letters) if n > 1 and letter["To"] == mail_of(ANA))
    back.put(written.about(box, lost))
    read_bounces()
    with office(ORG):
        assert Fire.objects.filter(sent_on=None).count() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert phone.texts() == ["Please check your list today."]


def test_the_urgent_message_of_a_day_that_came_back_is_said_again(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    plan_days(ANA, MONDAY, urgent=True)
    at(MONDAY, 9)
    assert send_due() == 1
    back.put(written.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert len(phone.texts()) == 1


def test_a_message_of_a_day_without_items_comes_again_by_the_next_address(
    box: Box, back: Returned, phone: Gateway, at: Move
) -> None:
    admit(others=by_text(phone), level="constant")
    at(MONDAY, 8)
    assert send_due() == 1
    back.put(written.about(box))
    assert read_bounces() == 1
    assert [send_due(), send_due()] == [1, 0]
    assert len(phone.texts()) == 1


def test_the_same_notice_twice_changes_nothing_the_second_time(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    notice = written.about(box)
    back.put(notice, notice)
    assert read_bounces() == 1
    at(MONDAY, 9)
    with office(ORG):
        choosing.set_mail(ORG, ANA, email="ana@elsewhere.test")
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
    back.put(written.about(box))
    with monkeypatch.context() as patched:
        patched.setattr(mailbox.Mailbox, "delete", lambda self, number: (_ for _ in ()).throw(ConnectionResetError()))
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
    back.put(written.about(box))

    def dies(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(bounces, "_unsend", dies)
        with pytest.raises(DatabaseError):
            read_bounces()
    assert (ways_of(ANA).state, log_lines()) == ("new", [("reminder", "email", "sent")])
    assert read_bounces() == 1
    assert ways_of(ANA).state == "refused"


def test_a_notice_faster_than_our_own_mark_is_looked_at_again(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    at(MONDAY, 8)
    reached = Reached(ORG, ANA, ways_of(ANA))
    mid = claims.message_id(reached, MONDAY, "reminder")
    back.put(written.postfix(mid, mail_of(ANA)))
    assert read_bounces() == 0
    with office(ORG):
        claims.write_line(handing_over.line(reached, "reminder", mid, "email"))
    assert read_bounces() == 1


def test_more_mail_than_one_run_looks_at_is_seen_to_in_the_next(
    box: Box, back: Returned, at: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounces, "AT_ONCE", 2)
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(*[written.postfix(ID, mail_of(ANA))] * 5, written.about(box))
    assert [read_bounces(), read_bounces(), read_bounces(), read_bounces()] == [0, 0, 1, 0]
    assert back.flags() == [""] * 5


def test_other_peoples_mail_stays_where_it_is_and_unread(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(OTHERS, written.exchange("<77@elsewhere.test>", "x@y.test"))
    back.put(OTHERS, flags=r"(\Deleted)")
    back.put(written.about(box), OTHERS)
    assert read_bounces() == 1
    assert read_bounces() == 0
    assert back.flags() == ["", "", r"\Deleted", ""], "ours alone is gone, nothing else is read or removed"


def test_a_notice_somebody_has_already_opened_counts_all_the_same(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box), flags=r"(\Seen)")
    assert read_bounces() == 1


def test_a_mail_too_large_for_a_notice_is_left_alone(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box) + b"x" * mailbox.LARGEST)
    assert read_bounces() == 0
    assert (ways_of(ANA).state, back.flags()) == ("new", [""])


def test_a_self_test_that_came_back_is_no_sign_that_mail_works(box: Box, back: Returned, at: Move) -> None:
    admit(EVA, admin=True)
    admit(BEN, supervisor=True)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert watchdog.self_test() == 1
    assert "self-test" not in watchdog.status().late
    back.put(written.about(box))
    at(MONDAY, 8, 5)
    assert read_bounces() == 1
    assert "self-test" in watchdog.status().late
    assert log_lines() == [("self-test", "email", "bounced")]
    with acting_as("clock"):
        assert [watchdog.self_test(), watchdog.self_test()] == [0, 0], "no loop"
    with office(ORG):
        assert watchdog.is_silent(ORG), "Today says so"
        choosing.set_mail(ORG, EVA, email="eva@elsewhere.test")
    with acting_as("clock"):
        assert watchdog.self_test() == 1
    assert "self-test" not in watchdog.status().late


def test_one_admin_whose_self_test_came_back_is_told_of_to_the_others(box: Box, back: Returned, at: Move) -> None:
    for member in (BEN, EVA):
        admit(member, admin=True)
    at(MONDAY, 8)
    with acting_as("clock"):
        assert watchdog.self_test() == 2
        watchdog.tell_missing()
    number = addressees(box).index(mail_of(EVA))
    back.put(written.about(box, number))
    assert read_bounces() == 1
    assert "self-test" not in watchdog.status().late, "the way itself works"
    with acting_as("clock"):
        watchdog.tell_missing()
        watchdog.tell_missing()
    assert addressees(box)[2:] == [mail_of(BEN)]
    assert box.subjects()[2] == "Reminders may not be going out"


def test_a_supervisor_who_cannot_be_told_leaves_it_to_the_admins(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    admit(BEN, supervisor=True)
    admit(EVA, admin=True)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box))
    read_bounces()
    send_due()
    assert addressees(box) == [mail_of(ANA), mail_of(BEN)]
    back.put(written.about(box))
    assert read_bounces() == 1
    assert ways_of(BEN).state == "refused"
    at(MONDAY, 10)
    send_due()
    assert addressees(box) == [mail_of(ANA), mail_of(BEN), mail_of(EVA)]


def test_whoever_was_removed_meanwhile_is_left_alone(box: Box, back: Returned, at: Move) -> None:
    from caseapp.reminders import carriers

    for member in (ANA, BEN):
        admit(member)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    with office(ORG):
        carriers.redirect(ORG, ANA, BEN)
    back.put(written.about(box))
    assert read_bounces() == 1
    assert ways_of(ANA).all == ()
    assert ways_of(BEN).state == "new"


def test_nothing_of_a_mail_reaches_a_log(box: Box, back: Returned, at: Move, said: Callable[[], str]) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    mid = str(box.letters[0]["Message-ID"])
    garbled = written.about(box).replace(b"Action:", b"Acti\xff\xfe\x00on:")
    back.put(written.about(box), OTHERS, garbled, written.gmail(ID, "x@y.test"))
    assert read_bounces() == 1
    send_due()
    assert f"a message to member {ANA} came back" in said()
    ours = (mail_of(ANA), "office.test", mid, mid[1:20], "Check your list")
    for needle in (*ours, "Lunch", "elsewhere", "user unknown"):
        assert needle not in said()


def test_the_members_row_still_has_one_size_and_an_address_with_text_is_still_refused(at: Move) -> None:
    plain = Ways(address="a@b.test")
    full = replace(plain, came_back=True, since=clock.now(), state="refused", state_on=MONDAY)
    assert len(channels.sealed(ORG, ANA, plain)) == len(channels.sealed(ORG, ANA, full))
    with pytest.raises(Refused):
        channels.sealed(ORG, ANA, replace(plain, others=(Way(kind="text", address="x" * 2100),)))


def test_the_log_keeps_that_it_came_back_and_names_nobody_in_clear(box: Box, back: Returned, at: Move) -> None:
    admit(ANA)
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    mid = str(box.letters[0]["Message-ID"])
    back.put(written.about(box))
    read_bounces()
    with office(ORG):
        line = Delivery.objects.get(state="bounced")
        assert line.message_id != mid
        assert [one.member_id for one in sent.log_of(ORG, state="bounced")] == [ANA]
    assert ANA.bytes not in bytes(line.sealed)


def test_two_who_read_the_same_notice_at_once_are_as_one(box: Box, back: Returned, phone: Gateway, at: Move) -> None:
    admit(others=by_text(phone))
    plan_days(ANA, MONDAY)
    at(MONDAY, 8)
    send_due()
    back.put(written.about(box))
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
