"""Text as a search over short lists compares it: without accents, case and the dashes of form numbers."""

import re
import unicodedata

_DASHES = re.compile(r"[-\u2010-\u2015]")


def fold_text(text: str) -> str:
    """Return the text in the form that is compared: "i290b" matches "I-290B", "prefecture" matches "préfecture"."""
    if text.isascii():
        return text.replace("-", "").casefold()
    decomposed = unicodedata.normalize("NFKD", text)
    return _DASHES.sub("", "".join(sign for sign in decomposed if not unicodedata.combining(sign))).casefold()


def has_all_words(text: str, search: str) -> bool:
    """Return True when the text contains every word of the search."""
    if not (words := fold_text(search).split()):
        return True
    folded = fold_text(text)
    return all(word in folded for word in words)
