"""Controls: random needles planted in every store and every form. A scan that misses one proves nothing.

The planted bytes do not come from `forms.py`: the standard library encodes a longer text around the control, so that a
pattern that is computed wrongly is missed and reported. Labels: `name-control-latin` (Latin-1 letters),
`name-control-wide` (Cyrillic and Chinese), `control-number` (nine digits). The name of a table (`KNOWN_TABLE`) must be
found too, in the dump and in the raw files, which shows that they belong to a real database.
"""

import base64
import bz2
import gzip
import hashlib
import hmac
import html
import io
import json
import lzma
import quopri
import random
import secrets
import textwrap
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header

import jellyfish

from caseapp.tools.seal_scan.forms import MAX_PATTERN_LENGTH, forms_of, in_charsets
from caseapp.tools.seal_scan.needles import MIN_PATTERN_LENGTH, Needle, texts_of, variants_of

KNOWN_TABLE = b"vault_record"
OPERATIONAL = "operational"  # label of what is normal in most stores: a table's name, a key of the server
SEPARATOR = b"\x00\x17\x00"  # between forms: no letter, digit or quote, so that two forms never merge
ROW_LENGTH = 1500  # bytes of a database row
LATIN = "àâçéèêëîïôöùûüÿñßøåæ"
CYRILLIC = "бгджзилпфцшщэюя"
HAN = "鹤麟曦霖墨凛岚澜璃雁"


@dataclass(frozen=True, slots=True)
class PlantedControl:
    """Bytes to plant as one row, key or part of a file, and what must be seen then: label, form, containers."""

    name: str
    parts: tuple[bytes, ...]
    expected: frozenset[tuple[str, str, tuple[str, ...]]]


def join_controls(planted: Iterable["PlantedControl"]) -> bytes:
    """Return all parts as the bytes of one file."""
    return SEPARATOR.join(part for control in planted for part in (b"", *control.parts, b""))


def split_in_rows(planted: "PlantedControl") -> Iterator[bytes]:
    """Yield the parts as rows that fit in a database page: TOAST would cut longer values, and forms with them."""
    row = SEPARATOR
    for part in planted.parts:
        if len(row) + len(part) > ROW_LENGTH and len(row) > len(SEPARATOR):
            yield row
            row = SEPARATOR
        row += part + SEPARATOR
    yield row


