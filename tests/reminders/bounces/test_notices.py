"""The reader of notices: what each mail server writes is understood, and nothing else passes for one about ours."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.reminders.bounces import bounce_report
from caseapp.reminders.bounces.bounce_report import NotABounceReport
from tests.reminders import notices as written
from tests.reminders.notices import ID


@pytest.mark.parametrize("shape", sorted(written.SHAPES))
def test_a_notice_is_read_in_each_servers_shape(shape: str) -> None:
    told = bounce_report.parse_report(written.SHAPES[shape](ID, "ana@office.test"))
    assert (told.message_id, told.is_permanent) == (ID, True)
    assert bounce_report.may_be_report(written.SHAPES[shape](ID, "ana@office.test").partition(b"\n\n")[0])


@pytest.mark.parametrize(
    "changed",
    [
        lambda mail: mail.replace(b"report-type=delivery-status", b"report-type=disposition-notification"),
        lambda mail: mail.replace(b"@list.invalid", b"@list.invalid.test"),
        lambda mail: mail.replace(b"multipart/report", b"multipart/mixed"),
        lambda mail: mail.replace(b"Message-ID:\n <0a", b"Message-ID:\n <0A"),
        lambda mail: mail.replace(b"Message-ID:\n <0a0a", b"X-Message-ID:\n <0a0a"),
        lambda mail: mail.replace(b"Message-ID:\n", b"Message-ID: <" + b"0b" * 20 + b"@list.invalid>\nMessage-ID:\n"),
    ],
)
def test_what_only_resembles_a_notice_about_ours_is_none(changed: Callable[[bytes], bytes]) -> None:
    mail = written.postfix(ID, "ana@office.test")
    assert changed(mail) != mail
    with pytest.raises(NotABounceReport):
        bounce_report.parse_report(changed(mail))


def test_a_notice_inside_a_returned_message_is_somebody_elses() -> None:
    inner = written.exchange(ID, "ana@office.test").decode()
    outer = written.postfix("<1@elsewhere.test>", "x@y.test").decode().replace("Please sign in as usual.\n", inner)
    with pytest.raises(NotABounceReport):
        bounce_report.parse_report(outer.encode())


_PIECES = st.sampled_from(
    [line for shape in written.SHAPES.values() for line in shape(ID, "a@b.test").splitlines(True)]
)


@given(st.one_of(st.binary(max_size=400), st.lists(_PIECES | st.binary(max_size=9), max_size=60).map(b"".join)))
def test_no_mail_however_malformed_breaks_the_reader_or_passes_without_our_id(mail: bytes) -> None:
    bounce_report.may_be_report(mail)
    try:
        told = bounce_report.parse_report(mail)
    except NotABounceReport:
        return
    assert told.message_id == ID
    assert ID.encode() in mail


@given(st.sampled_from(sorted(written.SHAPES)), st.data())
def test_a_notice_with_any_bytes_changed_names_our_message_or_none(shape: str, drawn: st.DataObject) -> None:
    mail = bytearray(written.SHAPES[shape](ID, "ana@office.test"))
    for _ in range(drawn.draw(st.integers(1, 6))):
        place = drawn.draw(st.integers(0, len(mail) - 1))
        mail[place : place + drawn.draw(st.integers(0, 40))] = drawn.draw(st.binary(max_size=12))
        if not mail:
            return
    try:
        told = bounce_report.parse_report(bytes(mail))
    except NotABounceReport:
        return
    assert told.message_id.encode() in bytes(mail)


def test_a_report_nested_a_thousand_deep_is_refused_and_not_a_crash() -> None:
    head = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n'
    with pytest.raises(NotABounceReport):
        bounce_report.parse_report(head + b"Content-Type: message/rfc822\n\n" * 5000)
