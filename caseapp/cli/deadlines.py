"""`caseapp deadlines`: compute a date without a case, list the rules, check a pack. Starts without Django."""

import argparse
import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from caseapp import rules
from caseapp.rules.explain import serialise, table
from caseapp.rules.packs import load_packs, schema
from caseapp.rules.packs.rulebook import PACKS_FOLDER
from caseapp.rules.terms.errors import RuleError
from caseapp.rules.terms.office import OfficePack
from caseapp.rules.terms.pack import Pack

Run = Callable[[argparse.Namespace], int]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `deadlines` and its subcommands; each sets `run`, which returns the exit code."""
    parser = subparsers.add_parser("deadlines", help="Compute deadlines, list and check rules")
    commands = parser.add_subparsers(dest="deadlines_command", required=True)
    _add_compute(commands.add_parser("compute", help="Compute one date with its working, or many from a file"))
    listing = commands.add_parser("rules", help="List the rules")
    listing.add_argument("--json", action="store_true", help="Print one JSON array")
    listing.add_argument("--markdown", action="store_true", help="Print the table of docs/rules.md")
    listing.add_argument("--into", type=Path, metavar="FILE", help="With --markdown: replace the table in this file")
    listing.set_defaults(run=_report_bad_input(_print_rules))
    check = commands.add_parser("check-pack", help="Check a rule pack (default: the packs that ship with Caseapp)")
    check.add_argument("file", nargs="?", type=Path)
    check.add_argument("--schema", action="store_true", help="Print the JSON Schema of a pack instead")
    check.set_defaults(run=_report_bad_input(_check_pack))


def _add_compute(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rule", help="Rule id, or id@position")
    parser.add_argument("--on", action="append", default=[], metavar="EVENT=YYYY-MM-DD[THH:MM]")
    parser.add_argument("--by-mail", action="store_true", help="Treat the notice as served by mail")
    parser.add_argument("--position", help="Position (reading of the rule) that gives due_on")
    parser.add_argument(
        "--stop", action="append", default=[], metavar="STOPPED:RESTARTED", help="Clock stop; repeatable"
    )
    parser.add_argument("--years", type=int, help="Use another path of years, for example 3 for spouses")
    parser.add_argument("--paper", action="store_true", help="Compute for filing on paper: two business days earlier")
    parser.add_argument(
        "--closed", action="append", default=[], metavar="YYYY-MM-DD", help="Day the office was closed; repeatable"
    )
    parser.add_argument("--office-zone", help="IANA time zone of the office")
    parser.add_argument("--office-pack", type=Path, metavar="FILE.toml", help="The office's own rules and closures")
    parser.add_argument("--court", default="", help="Court where the act is due, as the office's pack names it")
    parser.add_argument("--judge", default="", help="Judge whose standing orders apply")
    parser.add_argument("--region", default="", help="Region whose holidays in the office's pack apply")
    parser.add_argument(
        "--batch", type=Path, metavar="FILE.csv", help="Compute every row of a file with columns id, rule, inputs_json"
    )
    parser.add_argument("--json", action="store_true", help="Print JSON")
    parser.set_defaults(run=_report_bad_input(_print_deadline))


def _report_bad_input(run: Run) -> Run:
    """Return `run`, wrapped so that bad input prints one line on stderr and exits with code 2."""

    def guarded(args: argparse.Namespace) -> int:
        try:
            return run(args)
        except RuleError as exc:
            print(" ".join(str(exc).split()), file=sys.stderr)
            return 2

    return guarded


def _print_deadline(args: argparse.Namespace) -> int:
    if args.batch:
        if args.rule or args.on:
            raise RuleError("--batch takes its rules and dates from the file")
        return _print_batch(args.batch, _load_rulebook(args))
    if not args.rule:
        raise RuleError("--rule is missing")
    computed = rules.compute(
        f"{args.rule}@{args.position}" if args.position else args.rule,
        dict(_parse_event(text) for text in args.on),
        rules.Options(
            by_mail=args.by_mail,
            clock_stops=[_parse_stop(text) for text in args.stop],
            years=args.years,
            electronic=not args.paper,
            closures=[serialise.parse_day(text) for text in args.closed],
            zone=args.office_zone,
            court=args.court,
            judge=args.judge,
            region=args.region,
        ),
        book=_load_rulebook(args),
    )
    if args.json:
        print(json.dumps(rules.computation_as_json(computed), ensure_ascii=False))
    else:
        print(table.format_working(computed))
    return 0


def _load_rulebook(args: argparse.Namespace) -> rules.Rulebook:
    """Return our rules, together with the office's pack when one is given."""
    office = rules.read_office_pack(load_packs.read_pack_text(args.office_pack)) if args.office_pack else None
    return rules.standard().with_office(office) if office else rules.standard()


