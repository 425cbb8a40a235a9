"""What sort of file it is, told from its bytes: what the browser or the name says is not trusted."""

import filetype

# Only these are shown inside a page; everything else is offered as a download, so no upload can run as a page of ours.
SHOWN = {"application/pdf", "image/jpeg", "image/png", "image/gif", "image/webp", "text/plain"}


def media_type(start: bytes) -> str:
    """The media type of a file that begins with these bytes (up to 512)."""
    found = filetype.guess_mime(start)
    if found:
        return str(found)
    try:
        text = (
            start.decode("utf-8", errors="strict") if len(start) < 512 else start[:-4].decode("utf-8", errors="strict")
        )
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if text and all(c.isprintable() or c in "\r\n\t" for c in text) else "application/octet-stream"


def file_name(text: str) -> str:
    """A file name without folders and control characters, at most 200 characters, its ending kept."""
    base = "".join(c for c in text.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip(" .")
    if len(base) > 200:
        stem, dot, ending = base.rpartition(".")
        base = stem[: 199 - len(ending)] + dot + ending if dot and len(ending) <= 10 else base[:200]
    return base or "document"
