"""File types and file names of uploads. The type is read from the bytes; the browser and the name are not trusted."""

import filetype

# Only these are shown inside a page. Any other file is offered as a download, so that no upload can run as our page.
INLINE_TYPES = {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "text/plain"}


def detect_media_type(start: bytes) -> str:
    """Return the media type of a file from its first bytes (up to 512)."""
    guess = filetype.guess_mime(start)
    if guess:
        return str(guess)
    try:
        text = (
            start.decode("utf-8", errors="strict") if len(start) < 512 else start[:-4].decode("utf-8", errors="strict")
        )
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if text and all(c.isprintable() or c in "\r\n\t" for c in text) else "application/octet-stream"


def clean_file_name(text: str) -> str:
    """Return a file name without folders and control characters, at most 200 characters, keeping its extension."""
    base = "".join(c for c in text.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip(" .")
    if len(base) > 200:
        stem, dot, ending = base.rpartition(".")
        base = stem[: 199 - len(ending)] + dot + ending if dot and len(ending) <= 10 else base[:200]
    return base or "document"