def _print_batch(path: Path, book: rules.Rulebook) -> int:
    """Print one JSON object a line; a row that cannot be computed gets `error`, and the others go on."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines)
            missing = {"id", "rule", "inputs_json"} - set(rows.fieldnames or ())
            if missing:
                raise RuleError(f"the file lacks the column {', '.join(sorted(missing))}")
            for row in rows:
                print(json.dumps({"id": row["id"], **_compute_row(row, book)}, ensure_ascii=False))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise RuleError(f"cannot read the file: {exc}") from exc
    return 0


def _compute_row(row: dict[str, Any], book: rules.Rulebook) -> dict[str, str]:
    try:
        inputs = json.loads(row["inputs_json"] or "")
    except (ValueError, RecursionError):
        return {"error": "inputs_json is not JSON"}
    try:
        return rules.compute_dates(row["rule"] or "", *serialise.question_from_batch(inputs), book=book).as_text()
    except RuleError as exc:
        return {"error": " ".join(str(exc).split())}


def _parse_event(text: str) -> tuple[str, Any]:
    name, sign, when = text.partition("=")
    if not sign:
        raise RuleError(f"--on wants EVENT=YYYY-MM-DD, not {text[:40]!r}")
    return name.strip(), serialise.parse_moment(when.strip())


def _parse_stop(text: str) -> tuple[Any, Any]:
    first, sign, last = text.partition(":")
    if not sign:
        raise RuleError("--stop wants STOPPED:RESTARTED, for example 2026-03-01:2026-03-31")
    return serialise.parse_day(first), serialise.parse_day(last)


def _print_rules(args: argparse.Namespace) -> int:
    if args.markdown and args.into:
        _replace_table(args.into)
    elif args.markdown:
        print(table.rules_as_markdown(), end="")
    elif args.json:
        print(json.dumps(table.rules_as_json(), ensure_ascii=False))
    else:
        for rule in rules.list_rules():
            print(f"{rule.id}  {rule.what} ({rule.severity}, {rule.state})")
    return 0


def _replace_table(path: Path) -> None:
    try:
        path.write_text(table.replace_table(path.read_text(encoding="utf-8")), encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise RuleError(f"cannot write the table: {exc}") from exc


def _check_pack(args: argparse.Namespace) -> int:
    if args.schema:
        print(json.dumps(schema.build_schema(), indent=2, ensure_ascii=False))
        return 0
    for path in [args.file] if args.file else sorted(PACKS_FOLDER.glob("*.toml")):
        pack = load_packs.read_any_pack(load_packs.read_pack_text(path), rules.standard().known_names)
        print(f"{pack.id} {pack.version}: {_describe_count(pack)}, in order")
    return 0


def _describe_count(pack: Pack | OfficePack) -> str:
    counts = [f"{len(pack.rules)} rules"]
    if isinstance(pack, OfficePack):
        counts += [f"{len(pack.closures)} closures", f"{len(pack.standing_orders)} standing orders"]
    return ", ".join([*counts, f"{len(pack.follows)} starting events"])
