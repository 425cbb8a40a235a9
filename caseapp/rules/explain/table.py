"""Rules as JSON and Markdown tables, and a working as plain text."""

from typing import Any

import msgspec

from caseapp.rules.explain import sentences
from caseapp.rules.explain.rendering import ENGLISH, Translator, describe_count, fill, render_english
from caseapp.rules.packs.catalogue import RULE_PAGE, page_of, standard_catalogue
from caseapp.rules.packs.receipts import receipt_of
from caseapp.rules.packs.rulebook import Rulebook, standard
from caseapp.rules.terms import words
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.pack import Pack, Rule, reminder_days_of
from caseapp.rules.terms.result import Computation

BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->"


def rules_as_json(book: Rulebook | None = None) -> list[dict[str, Any]]:
    """Return every rule as JSON values, with its pack, its last check, and the pages that start it in a case."""
    law = book or standard()
    return [
        {
            **msgspec.to_builtins(rule),
            "version": rule.version,
            "readings": msgspec.to_builtins(law.readings_of(rule)),
            "pack": law.pack_of(rule.id).id,
            "pack_version": law.pack_of(rule.id).version,
            "last_checked": law.last_checked(rule).isoformat(),
            "effective_from": law.effective_from(rule).isoformat(),
            "reminders": list(reminder_days_of(rule, law.pack_of(rule.id).reminders, rule.severity, rule.duty)),
            "entries": [
                {"event": event.id, "label": event.label_en, "page": page_of(event)}
                for event in standard_catalogue().events_starting(rule.id)
            ],
            "by_hand": RULE_PAGE,
            "filed_in_time": msgspec.to_builtins(receipt_of(rule.id)),
        }
        for rule in law.newest_rules()
    ]


def rules_as_markdown(book: Rulebook | None = None) -> str:
    """Return the table of docs/rules.md: every rule with its count, state and date."""
    law = book or standard()
    lines = []
    for pack in law.packs:
        lines += [f"### {pack.name} ({pack.id} {pack.version})", ""]
        lines += [
            f"Looked at for triggers from {pack.effective_from} on, unless a rule or reading has its own dates.",
            "",
        ]
        lines += [
            "| Rule | What | Starts | Count | Closed last day | Weight | State | Checked | How |",
            "|---|" + "---|" * 8,
        ]
        for rule in pack.rules:
            cells = (
                f"`{rule.id}`",
                rule.what,
                " or ".join(f"`{name}`" for name in rule.on),
                describe_rule_count(law, rule),
                {"fwd": "next open day", "hear": "next open day, act before it", "prev": "stays, act before it"}.get(
                    rule.roll, "stays"
                ),
                rule.severity,
                rule.state,
                law.last_checked(rule).isoformat(),
                rule.chk,
            )
            lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
        lines += ["", *_event_lines(pack), ""]
    return "\n".join(lines)


def _event_lines(pack: Pack) -> list[str]:
    lines = ["Events that rules count from:", "", "| Event | Meaning |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in pack.events.items()]
    lines += [
        "",
        "What happened, and the clocks it starts:",
        "",
        "| Happened | Meaning | Rule from event |",
        "|---|---|---|",
    ]
    for follow in pack.follows:
        starts = ", ".join(f"`{start.rule}` from `{start.on}`" for start in follow.starts)
        lines.append(f"| `{follow.event}` | {follow.text} | {starts} |")
    return lines


def replace_table(text: str) -> str:
    """Return `text` with the table between its marks regenerated. Raises RuleError when the marks are missing."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise RuleError(f"the file lacks the marks {BEGIN.strip()} and {END}")
    return head + begin + rules_as_markdown() + end + tail


def describe_rule_count(book: Rulebook, rule: Rule, translator: Translator = ENGLISH) -> str:
    """Return the rule's count in words, followed by its positions and variants."""
    parts = []
    if rule.opens:
        parts.append(fill(translator, sentences.OPENS_COUNT, count=describe_count(rule.opens, translator)))
    if rule.count:
        parts.append(_describe_counts((rule.count,), rule.franc, translator))
    for reading in book.readings_of(rule):
        if reading.role in ("position", "variant"):
            counts = _describe_counts((reading.opens, reading.count), reading.franc, translator)
            parts.append(fill(translator, sentences.READING_COUNT, reading=reading.id, count=counts))
    if rule.mail_days:
        parts.append(fill(translator, sentences.MORE_BY_MAIL, number=str(rule.mail_days)))
    if not parts:
        parts.append(fill(translator, sentences.AT_ONCE if rule.at_once else sentences.OWN_DATE))
    return "; ".join(parts)


def _describe_counts(counts: tuple[str | None, ...], franc: bool | None, translator: Translator) -> str:
    texts = [describe_count(count, translator) for count in counts if count]
    return ", ".join([*texts, *([fill(translator, sentences.FRANC)] if franc else [])])


def format_working(computation: Computation) -> str:
    """Return a working as numbered lines for a terminal, in English."""
    lines = [f"{computation.what} ({computation.severity}, {computation.state})"]
    for number, step in enumerate(computation.steps, 1):
        source = f"  [{step.citation}]" if step.citation else ""
        lines.append(f"{number:>3} {step.name:<9} {render_english(step)}{source}")
    lines += [
        f"    could also be argued: {words.format_day(other.due_on)}, {render_english(other.sentence)}"
        for other in computation.others
    ]
    lines += [f"    note: {render_english(warning)}" for warning in computation.warnings]
    return "\n".join(lines)
