"""Plan rows (05), fire rows (08), addresses and log lines (09): kept vectors open for ever; damage raises."""

import datetime as dt
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseapp.reminders import queries
from caseapp.reminders.planning import plan
from caseapp.reminders.planning.plan import Series
from caseapp.reminders.sending import delivery_log
from caseapp.vault.core import operational, primitives
from caseapp.vault.errors import OpenFailed, UnknownFormat

VECTORS = Path(__file__).parents[1] / "vectors"
KEY = bytes(range(32))
ORG, ROW, MEMBER = UUID(int=0xA1), UUID(int=0xB2), UUID(int=0xC3)
MESSAGE = "<0123456789abcdef@list.invalid>"
DAYS = (dt.date(2026, 12, 7), dt.date(2026, 12, 14))
SERIES = Series(bytes(range(16)), MEMBER, DAYS, frozenset(DAYS[1:]))


def _fire() -> operational.ReminderDay:
    fire = operational.ReminderDay(MEMBER, DAYS[0].toordinal())
    fire.add_token(SERIES.token_for(DAYS[0]), urgent=True)
    return fire


SEALED: dict[str, Callable[[], bytes]] = {
    "plan": lambda: operational.seal_plan(KEY, ORG, ROW, plan.pack_plan([SERIES], [], [MESSAGE])),
    "fire": lambda: operational.seal_fire(KEY, ORG, ROW, _fire()),
    "setting": lambda: operational.seal_setting(KEY, ORG, MEMBER, b"address"),
    "logged": lambda: operational.seal_log_recipient(KEY, ORG, MESSAGE, MEMBER),
}
OPENED: dict[str, Callable[[bytes], object]] = {
    "plan": lambda sealed: plan.unpack_plan(operational.open_plan(KEY, ORG, ROW, sealed)),
    "fire": lambda sealed: _told(operational.open_fire(KEY, ORG, ROW, sealed)),
    "setting": lambda sealed: operational.open_setting(KEY, ORG, MEMBER, sealed),
    "logged": lambda sealed: operational.open_log_recipient(KEY, ORG, MESSAGE, sealed),
}
HOLDS: dict[str, object] = {
    "plan": plan.Plan([SERIES], [], [MESSAGE]),
    "fire": (MEMBER, DAYS[0].toordinal(), True, [SERIES.token_for(DAYS[0])]),
    "setting": b"address",
    "logged": MEMBER,
}
# The bytes before the ciphertext, by vault.md and operational.py: version, algorithm, (locator,) nonce.
LENGTHS = {
    "plan": 2 + 8 + 12 + 1024 + 16,
    "fire": 2 + 12 + 25 + 32 * 16 + 16,
    "setting": 2 + 12 + 512 + 16,
    "logged": 2 + 12 + 16 + 16,
}


def _told(fire: operational.ReminderDay) -> tuple[UUID, int, bool, list[bytes]]:
    return fire.member, fire.day, fire.urgent, fire.tokens[: fire.used]


def _kept(name: str) -> bytes:
    return bytes.fromhex(json.loads((VECTORS / f"{name}.json").read_text())["sealed"])


@pytest.mark.parametrize("name", SEALED)
def test_a_kept_vector_opens_to_what_it_held(name: str) -> None:
    assert OPENED[name](_kept(name)) == HOLDS[name]


def test_a_plan_from_before_looks_went_this_way_still_opens() -> None:
    assert OPENED["plan"](_kept("plan-before-looks")) == plan.Plan([SERIES], [], [])


@pytest.mark.parametrize("name", SEALED)
def test_the_same_inputs_and_nonces_give_the_kept_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = count()
    monkeypatch.setattr(primitives, "random_bytes", lambda length: bytes([next(drawn)]) * length)
    assert SEALED[name]() == _kept(name)


@pytest.mark.parametrize("name", SEALED)
def test_lengths_are_those_of_the_format(name: str) -> None:
    assert len(_kept(name)) == LENGTHS[name]


