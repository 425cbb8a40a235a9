"""Documents of the demo cases: one-page PDFs with a line of text."""

import io

# Title, file name, and kind; one of them waits to be sorted.
PAPERS = (
    ("Passport, copy", "passport.pdf", "identity"),
    ("Birth record with translation", "birth-record.pdf", "translation"),
    ("Notice to Appear", "nta.pdf", "nta"),
    ("Declaration, first draft", "declaration-draft.pdf", "evidence"),
    ("Letter of a witness", "letter.pdf", "letter"),
    ("Scan from the phone", "scan.pdf", ""),
)


def one_page_pdf(text: str) -> bytes:
    """Return a small valid PDF with one line of ASCII text."""
    stream = f"BT /F1 14 Tf 72 720 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for index, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (index, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for offset in offsets:
        out.write(b"%010d 00000 n \n" % offset)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()
