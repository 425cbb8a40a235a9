"""The bundle: what opens it, what does not, and what a changed row can do (nothing)."""

import unicodedata
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from caseapp.vault.core import bundle, recovery, wraps
from caseapp.vault.core.bundle import DEFAULT_KDF, PASSPHRASE, PRF, RECOVERY, Bundle, Kdf, WrongSecret
from caseapp.vault.core.keyring import GroupKey, Keyring
from caseapp.vault.core.recovery import code_bytes
from caseapp.vault.errors import OpenFailed, UnknownFormat

from .damage import damaged, flip, misshapen
from .scenes import CASE, CODE, GROUP, HALF, KEY, KEYRING, MEMBER, PEPPER
from .scenes import PASSPHRASE as WORDS

QUICK = Kdf(8, 1, 1)
HEADER = 25  # bytes before the first way in
WAY = 91


def new(passphrase: str = WORDS, keyring: Keyring = KEYRING) -> bytes:
    return bundle.new_bundle(
        keyring, member=MEMBER, bundle_key=KEY, passphrase=passphrase, pepper=PEPPER, shred_half=HALF, kdf=QUICK
    )


def parsed(blob: bytes) -> Bundle:
    return Bundle.parse(blob, MEMBER)


BLOB = parsed(new()).with_code(KEY, CODE, PEPPER, HALF)
BUNDLE = parsed(BLOB)


def test_the_passphrase_opens_the_keyring() -> None:
    key = BUNDLE.unlock_with_passphrase(WORDS, PEPPER, HALF)
    assert BUNDLE.open_keyring(key) == KEYRING


def test_the_recovery_code_opens_the_same_keyring_however_it_is_typed() -> None:
    typed = CODE.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert BUNDLE.open_keyring(BUNDLE.unlock_with_code(typed, PEPPER, HALF)) == KEYRING


@pytest.mark.parametrize("wrong", ["", WORDS + " ", WORDS[:-1], WORDS.upper(), WORDS + "\0", CODE])
def test_a_wrong_passphrase_is_told_from_nothing_else(wrong: str) -> None:
    with pytest.raises(WrongSecret):
        BUNDLE.unlock_with_passphrase(wrong, PEPPER, HALF)


@pytest.mark.parametrize(("pepper", "half"), [(HALF, PEPPER), (bytes(32), HALF), (PEPPER, bytes(32))])
def test_the_passphrase_alone_opens_nothing_without_pepper_and_shred_half(pepper: bytes, half: bytes) -> None:
    with pytest.raises(WrongSecret):
        BUNDLE.unlock_with_passphrase(WORDS, pepper, half)
    with pytest.raises(WrongSecret):
        BUNDLE.unlock_with_code(CODE, pepper, half)


def test_pepper_and_shred_half_cannot_trade_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        BUNDLE.unlock_with_passphrase(WORDS, PEPPER + HALF[:1], HALF[1:])


@pytest.mark.parametrize(
    "passphrase",
    [
        "a" * 80,
        "a" * 79 + "b",
        "with a space at the end ",
        "emoji 🌍🔑 and ñ",
        "مرحبا بالعالم",
        "漢字" * 50,
    ],
)
def test_every_character_of_a_passphrase_counts(passphrase: str) -> None:
    opened = parsed(new(passphrase))
    assert opened.unlock_with_passphrase(passphrase, PEPPER, HALF) == KEY
    with pytest.raises(WrongSecret):
        opened.unlock_with_passphrase(passphrase[:-1], PEPPER, HALF)


def test_the_same_letters_from_another_keyboard_open_it() -> None:
    composed, taken_apart = (unicodedata.normalize(form, "Zoë Müller of Łódź") for form in ("NFC", "NFD"))
    assert composed != taken_apart
    assert parsed(new(composed)).unlock_with_passphrase(taken_apart, PEPPER, HALF) == KEY


def test_the_default_cost_is_at_least_what_asvs_asks() -> None:
    assert DEFAULT_KDF.m_kib >= 46 * 1024
    assert DEFAULT_KDF.t >= 1
    made = bundle.new_bundle(KEYRING, member=MEMBER, bundle_key=KEY, passphrase=WORDS, pepper=PEPPER, shred_half=HALF)
    assert parsed(made).kdf == DEFAULT_KDF
    assert parsed(made).unlock_with_passphrase(WORDS, PEPPER, HALF) == KEY


