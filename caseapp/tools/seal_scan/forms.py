"""Every byte pattern that a stored needle can have.

A pattern is cut to 64 bytes: that is enough to identify it. Digests are searched by their first 8 bytes, so that a
truncated one (a 16-byte token, an 8-byte locator) is found as well. Soundex and metaphone codes of 4 letters appear
in any few megabytes of ciphertext, so they are searched where they mean something: as a whole cell of a dump or a
quoted string, and hashed or keyed, which is how a phonetic index would store them. Metaphone codes from 6 letters are
searched anywhere.
"""

import base64
import hashlib
import hmac
import html
import json
import quopri
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.quoprimime import header_encode
from urllib.parse import quote, quote_plus

import jellyfish

from caseapp.tools.seal_scan.needles import MIN_PATTERN_LENGTH, Needle, texts_of, variants_of

MAX_PATTERN_LENGTH = 64  # bytes of a pattern
DIGEST_LENGTH = 8  # bytes of a digest that are searched for
CHARSETS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "latin-1")
DIGESTS = ("md5", "sha1", "sha256", "sha512")
# Borders of cells in a dump, of JSON and SQL strings: a short code only means something as a whole value.
VALUE_BORDERS = ((b"\t", b"\t"), (b"\t", b"\n"), (b"\n", b"\t"), (b'"', b'"'), (b"'", b"'"))


@dataclass(frozen=True, slots=True)
class Form:
    """The label of a pattern's needle, and how the needle is written: `part 2, upper, utf-16-le, base64+1`."""

    label: str
    name: str


def patterns_of(needles: Sequence[Needle], keys: Mapping[str, bytes]) -> dict[bytes, tuple[Form, ...]]:
    """Return all patterns of all needles, with their forms.

    keys  every server key by its name, for tags made with it

    One pattern may be the form of several needles, or several forms of one.
    """
    forms_by_pattern: dict[bytes, list[Form]] = {}
    for needle in needles:
        for name, pattern in forms_of(needle, keys):
            forms = forms_by_pattern.setdefault(pattern[:MAX_PATTERN_LENGTH], [])
            if len(pattern) >= MIN_PATTERN_LENGTH and (form := Form(needle.label, name)) not in forms:
                forms.append(form)
    return {pattern: tuple(forms) for pattern, forms in forms_by_pattern.items() if forms}


def forms_of(needle: Needle, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the names and patterns of a needle, not yet cut and with duplicates."""
    for which, text in texts_of(needle).items():
        written = {variant: text for variant, text in variants_of(text).items() if text}
        for variant, version in written.items():
            for name, pattern in _encoded_forms(version):
                yield f"{which}, {variant}, {name}", pattern
            for name, pattern in _digest_forms(version.encode(), keys):
                yield f"{which}, {variant}, {name}", pattern
        for name, pattern in _phonetic_forms(written.get("ascii", ""), keys):
            yield f"{which}, {name}", pattern


def in_charsets(text: str) -> dict[str, bytes]:
    """Return the text encoded in each charset that has all its letters."""
    encoded: dict[str, bytes] = {}
    for charset in CHARSETS:
        try:
            encoded[charset] = text.encode(charset)
        except UnicodeEncodeError:  # Latin-1 lacks a letter, so the text cannot be stored in it
            continue
    return encoded


def base64_at(plain: bytes, offset: int) -> bytes:
    """Return the base64 characters that depend on `plain` alone when `offset` (0 to 2) other bytes precede it."""
    coded = base64.b64encode(bytes(offset) + plain)
    return coded[(0, 2, 3)[offset] : (offset + len(plain)) * 8 // 6]


def _encoded_forms(text: str) -> Iterator[tuple[str, bytes]]:
    for charset, encoded in in_charsets(text).items():
        yield f"{charset}, raw", encoded
        yield from ((f"{charset}, {name}", pattern) for name, pattern in _binary_forms(encoded))
    for name, escaped in _escaped_forms(text).items():
        yield name, escaped
        if b"\\" in escaped:  # a COPY line, a JSON string in a JSON string
            yield f"{name}, escaped again", escaped.replace(b"\\", b"\\\\")


def _binary_forms(plain: bytes) -> Iterator[tuple[str, bytes]]:
    for offset in range(3):
        coded = base64_at(plain, offset)
        yield f"base64+{offset}", coded
        yield f"base64url+{offset}", coded.translate(bytes.maketrans(b"+/", b"-_"))
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()


def _escaped_forms(text: str) -> dict[str, bytes]:
    utf8 = text.encode()
    json_text = json.dumps(text)[1:-1]
    percent = quote(text, safe="")
    printable = quopri.encodestring(utf8, quotetabs=False).replace(b"=\n", b"")
    forms = {
        "percent": percent.encode(),
        "percent, lower": _lower_escapes(percent, "%").encode(),
        "percent, plus": quote_plus(text, safe="").encode(),
        "json": json_text.encode(),
        "json, upper": _upper_json(json_text).encode(),
        "quoted-printable": printable,
        "quoted-printable, underscores": printable.replace(b" ", b"_"),
        "quoted-printable header": header_encode(utf8)[len("=?iso-8859-1?q?") : -len("?=")].encode(),
        "repr": ascii(text)[1:-1].encode(),
        "repr of bytes": repr(utf8)[2:-1].encode(),
        "html": html.escape(text).encode(),
        "html, numeric": text.encode("ascii", "xmlcharrefreplace"),
        "html, hex": "".join(c if c.isascii() else f"&#x{ord(c):x};" for c in text).encode(),
        "octal": b"".join(b"%c" % byte if byte < 0x80 else b"\\%03o" % byte for byte in utf8),
    }
    # A text that lost its other letters is too short to mean anything: chance alone finds it in base64.
    if latin := in_charsets(text).get("latin-1"):
        forms["octal, latin-1"] = b"".join(b"%c" % byte if byte < 0x80 else b"\\%03o" % byte for byte in latin)
    return forms


def _lower_escapes(text: str, mark: str) -> str:
    head, *rest = text.split(mark)
    return head + "".join(f"{mark}{part[:2].lower()}{part[2:]}" for part in rest)


def _upper_json(text: str) -> str:
    head, *rest = text.split("\\u")
    return head + "".join(f"\\u{part[:4].upper()}{part[4:]}" for part in rest)


def _digest_forms(plain: bytes, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    digests = {name: hashlib.new(name, plain, usedforsecurity=False).digest() for name in DIGESTS}
    digests |= {f"hmac under {name}": hmac.digest(key, plain, "sha256") for name, key in keys.items()}
    for name, digest in digests.items():
        yield f"{name}, raw", digest[:DIGEST_LENGTH]
        for coding, pattern in _binary_forms(digest[:DIGEST_LENGTH]):
            yield f"{name}, {coding}", pattern


def _phonetic_forms(text: str, keys: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the phonetic codes of a text without digits, because all numbers sound alike."""
    if any(c.isdigit() for c in text):
        return
    for name, coder in (("soundex", jellyfish.soundex), ("metaphone", jellyfish.metaphone)):
        code = coder(text).strip() if text.isascii() and any(c.isalpha() for c in text) else ""
        if len(code) < 3:
            continue
        if len(code) > 5:
            yield name, code.encode()
        for before, after in VALUE_BORDERS:
            yield f"{name}, alone", before + code.encode() + after
        yield from ((f"{name}, {how}", pattern) for how, pattern in _digest_forms(code.encode(), keys))
