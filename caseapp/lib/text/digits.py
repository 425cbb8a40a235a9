"""The one reading of text that means digits: A-Numbers, telephone numbers, dates, hours, codes, as people paste them.

Programs put other dashes, spaces and invisible marks of direction around digits, and keyboards write the digits of
other scripts. The reader of each kind of number sees only plain digits, dashes and spaces.
"""

import unicodedata

# Signs that mean the same as a sign of a keyboard and are of another kind in Unicode's table.
_SAME_SIGNS = {
    **dict.fromkeys("\u2212\u02d7\u2043\u30fc", "-"),  # minus, modifier minus, bullet, long vowel
    **dict.fromkeys("\u2044\u2215\u060d", "/"),  # fraction and division slash, the Arabic sign in dates
    **dict.fromkeys("\u2236\ua789\u02d0", ":"),  # ratio, modifier colon, triangular colon
    **dict.fromkeys("\u2024\u00b7\u2219\u22c5\u3002\uff61\u066b\u30fb", "."),  # leader, middle and operator dots
    **dict.fromkeys("\u060c\u3001\u066c", ","),  # Arabic and Chinese commas
    **dict.fromkeys("\u2019\u02bc\u2032", "'"),
    "\u20e3": "",  # the frame around a digit of an emoji
}
_FULL_WIDTH = range(0xFF01, 0xFF5F)  # the keyboard's signs as wide as a Chinese character
_FULL_WIDTH_SHIFT = 0xFF01 - ord("!")


def normalise_digits(text: str) -> str:
    """Return the text with digits 0-9, plain dashes, points and spaces, and without invisible marks.

    Digits of every script become 0-9. A raised or framed digit is a note or an ornament, not a digit: it stays what it
    is, and every reader refuses it.
    """
    return "".join(map(_normalise_sign, text)).strip()


def has_only_plain_digits(text: str) -> bool:
    """Return whether the text is one or more of the digits 0-9, so that `int` reads it."""
    return text.isascii() and text.isdecimal()


def read_page_number(text: str) -> int:
    """Return the page that an address asks for; the first one for anything but a number of five digits at most."""
    return max(1, int(text)) if has_only_plain_digits(text) and len(text) < 6 else 1


def _normalise_sign(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return sign
    if (same := _SAME_SIGNS.get(sign)) is not None:
        return same
    if (value := unicodedata.decimal(sign, None)) is not None:
        return str(value)
    if ord(sign) in _FULL_WIDTH:
        return chr(ord(sign) - _FULL_WIDTH_SHIFT)
    category = unicodedata.category(sign)
    if sign.isspace() or category[0] == "Z":
        return " "
    if category == "Pd":
        return "-"
    return "" if category in {"Cf", "Cc"} or "\ufe00" <= sign <= "\ufe0f" else sign
