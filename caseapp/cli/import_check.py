"""`caseapp import --dry-run`: what the rows of a file would create. It needs no office, no key and no database.

The report contains what the file contains: keep it where the file is kept.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import available_timezones

import msgspec

from caseapp.moving.reading import sentences
from caseapp.moving.reading.cells.dates import ORDERS
from caseapp.moving.reading.errors import UnreadableFile
from caseapp.moving.reading.files.table import Table, open_table
from caseapp.moving.reading.plans.dry_run import DryRun, RowReport, run_dry_run
from caseapp.moving.reading.plans.mapping import MappingSummary, describe_mapping, suggest_mapping
from caseapp.moving.reading.plans.rejected import RejectedRows
from caseapp.moving.reading.plans.row_plan import RowPlan
from caseapp.moving.reading.presets.catalogue import Preset, find_preset, guess_preset, known_headings, presets
from caseapp.moving.reading.settings import Answers, ReadSettings

USAGE_ERROR = 2
ROWS_PRINTED = 20
ONLY_DRY_RUN = "The command only checks files: add --dry-run. A member starts an import on the page Import."


class FileReport(msgspec.Struct, kw_only=True):
    """Result of a dry run of one file."""

    file: str
    preset: str
    settings: ReadSettings
    mapping: MappingSummary
    report: DryRun


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import`."""
    parser = subparsers.add_parser("import", help="Check files of another system: what each row would create")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="CSV or XLSX")
    parser.add_argument("--dry-run", action="store_true", help="Save nothing; without it the command refuses")
    parser.add_argument("--presets", action="store_true", help="List the presets")
    parser.add_argument("--preset", default="", help="What the file is (default: by its headings)")
    parser.add_argument("--json", action="store_true", help="Print JSON, with each rejected row")
    parser.add_argument("--rejected", type=Path, metavar="FILE.csv", help="Write rejected rows with their reasons here")
    parser.add_argument("--date-order", choices=ORDERS, default="", help="Order of dates such as 05/06/2024")
    parser.add_argument("--zone", default="", metavar="IANA", help="Time zone of the times in the file")
    parser.add_argument("--reference", choices=("court_number", "a_number"), default="", help="Clio: Client Reference")
    parser.add_argument(
        "--short-years-from", type=int, default=0, metavar="YEAR", help="First year that 05/05/19 can be"
    )
    parser.add_argument("--keep-left-behind", action="store_true", help="Keep columns such as S.S.N.")
    parser.add_argument("--encoding", default="", help="For example windows-1252 (default: found out)")
    parser.add_argument("--separator", default="", help="Comma, semicolon or tab (default: found out)")
    parser.add_argument("--sheet", default="", help="Sheet of a workbook (default: the first)")
    parser.add_argument("--heading-row", type=int, default=0, metavar="N", help="Row of the headings (default: found)")
    parser.add_argument("--merged", choices=("fill", "first"), default="", help="What merged cells mean")
    parser.set_defaults(run=check_files)


def check_files(args: argparse.Namespace) -> int:
    """Check each file and print the report; 1 with a sentence for a file that cannot be read, 2 for bad use."""
    if args.presets:
        print("\n".join(f"{preset.code:<32}{preset.product} {preset.list}".rstrip() for preset in presets().values()))
        return 0
    if problem := _find_usage_problem(args):
        print(problem, file=sys.stderr)
        return USAGE_ERROR
    reports = []
    for path in args.files:
        try:
            reports.append(_check_file(path, args))
        except UnreadableFile as refused:
            print(f"{path.name}: {sentences.describe_unreadable(refused)}", file=sys.stderr)
            return 1
    repeated = _count_ids_in_several(reports)
    if args.json:
        print(json.dumps(_as_json(reports, repeated), ensure_ascii=False))
    else:
        print("\n\n".join("\n".join(_format_report(report)) for report in reports))
        if repeated:
            print(f"\n{repeated} numbers occur in more than one of these files: a later file overwrites nothing.")
    return 0


def _find_usage_problem(args: argparse.Namespace) -> str:
    if not args.dry_run:
        return ONLY_DRY_RUN
    if not args.files:
        return "Name a file."
    if args.preset and find_preset(args.preset) is None:
        return f"There is no preset {args.preset}: `caseapp import --presets` lists them."
    if args.zone and args.zone not in available_timezones():
        return f"{args.zone} is no IANA time zone, such as America/New_York."
    if args.rejected and (len(args.files) > 1 or args.rejected.exists()):
        return "--rejected takes one file, and writes to a file that does not exist yet."
    return ""


