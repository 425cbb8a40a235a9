"""What people paste into the boxes of pages: read where it means a number, else a sentence, never an error."""

import datetime as dt
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.urls import reverse

from caseapp.lib.setup_code import create_code, matches_code, read_code
from caseapp.records.hearing import Hearing
from caseapp.records.party import Party
from caseapp.ui.forms.clock_time import parse_clock_time
from caseapp.ui.forms.typed_dates import UnreadableDate, parse_typed_date
from caseapp.vault.core import onetime, recovery, shares
from tests.helpers import authenticator_app
from tests.helpers.two_offices import Worker, booking, boxes

TODAY = dt.date(2026, 11, 24)
RAISED = ["\u00b2", "1\u00b2", "\u2075", "\u2460", "\u00bd", "5\u00b2/11"]  # of a footnote, a list, a fraction


@pytest.mark.parametrize(
    "pasted",
    [
        "11\u20115\u20112026",  # dashes of Word, of a PDF, of a calculation
        "11\u20135\u20132026",
        "11\u22125\u22122026",
        "11\u20445\u20442026",  # slashes
        "11\u22155\u22152026",
        "11\uff0f5\uff0f2026",
        "\u200e11/5/2026",  # marks of direction
        "\u206711/5/2026\u2069",
        "11/5/2026\u200f",
        "١١/٥/٢٠٢٦",  # digits of other scripts
        "۱۱/۵/۲۰۲۶",
        "११/५/२०२६",
        "Nov\u00a05,\u202f2026",
        "2026\u201111\u201105",
    ],
)
def test_a_pasted_date_is_read(pasted: str) -> None:
    assert parse_typed_date(pasted, country="US", today=TODAY).on == dt.date(2026, 11, 5)


@pytest.mark.parametrize("pasted", [*RAISED, "11/5\u00b2/2026", "Nov \u2075 2026", "+\u00b3", "11/5/202\u2076"])
def test_a_raised_digit_is_no_part_of_a_date(pasted: str) -> None:
    with pytest.raises(UnreadableDate, match="unknown"):
        parse_typed_date(pasted, country="US", today=TODAY)


@pytest.mark.parametrize(
    ("pasted", "half", "read"),
    [
        ("8\u223630", "am", dt.time(8, 30)),
        ("８：３０", "am", dt.time(8, 30)),
        ("٨:٣٠", "am", dt.time(8, 30)),
        ("\u200e8:30", "am", dt.time(8, 30)),
        ("1:30\u00a0p.\u202fm.", "", dt.time(13, 30)),
        ("13\u00a0h\u00a030", "", dt.time(13, 30)),
        ("13 : 30", "", dt.time(13, 30)),
    ],
)
def test_a_pasted_hour_is_read(pasted: str, half: str, read: dt.time) -> None:
    assert parse_clock_time(pasted, half) == read


@pytest.mark.parametrize("pasted", ["8:3\u2070", "\u00b2", "\u2460", "8:30\u00b9"])
def test_a_raised_digit_is_no_part_of_an_hour(pasted: str) -> None:
    with pytest.raises(forms.ValidationError):
        parse_clock_time(pasted, "am")


def _as_pasted(code: str) -> list[str]:
    """One code in the ways in which programs and keyboards change it."""
    other_digits = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    dashed = "\u2011".join((code[:3], code[3:]))
    return [
        dashed,
        f"\u200e{code}\u200f",
        "\u00a0".join((code[:3], code[3:])),
        code.translate(other_digits),
        f"{code}\ufeff",
    ]


def test_a_pasted_sign_in_code_is_read() -> None:
    secret, now = onetime.new_secret(), 1_790_000_000
    code = authenticator_app.code_at(secret, now)
    for pasted in _as_pasted(code):
        assert onetime.find_time_step(secret, pasted, now, after=0) == now // onetime.STEP, ascii(pasted)
    for wrong in (f"{code}\u00b2", code[:5], f"{code}0", "\u00b2" * 6, ""):
        assert onetime.find_time_step(secret, wrong, now, after=0) is None


