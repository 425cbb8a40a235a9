"""Templates without their indentation, a fifth of a long list, and with nodes that render quickly."""

import re
from typing import Any, Final

from django.template import Origin, Template, TemplateDoesNotExist
from django.template.base import Lexer, NodeList
from django.template.loaders import app_directories, cached

from caseapp.ui.quick_nodes import QuickParser

# Inside a tag of a translation without `trimmed` the text is a key of the catalogues and stays unchanged.
_UNTRIMMED: Final = re.compile(r"({% blocktranslate\b(?:(?!\btrimmed\b).)*?%}.*?{% endblocktranslate %})", re.DOTALL)
_INDENTATION: Final = re.compile(r"[ \t]*\n\s*")


class QuickTemplate(Template):
    """A template of quick nodes."""

    def compile_nodelist(self) -> NodeList:
        """Return the nodes of the source."""
        engine: Any = self.engine
        tokens = Lexer(self.source).tokenize()
        parser = QuickParser(tokens, engine.template_libraries, engine.template_builtins, self.origin)
        nodes = parser.parse()
        self.extra_data = parser.extra_data
        return nodes


class QuickLoader(cached.Loader):
    """Keep each template once it was compiled, of quick nodes."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        """Return a template. Raises TemplateDoesNotExist."""
        key = self.cache_key(template_name, skip)
        known = self.get_template_cache.get(key)
        if known is None:
            known = self.get_template_cache[key] = self._compile(template_name, skip or [])
        return known

    def _compile(self, template_name: str, skip: list[Origin]) -> Template:
        tried = []
        for origin in self.get_template_sources(template_name):
            if origin in skip:
                tried.append((origin, "Skipped to avoid recursion"))
                continue
            try:
                contents = self.get_contents(origin)
            except TemplateDoesNotExist:
                tried.append((origin, "Source does not exist"))
                continue
            return QuickTemplate(str(contents), origin, str(origin.template_name), self.engine)
        raise TemplateDoesNotExist(template_name, tried=tried)


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
