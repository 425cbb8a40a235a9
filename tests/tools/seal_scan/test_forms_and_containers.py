"""Every form of a text is found wherever it stands: at any offset, across the borders of pieces, in any container."""

import base64
import gzip
import io
import os
import sys
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseapp.tools.seal_scan import containers
from caseapp.tools.seal_scan.containers import MAX_DEPTH, READ_SIZE
from caseapp.tools.seal_scan.controls import Controls, join_controls
from caseapp.tools.seal_scan.forms import MAX_PATTERN_LENGTH, Form, forms_of, patterns_of
from caseapp.tools.seal_scan.matching import Matcher
from caseapp.tools.seal_scan.needles import Needle, NeedleRefused, read_needles, texts_of
from caseapp.tools.seal_scan.tally import Tally
from caseapp.tools.seal_scan.toast import decompress_lz4_block, decompress_pglz

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLAIN = "Oyelaran Ṣàngó-Biðið"
KEYS = {"operational.key": b"\x07" * 32}


def tally_for(*texts: str, engine: str | None = None) -> Tally:
    needles = [Needle(f"n{number}", text) for number, text in enumerate(texts)]
    return Tally("store", Matcher(patterns_of(needles, KEYS), engine=engine), frozenset())


def is_found(haystack: bytes, *, piece: int = READ_SIZE) -> bool:
    tally = tally_for(PLAIN)
    stream = tally.open_stream("place")
    for start in range(0, len(haystack), piece):
        stream.feed(haystack[start : start + piece])
    stream.close()
    return tally.leak_count > 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=6, max_size=30),
    st.data(),
)
def test_every_form_of_any_text_is_found_at_any_offset(text: str, draw: st.DataObject) -> None:
    needle = Needle("n0", text)
    tally = tally_for(text)
    forms = [
        (name, form[:MAX_PATTERN_LENGTH])
        for name, form in forms_of(needle, KEYS)
        if len(form[:MAX_PATTERN_LENGTH]) >= 5
    ]
    offset = draw.draw(st.integers(0, 3 * MAX_PATTERN_LENGTH))
    for name, pattern in forms:
        found = list(tally.matcher.find_matches(b"\x01" * offset + pattern + b"\x01"))
        assert (offset, pattern) in found
        assert Form("n0", name) in tally.matcher.patterns[pattern]


@pytest.mark.parametrize("engine", ["aho-corasick", "re"])
def test_whole_encoded_texts_made_without_our_code_are_found_in_every_form(engine: str) -> None:
    controls = Controls(KEYS)
    tally = Tally("store", Matcher(patterns_of(controls.needles, KEYS), engine=engine), controls.labels)
    tally.search_bytes("place", join_controls(controls.planted))
    assert controls.missed_forms(tally.seen) == []


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "utf-32-be"])
@pytest.mark.parametrize("before", range(0, 80, 7))
def test_a_needle_across_the_border_of_two_pieces_is_found_once(before: int, charset: str) -> None:
    tally = tally_for("Xiomara")
    stream = tally.open_stream("place")
    needle = "Xiomara".encode(charset)
    whole = b"\x01" * (READ_SIZE - before) + needle + b"\x01" * 100
    for piece in (whole[:READ_SIZE], whole[READ_SIZE:]):
        stream.feed(piece)
    stream.close()
    assert [leak.offset for leak in tally.leaks] == [READ_SIZE - before]


def test_a_needle_between_empty_pieces_is_found() -> None:
    needle = PLAIN.encode("utf-16-le")
    assert is_found(bytes(READ_SIZE) + needle + bytes(2 * READ_SIZE))
    assert is_found(bytes(READ_SIZE - len(needle) + 1) + needle + bytes(2 * READ_SIZE))


@pytest.mark.parametrize("piece", [1, 3, 17, 4096])
def test_containers_that_arrive_in_pieces_are_opened(piece: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"-" * 500 + PLAIN.encode() + b"-" * 500)
    noise = b"\x01\x02" * 40
    for container in (packed.getvalue(), zlib.compress(PLAIN.encode() * 9), gzip.compress(PLAIN.encode() * 9)):
        for coded in (container, container.hex().encode(), base64.b64encode(container)):
            assert is_found(noise + coded + noise, piece=piece)


def test_a_cut_zlib_stream_gives_what_it_still_holds() -> None:
    packed = zlib.compress(PLAIN.encode() + os.urandom(5000))
    assert is_found(packed[:3000])


def test_containers_deeper_than_the_bound_are_told_and_not_passed_over() -> None:
    packed = os.urandom(100) + PLAIN.encode()
    for _ in range(MAX_DEPTH + 1):
        packed = gzip.compress(packed)
    tally = tally_for(PLAIN)
    tally.search_bytes("place", packed)
    assert "containers in each other" in tally.skipped[0]


def test_an_encrypted_zip_member_is_told() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"-" * 500)
    locked = bytearray(packed.getvalue())
    locked[6] |= 1
    tally = tally_for(PLAIN)
    tally.search_bytes("place", bytes(locked))
    assert "encrypted" in tally.skipped[0]


