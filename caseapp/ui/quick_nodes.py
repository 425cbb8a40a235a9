"""Template nodes that do what Django's do with less work: pages spend most of their time in templates.

Each falls back to Django's own code for whatever is not the plain case, so the result is the same.
"""

import re
from collections.abc import Callable
from typing import Any, Final, cast

from django.template import Context, Template
from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Parser,
    Token,
    Variable,
    VariableDoesNotExist,
    VariableNode,
    render_value_in_context,
)
from django.template.defaulttags import URLNode
from django.template.loader_tags import IncludeNode, construct_relative_path
from django.templatetags.i18n import TranslateNode
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from caseapp.ui.display.paths import quick_reverse

_SPECIAL: Final = re.compile("[&<>\"']")  # the characters that Django's `escape` replaces
_is_plain_type: dict[type, bool] = {}  # types whose attributes are read at once: nothing to index, nothing to call


def _is_plain(value: object) -> bool:
    kind = type(value)
    known = _is_plain_type.get(kind)
    if known is None:
        known = _is_plain_type[kind] = not hasattr(kind, "__getitem__") and not callable(value)
    return known


class QuickVariable(Variable):
    """A variable that reads attributes of our frozen page objects without asking first for an index."""

    __slots__ = ("attributes", "name")

    def __init__(self, var: str) -> None:
        super().__init__(var)
        self.name, *self.attributes = self.lookups or ("",)

    def resolve(self, context: Any) -> Any:
        """Return the value; Django resolves again what is no plain chain of attributes, and what is missing."""
        name = self.name
        for names in reversed(context.dicts):
            if name in names:
                value = names[name]
                break
        else:
            return super().resolve(context)
        for attribute in self.attributes:
            if not _is_plain(value):
                return super().resolve(context)
            try:
                value = getattr(value, attribute)
            except AttributeError:
                return super().resolve(context)
        return super().resolve(context) if callable(value) else value


class QuickExpression(FilterExpression):
    """An expression whose variables are quick; what its filters ask for is looked up once."""

    __slots__ = ()

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        if type(self.var) is Variable and self.var.lookups is not None and isinstance(self.var.var, str):
            self.var = QuickVariable(self.var.var)

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:
        """Return the value as Django does."""
        if self.filters or not self.is_var:
            return super().resolve(context, ignore_failures)
        try:
            return self.var.resolve(context)
        except VariableDoesNotExist:
            return super().resolve(context, ignore_failures)


class QuickVariableNode(VariableNode):
    """`{{ value }}`: a text without special characters is not copied, and a number not localized."""

    def render_annotated(self, context: Context) -> Any:
        """Return the value as text, escaped."""
        value = self.filter_expression.resolve(context)
        kind = type(value)
        if kind is SafeString:
            return value
        if kind is str and context.autoescape:
            return escape(value) if _SPECIAL.search(value) else value
        return str(value) if kind is int else render_value_in_context(value, context)


class QuickTranslation(Node):
    """`{% translate "a constant" %}`: translated once for each language."""

    def __init__(self, node: TranslateNode) -> None:
        self.node = node
        self.texts: dict[str | None, str] = {}

    def render_annotated(self, context: Context) -> Any:
        """Return the text in the language of the page."""
        language = get_language()
        text = self.texts.get(language)
        if text is None:
            text = self.texts[language] = str(self.node.render(context))
        return text

    def render(self, context: Context) -> SafeString:
        """Return the text in the language of the page."""
        return SafeString(self.render_annotated(context))


class QuickInclude(Node):
    """`{% include "a constant" %}`: its template is found once."""

    def __init__(self, node: IncludeNode, name: str) -> None:
        self.name = name
        self.values = [(key, value.resolve) for key, value in node.extra_context.items()]
        self.is_isolated = node.isolated_context
        self.template: Template | None = None

    def render(self, context: Context) -> SafeString:
        """Return the rendered template. It never shares blocks or cycles with this one."""
        template = self.template
        if template is None:
            name = construct_relative_path(cast(Any, self).origin.template_name, self.name)
            engine = cast(Template, context.template).engine
            template = self.template = engine.select_template([name])
        values = {name: resolve(context) for name, resolve in self.values}
        if self.is_isolated:
            return _render_inside(template, context.new(values))
        with context.push(**values):
            return _render_inside(template, context)


def _render_inside(template: Template, context: Any) -> SafeString:
    state = context.render_context
    outer, state.template = state.template, template
    state.push()
    try:
        return cast(SafeString, cast(Any, template)._render(context))
    finally:
        state.template = outer
        state.pop()


class QuickUrl(Node):
    """`{% url "a constant" id %}`: the address of a view by the ids in it."""

    def __init__(self, name: str, arguments: list[Any]) -> None:
        self.name, self.arguments = name, [argument.resolve for argument in arguments]

    def render(self, context: Context) -> SafeString:
        """Return the path. Raises NoReverseMatch."""
        return SafeString(escape(quick_reverse(self.name, *(resolve(context) for resolve in self.arguments))))


def _constant_of(expression: FilterExpression | None) -> str | None:
    if expression is None or expression.is_var or expression.filters:
        return None
    return expression.var if isinstance(expression.var, str) else None


def _quick_include(node: IncludeNode) -> Node:
    name = _constant_of(node.template)
    return node if name is None else QuickInclude(node, name)


def _quick_url(node: URLNode) -> Node:
    name = _constant_of(node.view_name)
    return node if name is None or node.kwargs or node.asvar else QuickUrl(name, node.args)


def _quick_translation(node: TranslateNode) -> Node:
    """Return the node that translates once. TranslateNode has made a literal variable of its constant."""
    expression, about = node.filter_expression, node.message_context
    is_constant = isinstance(expression.var, Variable) and expression.var.lookups is None and not expression.filters
    has_plain_context = about is None or _constant_of(about) is not None
    return QuickTranslation(node) if is_constant and has_plain_context and not node.asvar else node


_QUICKER: Final[dict[type[Node], Callable[[Any], Node]]] = {
    VariableNode: lambda node: QuickVariableNode(node.filter_expression),
    IncludeNode: _quick_include,
    URLNode: _quick_url,
    TranslateNode: _quick_translation,
}


class QuickParser(Parser):
    """A parser that puts the quick nodes in the place of Django's."""

    def compile_filter(self, token: str) -> FilterExpression:
        """Return the expression of a token."""
        return QuickExpression(token, self)

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        """Add a node, or its quick form."""
        quicker = _QUICKER.get(type(node))
        super().extend_nodelist(nodelist, node if quicker is None else quicker(node), token)