def test_a_pasted_recovery_code_is_read() -> None:
    code = recovery.new_recovery_code()
    for pasted in [*_as_pasted(code), code.replace("-", "\u2013"), code.replace("-", "\u2060"), code.lower()]:
        assert recovery.normalise_code(pasted) == code, ascii(pasted)
    with pytest.raises(recovery.BadCode):
        recovery.normalise_code(f"{code}\u00b2")


def test_a_pasted_set_up_code_is_read(tmp_path: Path) -> None:
    create_code(tmp_path)
    code = read_code(tmp_path) or ""
    for pasted in [*_as_pasted(code), code.replace("-", "\u2013"), code.upper()]:
        assert matches_code(tmp_path, pasted), ascii(pasted)
    assert not matches_code(tmp_path, f"{code}\u00b2")


def test_words_of_a_sheet_are_read_with_the_numbers_that_stand_before_them() -> None:
    [share, *_] = shares.split_secret(bytes(range(32)), 2, 3)
    words = share.split()
    for number in ("{}. ", "{}) ", "({}) ", "{}\u00a0", "{} \u2013 ", "\u200e{}.\u00a0"):
        typed = "\n".join(number.format(at) + word for at, word in enumerate(words, 1))
        assert shares.normalise_share(typed) == share, ascii(number)
    others = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    arabic = "\n".join(f"{at}. ".translate(others) + word for at, word in enumerate(words, 1))
    assert shares.normalise_share(arabic) == share
    broken = " ".join(f"{word[:2]}\u00ad{word[2:]}\u200b" for word in words)  # where a program may break a line
    assert shares.normalise_share(broken) == share


@pytest.mark.parametrize(
    "pasted", ["A000\u2011345\u2011678", "A000\u2013345\u2013678", "A000.345.678", "\u200eA٠٠٠٣٤٥٦٧٨"]
)
def test_a_new_case_takes_a_pasted_a_number_and_the_search_finds_it_as_pasted(attorney: Worker, pasted: str) -> None:
    sent = {"name": "Samira Haddad", "a_number": pasted, "stage": "intake"}
    response = attorney.client.post(reverse("cases:new"), sent)
    assert response.status_code == 303, response.content.decode()
    case_id = UUID(response["Location"].split("/")[2])
    assert attorney.file(case_id).get_only(Party).record.a_number == "000345678"
    found = attorney.client.post("/search/", {"text": pasted}, follow=True)
    assert found.redirect_chain == [(reverse("cases:case", args=[case_id]), 303)]
    assert b"Samira Haddad" in found.content


@pytest.mark.parametrize("raised", RAISED)
@pytest.mark.parametrize("part", ["day", "month", "year", "text"])
def test_a_raised_digit_in_a_box_of_a_date_is_a_mistake_with_a_sentence(
    attorney: Worker, case_id: UUID, part: str, raised: str
) -> None:
    sent = booking(**boxes("on", dt.date(2027, 3, 17)) | {f"on_{part}": raised})
    response = attorney.client.post(reverse("hearings:book", args=[case_id]), sent)
    assert response.status_code == 422
    assert not attorney.file(case_id).entries_of(Hearing)


def test_a_hearing_is_booked_with_pasted_digits(attorney: Worker, case_id: UUID) -> None:
    sent = booking(on_day="١٧", on_month="\u200e3", on_year="２０２７", at="８：３０")
    response = attorney.client.post(reverse("hearings:book", args=[case_id]), sent)
    assert response.status_code == 303, response.content.decode()
    [entry] = attorney.file(case_id).entries_of(Hearing)
    assert entry.record.starts_at.astimezone(ZoneInfo("America/New_York")).isoformat()[:16] == "2027-03-17T08:30"
