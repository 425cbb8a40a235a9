"""Templates without their indentation: a fifth of a long list would be spaces that no browser shows."""

import re
from typing import Final

from django.template import Origin
from django.template.loaders import app_directories

# Inside a tag of a translation without `trimmed` the text is a key of the catalogues and stays unchanged.
_UNTRIMMED: Final = re.compile(r"({% blocktranslate\b(?:(?!\btrimmed\b).)*?%}.*?{% endblocktranslate %})", re.DOTALL)
_INDENTATION: Final = re.compile(r"[ \t]*\n\s*")


class CompactLoader(app_directories.Loader):
    """Load the templates of the apps, those of pages without indentation and empty lines."""

    def get_contents(self, origin: Origin) -> str:
        """Return the source of a template. A line break stays where one was: it separates words."""
        source = super().get_contents(origin)
        return compact_markup(source) if str(origin.name).endswith(".html") else source


def compact_markup(source: str) -> str:
    """Return the markup with each line break and the spaces around it as one line break."""
    parts = _UNTRIMMED.split(source)
    return "".join(part if number % 2 else _INDENTATION.sub("\n", part) for number, part in enumerate(parts))