@pytest.mark.parametrize("name", SEALED)
def test_no_bit_can_be_flipped_unseen(name: str) -> None:
    sealed = _kept(name)
    # The locator of a plan only says which key to try; the key itself is checked by the tag.
    locator = range(2, 10) if name == "plan" else range(0)
    for place in {*range(min(len(sealed), 64)), len(sealed) - 1, len(sealed) // 2} - set(locator):
        for bit in range(8):
            damaged = bytearray(sealed)
            damaged[place] ^= 1 << bit
            with pytest.raises((OpenFailed, UnknownFormat)):
                OPENED[name](bytes(damaged))


@pytest.mark.parametrize("name", SEALED)
def test_nothing_cut_short_opens(name: str) -> None:
    sealed = _kept(name)
    for length in {0, 1, 2, 9, 10, 14, 29, 30, len(sealed) - 16, len(sealed) - 1}:
        with pytest.raises((OpenFailed, UnknownFormat)):
            OPENED[name](sealed[:length])


def test_nothing_opens_in_another_row_or_office() -> None:
    other = UUID(int=0xD4)
    for org, row in ((other, ROW), (ORG, other)):
        with pytest.raises(OpenFailed):
            operational.open_plan(KEY, org, row, _kept("plan"))
        with pytest.raises(OpenFailed):
            operational.open_fire(KEY, org, row, _kept("fire"))
        with pytest.raises(OpenFailed):
            operational.open_setting(KEY, org, MEMBER if row == ROW else row, _kept("setting"))
    with pytest.raises(OpenFailed):
        operational.open_log_recipient(KEY, ORG, "<another@list.invalid>", _kept("logged"))


def test_a_row_grows_by_thirty_two_places_at_a_time() -> None:
    fire = operational.ReminderDay(MEMBER, 1)
    sizes = []
    for number in range(65):
        fire.add_token(number.to_bytes(16, "big"), urgent=False)
        sizes.append(len(operational.seal_fire(KEY, ORG, ROW, fire)))
    assert sizes == [sizes[0]] * 32 + [sizes[0] + 512] * 32 + [sizes[0] + 1024]


def test_a_large_plan_grows_by_four_kilobytes_and_opens() -> None:
    content = b"x" * 1025
    sealed = operational.seal_plan(KEY, ORG, ROW, content)
    assert len(sealed) == 2 + 8 + 12 + 4096 + 16
    assert operational.open_plan(KEY, ORG, ROW, sealed) == content


@given(
    st.lists(st.dates(dt.date(2020, 1, 1), dt.date(2060, 1, 1)), max_size=90, unique=True),
    st.sets(st.integers(0, 89)),
)
def test_a_series_comes_out_of_a_plan_as_it_went_in(days: list[dt.date], urgent: set[int]) -> None:
    ordered = tuple(sorted(days))
    series = Series(b"s" * 16, MEMBER, ordered, frozenset(ordered[n] for n in urgent if n < len(ordered)))
    assert plan.unpack_plan(plan.pack_plan([series], [series])) == plan.Plan([series], [series], [])


def test_what_somebody_looked_at_looks_like_any_plan() -> None:
    days, kinds = (
        delivery_log.SEEN_WITHIN_DAYS + 3,
        len(delivery_log.MESSAGE_KINDS),
    )  # the most that one look can be about
    mids = [queries.message_id_of(ORG, MEMBER, DAYS[0] + dt.timedelta(days=n), f"{n}") for n in range(days * kinds)]
    content = plan.pack_plan([], [], mids)
    assert plan.unpack_plan(content).seen == mids
    assert len(operational.seal_plan(KEY, ORG, ROW, content)) == LENGTHS["plan"]


def test_tokens_of_two_members_days_or_seeds_differ() -> None:
    other_member = Series(SERIES.seed, ROW, DAYS, frozenset())
    other_seed = Series(bytes(16), MEMBER, DAYS, frozenset())
    tokens = {s.token_for(day) for s in (SERIES, other_member, other_seed) for day in DAYS}
    assert len(tokens) == 6
