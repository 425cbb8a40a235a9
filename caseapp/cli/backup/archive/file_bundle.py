"""Small files as one stream: the server's keys, and the shred halves.

FILE : length of the name u16 | length of the content u32 | name | content; a name of length 0 is the end
"""

from collections.abc import Iterable, Iterator, Mapping

from caseapp.vault.errors import OpenFailed

MAX_CONTENT = 1024 * 1024  # bytes of one file


def pack_files(contents: Mapping[str, bytes]) -> Iterator[bytes]:
    """Yield the stream of the files, by their names."""
    for name, content in sorted(contents.items()):
        yield len(name.encode()).to_bytes(2, "big") + len(content).to_bytes(4, "big") + name.encode() + content
    yield bytes(6)


def unpack_files(pieces: Iterable[bytes]) -> dict[str, bytes]:
    """Return the files of a stream by their names. Raises OpenFailed."""
    stream = b"".join(pieces)  # the halves of 100,000 cases are 8 MB
    contents: dict[str, bytes] = {}
    at = 0
    while True:
        name_length, length = int.from_bytes(stream[at : at + 2], "big"), int.from_bytes(stream[at + 2 : at + 6], "big")
        start, end = at + 6 + name_length, at + 6 + name_length + length
        if at + 6 > len(stream) or end > len(stream) or length > MAX_CONTENT:
            raise OpenFailed("a part of the backup is damaged")
        if not name_length:
            return contents
        name = stream[at + 6 : start].decode()
        if name.startswith("/") or ".." in name.split("/"):
            raise OpenFailed("a part of the backup is damaged")
        contents[name], at = stream[start:end], end
