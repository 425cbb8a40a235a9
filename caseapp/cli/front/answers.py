"""The front's own answers: one sentence in each language of the program, for a request that never reaches a page."""

import h11

TEXTS = {
    400: ("This request cannot be read.", "Esta solicitud no se puede leer.", "Cette requête est illisible."),
    408: (
        "The connection was too slow. Try again.",
        "La conexión fue demasiado lenta. Inténtelo de nuevo.",
        "La connexion était trop lente. Réessayez.",
    ),
    413: (
        "This is too large to send without signing in. Sign in and send it again.",
        "Es demasiado grande para enviarlo sin iniciar sesión. Inicie sesión y envíelo de nuevo.",
        "C’est trop volumineux pour être envoyé sans connexion. Connectez-vous et renvoyez-le.",
    ),
    429: (
        "Many people are signing in just now. Try again in a minute.",
        "Muchas personas están iniciando sesión. Inténtelo de nuevo en un minuto.",
        "Beaucoup de personnes se connectent en ce moment. Réessayez dans une minute.",
    ),
    503: (
        "Caseapp is unreachable at the moment. Try again in a minute.",
        "Caseapp no responde en este momento. Inténtelo de nuevo en un minuto.",
        "Caseapp ne répond pas pour le moment. Réessayez dans une minute.",
    ),
}
RETRY_SECONDS = b"60"
LANGUAGES = ("en", "es", "fr")


def page_of(status: int) -> bytes:
    """Return the page for a status, in all languages: the front does not know the reader's."""
    texts = TEXTS.get(status, TEXTS[400])
    lines = "".join(f'<p lang="{code}">{text}</p>' for code, text in zip(LANGUAGES, texts, strict=True))
    title = texts[0].partition(".")[0]
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>{lines}</html>'.encode()


def response_of(status: int, page: bytes) -> h11.Response:
    """Return the head of a page of the front, after which the connection is closed."""
    headers = [
        (b"Content-Type", b"text/html; charset=utf-8"),
        (b"Content-Length", str(len(page)).encode()),
        (b"Cache-Control", b"no-store"),
        (b"Content-Security-Policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"X-Content-Type-Options", b"nosniff"),
        (b"Connection", b"close"),
    ]
    if status in {429, 503}:
        headers.append((b"Retry-After", RETRY_SECONDS))
    return h11.Response(status_code=status, headers=headers)