@pytest.mark.parametrize(
    "cost", [(1024 * 1024 + 1, 1, 1), (64, 11, 1), (64, 0, 1), (7, 1, 1), (64, 1, 0), (64, 1, 9), (15, 1, 2)]
)
def test_a_cost_that_would_exhaust_the_machine_is_refused_before_any_work(cost: tuple[int, int, int]) -> None:
    m_kib, t, p = cost
    row = BLOB[:2] + m_kib.to_bytes(4, "big") + bytes([t, p]) + BLOB[8:]
    with pytest.raises(OpenFailed, match="bounds"):
        Bundle.parse(row, MEMBER)


def test_a_cheaper_cost_put_into_the_row_does_not_open() -> None:
    cheaper = Bundle.parse(BLOB[:2] + (16).to_bytes(4, "big") + BLOB[6:], MEMBER)
    with pytest.raises(WrongSecret):
        cheaper.unlock_with_passphrase(WORDS, PEPPER, HALF)
    with pytest.raises(OpenFailed):
        cheaper.open_keyring(KEY)


def test_every_flipped_bit_of_header_and_ways_in_is_refused() -> None:
    end = HEADER + 2 * WAY + 12
    for place in (*range(end * 8), *range((len(BLOB) - 20) * 8, len(BLOB) * 8)):
        with pytest.raises(OpenFailed):
            Bundle.parse(flip(BLOB, place), MEMBER).open_keyring(KEY)


def test_every_cut_or_lengthened_bundle_is_refused() -> None:
    for other in misshapen(BLOB):
        with pytest.raises(OpenFailed):
            Bundle.parse(other, MEMBER).open_keyring(KEY)