@pytest.mark.parametrize("signature", [b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18\x64", b"\x1f\x8b\x08"])
def test_a_signature_that_came_about_by_chance_in_ciphertext_is_not_told(signature: bytes) -> None:
    tally = tally_for(PLAIN)
    tally.search_bytes("place", b"".join(signature + os.urandom(400) for _ in range(3000)))
    assert (tally.leak_count, tally.skipped) == (0, [])


def test_zstd_is_opened_also_inside_a_row_and_cut_off() -> None:
    packed = zstd.compress(PLAIN.encode() + os.urandom(300_000))
    assert is_found(packed)
    assert is_found(os.urandom(100) + packed[:200_000])
    assert is_found(gzip.compress(zstd.compress(PLAIN.encode())))


def test_nine_digits_inside_ciphertext_in_hex_are_no_leak_but_beside_it_they_are() -> None:
    tally = tally_for("A000-417-593")
    tally.search_bytes("place", b"\\x" + b"deadbeef" * 9 + b"000417593" + b"cafe" * 9)
    assert (tally.leak_count, tally.coincidences > 0) == (0, True)
    tally.search_bytes("place", b"\\x" + b"deadbeef" * 9 + b"\t000417593\n")
    assert tally.leak_count > 0


def test_ciphertext_is_not_taken_for_a_needle() -> None:
    tally = tally_for(PLAIN, "A000-417-593", "李小明")
    tally.search_bytes("place", os.urandom(2_000_000))
    assert (tally.leak_count, tally.skipped) == (0, [])


def test_pglz_and_lz4_streams_are_read_and_cut_ones_give_what_came_before() -> None:
    # Worked by hand: eight literals, then a copy of 6 bytes from 4 back.
    stream = b"\x00abcdefgh" + b"\x01\x03\x04"
    assert decompress_pglz(stream, 14) == b"abcdefghefghef"
    assert decompress_pglz(stream[:5], 14) == b"abcd"
    block = b"\x42abcd\x04\x00" + b"\x30xyz"
    assert decompress_lz4_block(block, 100) == b"abcdabcdabxyz"
    assert decompress_lz4_block(block[:6], 100) == b"abcd"


def test_a_long_text_is_found_by_a_piece_of_it() -> None:
    note = "She walked for nineteen days along the river with two children and a blue suitcase, and then waited."
    tally = tally_for(note)
    tally.search_bytes("place", note[20:75].encode())
    assert tally.leak_count > 0


def test_names_have_parts_and_sentences_do_not() -> None:
    assert texts_of(Needle("line-1", "Oyelaran Sango"))["part 1"] == "Oyelaran"
    assert "part 1" not in texts_of(Needle("note", "the river was wide"))
    assert texts_of(Needle("a", "A000-417-593"))["digits"] == "000417593"


def test_a_needle_that_is_too_short_is_refused_by_its_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "needles"
    path.write_text("# comment\nname: Li\n")
    with pytest.raises(NeedleRefused) as refused:
        read_needles(path)
    assert str(refused.value) == "line 2: a needle has at least 5 bytes"


def test_the_same_bytes_are_searched_once_and_found_in_every_location() -> None:
    first = tally_for("Ìfẹ́olúwa Ṣàngó-Biðið")
    second = Tally("other", first.matcher, frozenset(), first.known)
    content = "before Ìfẹ́olúwa Ṣàngó-Biðið after".encode()
    first.search_bytes("one", content)
    first.search_bytes("two", content)
    second.search_bytes("three", content)
    places = [(leak.store, leak.place) for leak in first.leaks + second.leaks]
    assert list(dict.fromkeys(places)) == [("store", "one"), ("store", "two"), ("other", "three")]
    assert [leak.offset for leak in first.leaks[: len(second.leaks)]] == [leak.offset for leak in second.leaks]
    assert (first.leak_count, first.scanned, len(first.known)) == (2 * second.leak_count, 2 * len(content), 1)


def test_a_copy_with_one_byte_less_is_searched_itself() -> None:
    controls = Controls(KEYS)
    tally = Tally("store", Matcher(patterns_of(controls.needles, KEYS)), controls.labels)
    whole = join_controls(controls.planted)
    tally.search_bytes("whole", whole)
    tally.search_bytes("cut", whole[: len(whole) // 2])
    assert controls.missed_forms(tally.seen_in["whole"]) == []
    assert controls.missed_forms(tally.seen_in["cut"]) != []


WRAPPERS: dict[str, Callable[[bytes], bytes]] = {
    "hex": lambda plain: plain.hex().encode(),
    "base64": base64.b64encode,
    "gzip": gzip.compress,
    "folded": base64.encodebytes,
    "beside": lambda plain: b" " * 12 + plain + b"\n",
}


@cache
def _two_needles() -> Matcher:
    return tally_for("Xochiquetzalli", "Zinaida Petrosyan").matcher


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.tuples(
            st.one_of(st.binary(max_size=90), st.just(b"Xochiquetzalli"), st.just(b"Zinaida Petrosyan")),
            st.lists(st.sampled_from(sorted(WRAPPERS)), max_size=4),
        ),
        max_size=6,
    )
)
def test_short_runs_searched_without_a_stream_hold_what_a_stream_finds(
    monkeypatch: pytest.MonkeyPatch, parts: list[tuple[bytes, list[str]]]
) -> None:
    matcher = _two_needles()
    content = b""
    for plain, wrappers in parts:
        for name in wrappers:
            plain = WRAPPERS[name](plain)
        content += plain + b"|"

    def found(longest: int) -> tuple[list[object], int]:
        with monkeypatch.context() as patch:
            patch.setattr(containers, "MAX_SHORT", longest)
            tally = Tally("store", matcher, frozenset())
            tally.search_bytes("here", content)
        return sorted(tally.leaks, key=repr), tally.coincidences

    assert found(containers.MAX_SHORT) == found(-1)
