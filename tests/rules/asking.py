"""Runs `caseapp deadlines ...` in this process."""

import argparse
import contextlib
import io
from collections.abc import Iterable
from pathlib import Path

from caseapp import rules
from caseapp.cli import deadlines


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, what was printed, what was complained about."""
    parser = argparse.ArgumentParser(prog="caseapp")
    deadlines.add_parser(parser.add_subparsers(required=True))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        args = parser.parse_args(["deadlines", *words])
        code = args.run(args)
    return code, out.getvalue(), err.getvalue()


def batch(path: Path) -> tuple[int, str, str]:
    return run("compute", "--batch", str(path), "--json")


def english(sentences: Iterable[rules.Sentence]) -> tuple[str, ...]:
    """Sentences of the engine as English text."""
    return tuple(map(rules.render_english, sentences))
