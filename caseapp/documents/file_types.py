"""File types and file names of uploads. The type is read from the bytes; the browser and the name are not trusted."""

import codecs
import re
import unicodedata

import charset_normalizer
import filetype

# Only these are shown inside a page. Any other file is offered as a download, so that no upload can run as our page.
INLINE_TYPES = {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "text/plain"}

# Formats whose files may be readable text throughout their first bytes.
_READABLE_FORMATS = {"application/pdf", "application/rtf", "application/postscript"}
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16le", codecs.BOM_UTF16_BE: "utf-16be"}
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")  # in no text of a code page
# Of Windows, with the name that browsers know.
_CODE_PAGES = {
    "cp1252": "windows-1252",
    "cp1251": "windows-1251",
    "cp1256": "windows-1256",
    "cp1255": "windows-1255",
    "cp1254": "windows-1254",
    "cp1250": "windows-1250",
    "cp1253": "windows-1253",
    "cp1258": "windows-1258",
    "cp1257": "windows-1257",
}


def detect_media_type(start: bytes) -> str:
    """Return the media type of a file from its first bytes (up to 512).

    Two letters are the mark of some formats (BM, MZ): a text that begins with them is a text all the same.
    """
    guess = filetype.guess_mime(start)
    if guess and (guess in _READABLE_FORMATS or not _is_text(start, "utf-8")):
        return str(guess)
    return "text/plain" if detect_charset(start) else "application/octet-stream"


def detect_charset(start: bytes) -> str:
    """Return the charset of a text, by the name that browsers know, from its first bytes; "" for what is no text."""
    for mark, charset in _MARKS.items():
        if start.startswith(mark):
            return charset if _is_text(start[len(mark) :], charset) else ""
    if _is_text(start, "utf-8"):
        return "utf-8"
    if not start or _CONTROL.search(start):
        return ""
    guesses = charset_normalizer.from_bytes(start, cp_isolation=list(_CODE_PAGES))
    # The order of the code pages decides between those in which the text is equally likely: Señor or Seńor.
    ranked = [(guess.chaos, -guess.coherence, list(_CODE_PAGES).index(guess.encoding)) for guess in guesses]
    return list(_CODE_PAGES.values())[min(ranked)[2]] if ranked else ""


def _is_text(content: bytes, charset: str) -> bool:
    """Return whether the bytes are text in this charset; the last character may be cut."""
    try:
        text = codecs.getincrementaldecoder(charset)("strict").decode(content)
    except UnicodeDecodeError:
        return False
    return bool(text) and all(map(_is_sign_of_text, text))


def _is_sign_of_text(sign: str) -> bool:
    # Marks of direction and joiners (Cf) are part of texts in Arabic, Persian, Hebrew and Hindi.
    return sign.isprintable() or sign in "\r\n\t\f" or unicodedata.category(sign) in {"Cf", "Zl", "Zp", "Zs"}


def clean_file_name(text: str) -> str:
    """Return a file name without folders and control characters, at most 200 characters, keeping its extension."""
    base = "".join(c for c in text.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip(" .")
    if len(base) > 200:
        stem, dot, ending = base.rpartition(".")
        base = stem[: 199 - len(ending)] + dot + ending if dot and len(ending) <= 10 else base[:200]
    return base or "document"
