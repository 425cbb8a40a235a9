"""Papers for uploads, made on the spot: a PDF of twenty pages and a photo, both with words the scan looks for."""

import io
import struct
import zlib

import pikepdf

PAGES = 20


def twenty_pages(words: str) -> bytes:
    """A PDF whose pages carry `words` in compressed and in plain streams."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    for number in range(PAGES):
        pdf.add_blank_page(page_size=(612, 792))
        text = f"BT /F1 14 Tf 72 720 Td ({words} page {number + 1}) Tj ET".encode("ascii")
        page = pdf.pages[number]
        page.Contents = pdf.make_stream(text)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    out = io.BytesIO()
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def photo(words: str, *, side: int = 64) -> bytes:
    """A PNG with `words` in a text chunk, as a camera would leave a comment."""
    rows = b"".join(b"\x00" + bytes((x * 4 + y) % 256 for x in range(side) for _ in range(3)) for y in range(side))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"tEXt", b"Comment\x00" + words.encode("latin-1")),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body