def _check_file(path: Path, args: argparse.Namespace) -> FileReport:
    with ExitStack() as stack:
        stream = stack.enter_context(_open_stream(path))
        settings = ReadSettings(
            encoding=args.encoding,
            separator="\t" if args.separator in {"tab", "\\t"} else args.separator,
            sheet=args.sheet,
            heading_row=args.heading_row,
            merged=args.merged,
        )
        table = open_table(stream, settings, known=known_headings())
        preset = find_preset(args.preset) or guess_preset(table.headings)
        return _run(path, table, preset, args)


def _open_stream(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as exc:
        raise UnreadableFile("no_file") from exc


def _run(path: Path, table: Table, preset: Preset, args: argparse.Namespace) -> FileReport:
    answers = Answers(
        date_order=args.date_order,
        zone=args.zone,
        reference=args.reference,
        short_years_from=args.short_years_from,
        keep_left_behind=args.keep_left_behind,
    )
    mapping = suggest_mapping(table.headings, preset)
    rejected: list[RowPlan] = []
    report = run_dry_run(
        table,
        mapping,
        answers,
        progress=_print_progress,
        see_plan=lambda plan: rejected.append(plan) if args.rejected and plan.status == "rejected" else None,
    )
    if args.rejected:
        _write_rejected(args.rejected, table, rejected)
    summary = describe_mapping(mapping, preset)
    return FileReport(file=path.name, preset=preset.code, settings=table.settings, mapping=summary, report=report)


def _print_progress(done: int, rows: int) -> None:
    print(f"{done:,} of {rows:,} rows", file=sys.stderr)


def _write_rejected(path: Path, table: Table, plans: list[RowPlan]) -> None:
    """Write the rejected rows as the file has them, readable by the user alone."""
    by_row = {plan.row: plan for plan in plans}
    path.touch(mode=0o600, exist_ok=False)
    writer = RejectedRows(table.headings, row_label="Row", reason_label="Reason")
    for row in table.rows():
        if plan := by_row.get(row.number):
            writer.add(row.number, row.cells, plan.problems, sentences.describe_problem)
    path.write_bytes(writer.take())


def _count_ids_in_several(reports: list[FileReport]) -> int:
    seen: set[tuple[str, str]] = set()
    repeated = set()
    for report in reports:
        preset = presets()[report.preset]
        keys = {(f"{preset.source} {preset.makes}", number) for number in report.report.ids}
        repeated |= keys & seen
        seen |= keys
    return len(repeated)


def _format_report(report: FileReport) -> Iterator[str]:
    result = report.report
    yield f"{report.file}: {result.rows:,} rows, read as {report.preset}"
    for status, label in (
        ("new", "to import"),
        ("rejected", "rejected"),
        ("left_out", "left out"),
        ("duplicate", "again"),
    ):
        if count := result.counts.get(status):
            yield f"  {count:>8,} {label}"
    if result.creates:
        yield "Would create: " + ", ".join(
            f"{count:,} {kind.replace('_', ' ')}" for kind, count in result.creates.items()
        )
    for wall, count in result.walls.items():
        yield f"Would open restricted ({wall.replace('_', ' ')}): {count:,}"
    mapping = report.mapping
    for label, choices in (("Other facts", mapping.other_facts), ("Left behind on purpose", mapping.left_behind)):
        if choices:
            yield f"{label}: " + ", ".join(choice.heading for choice in choices)
    for group in mapping.missing:
        yield f"Missing: a column for {' or '.join(group)}"
    for question in result.questions:
        examples = f" ({', '.join(question.examples[:3])})" if question.examples else ""
        label = "Question" if question.is_blocking else "To confirm"
        yield f"{label}: {sentences.describe_question(question)}{examples} {question.rows:,} rows."
    yield from _format_rows("Rejected", result.rejected, result.counts.get("rejected", 0), errors=True)
    yield from _format_rows("Worth a look", result.remarked, len(result.remarked), errors=False)


def _format_rows(title: str, rows: tuple[RowReport, ...], count: int, *, errors: bool) -> Iterator[str]:
    if rows:
        yield f"{title}:"
    for row in rows[:ROWS_PRINTED]:
        shown = [problem for problem in row.problems if problem.is_error or not errors]
        yield f"  row {row.row}: " + " ".join(map(sentences.describe_problem, shown))
    if count > ROWS_PRINTED:
        yield f"  and {count - min(ROWS_PRINTED, len(rows)):,} more"


def _as_json(reports: list[FileReport], repeated: int) -> dict[str, Any]:
    files = []
    for report in reports:
        entry: dict[str, Any] = msgspec.to_builtins(report)
        del entry["report"]["ids"]
        for name in ("rejected", "remarked"):
            for shown, row in zip(entry["report"][name], getattr(report.report, name), strict=True):
                shown["sentences"] = [sentences.describe_problem(problem) for problem in row.problems]
        files.append(entry)
    return {"files": files, "ids_in_several_files": repeated}
