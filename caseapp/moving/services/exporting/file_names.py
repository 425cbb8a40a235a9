"""File names that every system can store: Windows, macOS, Linux and a USB stick."""

import unicodedata

NAME_BYTES = 120  # of a file name with its number; a path of an archive stays under 255 bytes
_FORBIDDEN = frozenset('/\\:*?"<>|')
_RESERVED = frozenset(("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))))


def safe_file_name(text: str, *, otherwise: str = "document") -> str:
    """Return a file name without folders, signs that a system forbids, and surplus length; its ending is kept."""
    plain = unicodedata.normalize("NFC", text)
    base = "".join("_" if sign in _FORBIDDEN else sign for sign in plain if sign.isprintable()).strip(" .")
    stem, dot, ending = base.rpartition(".")
    if not dot or len(ending) > 10:
        stem, ending = base, ""
    if stem.partition(".")[0].strip().casefold() in _RESERVED:
        stem = f"_{stem}"
    room = NAME_BYTES - len(ending.encode()) - 1
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .") or otherwise
    return f"{stem}.{ending}" if ending else stem


def numbered_name(number: int, text: str) -> str:
    """Return a safe file name that begins with a number, so that no two files of a folder have the same name."""
    return f"{number:04d} {safe_file_name(text)}"