@given(damaged(BLOB))
@settings(deadline=None)
def test_damage_of_any_shape_is_refused(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        Bundle.parse(other, MEMBER).open_keyring(KEY)


@given(st.binary(max_size=5000) | st.binary(max_size=300).map(lambda tail: BLOB[:HEADER] + tail + bytes(4200)))
@settings(deadline=None)
def test_bytes_from_anywhere_raise_nothing_but_open_failed(other: bytes) -> None:
    with pytest.raises(OpenFailed):
        Bundle.parse(other, MEMBER).open_keyring(KEY)


@given(st.binary(max_size=250).map(lambda ways: ways + bytes(4400)))
@settings(deadline=None)
def test_ways_in_from_anywhere_do_not_unlock(noise: bytes) -> None:
    # A valid header and count with noise behind it reaches the wraps; small cost, because Argon2id runs.
    with pytest.raises(OpenFailed):
        Bundle.parse(BLOB[:HEADER] + noise, MEMBER).unlock_with_passphrase(WORDS, PEPPER, HALF)


def test_another_members_bundle_does_not_open() -> None:
    other = Bundle.parse(BLOB, CASE)
    with pytest.raises(WrongSecret):
        other.unlock_with_passphrase(WORDS, PEPPER, HALF)
    with pytest.raises(OpenFailed):
        other.open_keyring(KEY)


def test_an_old_way_in_cannot_be_put_back_into_a_newer_bundle() -> None:
    newer = BUNDLE.with_passphrase(KEY, "another six words of hers", PEPPER, HALF, kdf=QUICK)
    spliced = BLOB[: HEADER + WAY] + newer[HEADER + WAY :]
    key = parsed(spliced).unlock_with_passphrase(WORDS, PEPPER, HALF)
    with pytest.raises(OpenFailed):
        parsed(spliced).open_keyring(key)


def test_a_recovery_wrap_is_not_taken_for_a_passphrase_wrap() -> None:
    code_way = BLOB[HEADER + WAY + 1 : HEADER + 2 * WAY]
    swapped = BLOB[:HEADER] + bytes([PASSPHRASE]) + code_way + BLOB[HEADER + WAY :]
    # Its secret is the code's bytes, so even a passphrase that derived to them would miss the context.
    with pytest.raises(WrongSecret), patch.object(bundle, "derive", lambda *_: code_bytes(CODE)):
        parsed(swapped).unlock_with_passphrase(WORDS, PEPPER, HALF)


def test_a_new_passphrase_replaces_the_old_under_a_new_salt_and_keeps_the_code() -> None:
    changed = parsed(BUNDLE.with_passphrase(KEY, "another six words of hers", PEPPER, HALF, kdf=QUICK))
    assert changed.salt != BUNDLE.salt
    assert changed.unlock_with_passphrase("another six words of hers", PEPPER, HALF) == KEY
    assert changed.unlock_with_code(CODE, PEPPER, HALF) == KEY
    assert changed.open_keyring(KEY) == KEYRING
    with pytest.raises(WrongSecret):
        changed.unlock_with_passphrase(WORDS, PEPPER, HALF)


def test_a_new_code_replaces_the_old() -> None:
    fresh = recovery.new_recovery_code()
    changed = parsed(BUNDLE.with_code(KEY, fresh, PEPPER, HALF))
    assert changed.unlock_with_code(fresh, PEPPER, HALF) == KEY
    assert [way.kind for way in changed.wraps] == [PASSPHRASE, RECOVERY]
    with pytest.raises(WrongSecret):
        changed.unlock_with_code(CODE, PEPPER, HALF)


def test_a_way_in_can_be_taken_out() -> None:
    changed = parsed(BUNDLE.without_kind(KEY, RECOVERY))
    assert (changed.has_kind(PASSPHRASE), changed.has_kind(RECOVERY), changed.has_kind(PRF)) == (True, False, False)
    with pytest.raises(WrongSecret):
        changed.unlock_with_code(CODE, PEPPER, HALF)


def test_a_changed_keyring_is_sealed_under_the_same_ways_in() -> None:
    more = Keyring.decode(KEYRING.encode())
    more.groups = (*more.groups, GroupKey(group=CASE, epoch=1, key=HALF))
    changed = parsed(BUNDLE.with_keyring(KEY, more))
    assert changed.wraps == BUNDLE.wraps
    assert changed.open_keyring(changed.unlock_with_passphrase(WORDS, PEPPER, HALF)) == more


def test_a_bundle_is_not_resealed_under_a_key_that_is_not_its_own() -> None:
    with pytest.raises(OpenFailed):
        BUNDLE.with_keyring(HALF, KEYRING)
    with pytest.raises(OpenFailed):
        BUNDLE.with_passphrase(HALF, WORDS, PEPPER, HALF, kdf=QUICK)
    with pytest.raises(OpenFailed):
        BUNDLE.with_code(HALF, CODE, PEPPER, HALF)


def test_the_number_of_groups_does_not_show_in_the_length() -> None:
    group = GroupKey(group=GROUP, epoch=1, key=KEY)
    few, many = KEYRING, Keyring.decode(KEYRING.encode())
    many.groups = (group,) * 20
    assert len(new(keyring=few)) == len(new(keyring=many)) == HEADER + WAY + 12 + 4096 + 16


def test_an_unknown_account_costs_the_same_derivation_and_never_opens() -> None:
    with patch.object(bundle, "derive", wraps=bundle.derive) as derived:
        with pytest.raises(WrongSecret):
            bundle.fake_bundle(MEMBER, QUICK).unlock_with_passphrase(WORDS, PEPPER, HALF)
        with pytest.raises(WrongSecret):
            BUNDLE.unlock_with_passphrase("wrong words", PEPPER, HALF)
    unknown, known = (call.args[2] for call in derived.call_args_list)
    assert unknown == known == QUICK
    assert bundle.fake_bundle(MEMBER).kdf == DEFAULT_KDF


def test_the_pepper_of_each_way_in_is_known() -> None:
    changed = parsed(BUNDLE.with_passphrase(KEY, WORDS, PEPPER, HALF, kdf=QUICK, pepper_number=2))
    assert list(bundle.pepper_numbers(changed)) == [2, 1]


def test_an_unknown_format_is_named_as_such() -> None:
    for head in (b"\x02\x01", b"\x04\x01", b"\x03\x02"):
        with pytest.raises(UnknownFormat):
            Bundle.parse(head + BLOB[2:], MEMBER)


def test_a_bundle_and_its_keyring_do_not_print_keys() -> None:
    shown = repr(BUNDLE) + repr(KEYRING) + str(KEYRING) + repr(KEYRING.groups) + f"{KEYRING.groups[0]}"
    for secret in (KEY, KEYRING.hpke_private, KEYRING.sign_private, BUNDLE.salt):
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown


def test_a_keyring_of_a_newer_program_is_refused_rather_than_cut() -> None:
    newer = bytes([KEYRING.encode()[0] + 1]) + KEYRING.encode()[1:] + b"\xa3new\x01"
    with pytest.raises(UnknownFormat):
        Keyring.decode(newer)


@given(st.binary(max_size=200))
@example(b"\x81\xa3\x00\x00\x80")  # a field's name that is no UTF-8
@settings(deadline=None)
def test_a_keyring_reads_or_raises_unknown_format(content: bytes) -> None:
    with pytest.raises(UnknownFormat):
        Keyring.decode(content)


def test_subkeys_of_a_group_differ_from_each_other_and_with_the_shred_half() -> None:
    group = KEYRING.groups[0]
    keys = [group.wrap_key(), group.wrap_key(HALF), group.index_key(), group.roster_key(), group.key]
    assert len(set(keys)) == len(keys)


def test_a_wrap_in_a_bundle_has_the_length_of_any_wrap() -> None:
    assert all(len(way.blob) == wraps.WRAP_LENGTH for way in BUNDLE.wraps)