class Controls:
    """The controls of one scan. Each scan has new ones, so that it cannot find what another left in a log."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self.keys = keys
        self.run = secrets.token_hex(4)
        self.latin = Needle("name-control-latin", f"{_random_word(LATIN)} {_random_word(LATIN)}".title())
        self.wide = Needle("name-control-wide", f"{_random_word(CYRILLIC, 9).title()} {_random_word(HAN, 6)}")
        self.number = Needle("control-number", f"A000{secrets.randbelow(900_000) + 100_000}")
        self.log = Needle("control-log", f"control {_random_word('bcdfghjklmnpqrstvwxz', 20)}")
        self.query = Needle("control-query", f"control {_random_word('bcdfghjklmnpqrstvwxz', 20)}")
        self.needles = [self.latin, self.wide, self.number, self.log, self.query]
        self.planted = [*self._plan_forms(), *self._plan_containers()]
        self._expected = [sight for planted in self.planted for sight in sorted(planted.expected)]
        self._expected_set = frozenset(self._expected)

    @property
    def labels(self) -> frozenset[str]:
        """Return the labels that are controls, not leaks."""
        return frozenset(needle.label for needle in self.needles) | {OPERATIONAL}

    def missed_forms(self, seen: Iterable[tuple[str, str, tuple[str, ...]]]) -> list[str]:
        """Return what was planted and not seen, as sentences that name the form. `seen`: label, form, containers."""
        seen = seen if isinstance(seen, AbstractSet) else frozenset(seen)
        if seen >= self._expected_set:
            return []
        seen_in: dict[tuple[str, str], set[tuple[str, ...]]] = {}
        for label, form, via in seen:
            seen_in.setdefault((label, form), set()).add(via)
        missed = []
        for label, form, via in self._expected:
            containers = seen_in.get((label, form), ())
            if via and not any(around[-len(via) :] == via for around in containers):
                missed.append(f"{label} in {' > '.join(via)}")
            elif not via and not containers:
                missed.append(f"{label} as {form}")
        return missed

    def _plan_forms(self) -> Iterator[PlantedControl]:
        for needle in (self.latin, self.wide, self.number):
            names = {
                name
                for name, pattern in forms_of(needle, self.keys)
                if len(pattern[:MAX_PATTERN_LENGTH]) >= MIN_PATTERN_LENGTH
            }
            for which, text in texts_of(needle).items():
                wanted = {name for name in names if name.startswith(f"{which}, ")}
                encoded = dict(_every_form(which, text, self.keys))
                yield PlantedControl(
                    f"{needle.label}, {which}",
                    tuple(encoded.values()),
                    frozenset((needle.label, name, ()) for name in wanted),
                )

    def _plan_containers(self) -> Iterator[PlantedControl]:
        form = "whole, typed, utf-8, raw"
        plain = b"before " * 9 + self.latin.text.encode() + b" after" * 9
        for via, packed in _packed_in_containers(plain):
            yield PlantedControl(" > ".join(via), (packed,), frozenset({(self.latin.label, form, via)}))


def _every_form(which: str, text: str, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for variant, version in variants_of(text).items():
        for charset, encoded in in_charsets(version).items():
            yield f"{which}, {variant}, {charset}, raw", b"<" + encoded + b">"
            yield from ((f"{which}, {variant}, {charset}, {how}", coded) for how, coded in _binary_codings(encoded))
        for how, escaped in _escaped_texts(version).items():
            yield f"{which}, {variant}, {how}", escaped
            yield f"{which}, {variant}, {how}, escaped again", escaped.replace(b"\\", b"\\\\")
        yield from ((f"{which}, {variant}, {how}", tag) for how, tag in _digest_codings(version.encode(), keys))
    yield from ((f"{which}, {how}", code) for how, code in _phonetic_codings(variants_of(text)["ascii"], keys))


def _binary_codings(plain: bytes) -> Iterator[tuple[str, bytes]]:
    for offset in range(3):
        around = b"<<"[:offset] + plain + b">>>"
        yield f"base64+{offset}", base64.b64encode(around)
        yield f"base64url+{offset}", base64.urlsafe_b64encode(around)
    yield "hex", (b"<" + plain + b">").hex().encode()
    yield "HEX", base64.b16encode(b"<" + plain + b">")


def _escaped_texts(text: str) -> dict[str, bytes]:
    utf8 = text.encode()
    escapes = [
        f"\\u{int.from_bytes(text.encode('utf-16-be')[i : i + 2], 'big'):04X}" for i in range(0, 2 * len(text), 2)
    ]
    percent = urllib.parse.urlencode({"q": text}, quote_via=urllib.parse.quote, safe="")
    return {
        "percent": percent.encode(),
        "percent, lower": b"".join(
            bytes([b]) if (chr(b).isalnum() and b < 128) or b in b"_.-~" else b"%%%02x" % b for b in utf8
        ),
        "percent, plus": urllib.parse.urlencode({"q": text}).encode(),
        "json": json.dumps({"q": text}).encode(),
        "json, upper": "".join(c if c.isascii() else e for c, e in zip(text, escapes, strict=True)).encode(),
        "quoted-printable": quopri.encodestring(b"q: " + utf8),
        "quoted-printable, underscores": quopri.encodestring(b"q" + utf8, header=True),
        "quoted-printable header": Header(text, _q_encoding(), maxlinelen=10_000).encode().encode(),
        "repr": f"{text!a}".encode(),
        "repr of bytes": f"{utf8!r}".encode(),
        "html": f"<p>{html.escape(text)}</p>".encode(),
        "html, numeric": "".join(c if c.isascii() else f"&#{ord(c)};" for c in text).encode(),
        "html, hex": "".join(c if c.isascii() else f"&#{hex(ord(c))[1:]};" for c in text).encode(),
        "octal": "".join(chr(b) if b < 128 else f"\\{b:o}" for b in utf8).encode(),
        "octal, latin-1": "".join(c if c.isascii() else f"\\{ord(c):o}" for c in text if ord(c) < 256).encode(),
    }


def _q_encoding() -> Charset:
    charset = Charset("utf-8")
    charset.header_encoding = QP  # otherwise the shorter one is taken, which may be base64
    return charset


def _digest_codings(plain: bytes, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    digests = {
        "md5": hashlib.md5(plain, usedforsecurity=False).digest(),
        "sha1": hashlib.sha1(plain, usedforsecurity=False).digest(),
        "sha256": hashlib.sha256(plain).digest(),
        "sha512": hashlib.sha512(plain).digest(),
    }
    digests |= {f"hmac under {name}": hmac.new(key, plain, hashlib.sha256).digest() for name, key in keys.items()}
    for name, tag in digests.items():
        yield f"{name}, raw", tag
        # A tag is at the start of its own text, or after a few bytes of a longer one.
        yield from ((f"{name}, {how}", coded) for how, coded in _binary_codings(tag))


def _phonetic_codings(text: str, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    for name, code in (("soundex", jellyfish.soundex(text)), ("metaphone", jellyfish.metaphone(text).strip())):
        plain = code.encode()
        yield name, b" " + plain + b" "
        yield f"{name}, alone", b"\t" + plain + b"\t"
        yield from ((f"{name}, {how}", tag) for how, tag in _digest_codings(plain, keys))


def _packed_in_containers(plain: bytes) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Yield a text in each container, and in nested containers."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:t>" + plain + b"</w:t>")
    both = io.BytesIO()
    with zipfile.ZipFile(both, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.gz", gzip.compress(plain))
    flate = zlib.compress(b"BT (" + plain + b") Tj ET")
    pdf = b"%%PDF-1.7\n4 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(flate), flate)
    mail = textwrap.fill(base64.b64encode(gzip.compress(plain + secrets.token_bytes(60))).decode(), 76)
    yield ("gzip",), gzip.compress(plain)
    yield ("zlib",), b"".join(zlib.compress(plain, level) for level in (1, 5, 6, 9))
    yield ("zip",), packed.getvalue()
    yield ("zip", "gzip"), both.getvalue()
    yield ("zlib",), pdf
    yield ("bzip2",), bz2.compress(plain)
    yield ("xz",), lzma.compress(plain)
    yield ("lz4",), _lz4_frame(plain)
    yield ("hex",), plain.hex().encode()
    yield ("hex", "zlib"), zlib.compress(plain).hex().encode()
    yield ("base64",), base64.b64encode(plain)
    yield ("base64", "gzip"), b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(gzip.compress(plain))
    yield ("unfolded", "base64", "gzip"), b"MIME: base64\n\n" + mail.encode() + b"\n"
    yield ("unfolded",), quopri.encodestring(b"x" * 45 + plain + b"y" * 45)


def packed_texts(controls: Controls) -> tuple[str, str]:
    """Return texts that PostgreSQL packs: one that then fits in its row (with the Latin name), one for TOAST."""
    words = [_random_word("abcdefghijklmnopqrstuvwxyz", 6) for _ in range(300)]
    drawn = [random.SystemRandom().choice(words) for _ in range(6000)]
    middle = len(drawn) * 3 // 4
    return (
        " ".join([*words[:20] * 20, controls.latin.text, *words[:20] * 20]),
        " ".join([*drawn[:middle], controls.wide.text, *drawn[middle:]]),
    )


def _lz4_frame(plain: bytes) -> bytes:
    """Return an LZ4 frame with one block of literals: valid, though it saves no bytes."""
    extra = len(plain) - 15
    block = b"\xf0" + b"\xff" * (extra // 255) + bytes([extra % 255]) + plain
    return b"\x04\x22\x4d\x18\x60\x40\x82" + len(block).to_bytes(4, "little") + block + bytes(4)


def _random_word(letters: str, length: int = 7) -> str:
    return "".join(random.SystemRandom().choice(letters) for _ in range(length))
