"""PDF from an HTML page, by WeasyPrint. Nothing is fetched and nothing is written to a file."""

import logging
from functools import cache
from typing import Any, NoReturn

from caseapp.lib.errors import Unavailable


@cache
def is_available() -> bool:
    """Return whether this machine can make PDFs: WeasyPrint needs the system's Pango, which `make run` does not bring.

    Without it an export has the same file as HTML, which every browser prints.
    """
    try:
        import weasyprint  # noqa: F401
    except OSError:
        return False
    return True


def render_pdf(html: str) -> bytes:
    """Return the page as PDF/UA, with its language and headings tagged. Raises Unavailable without Pango."""
    if not is_available():
        raise Unavailable("this machine makes no PDFs")
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it quotes what it warns about
    document = weasyprint.HTML(string=html, url_fetcher=_refuse_to_fetch)
    content: bytes = document.write_pdf(pdf_tags=True)
    return content


def _refuse_to_fetch(url: str, *_arguments: Any, **_options: Any) -> NoReturn:
    raise ValueError("a readable file needs nothing from elsewhere")
