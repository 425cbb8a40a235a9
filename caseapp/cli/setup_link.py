"""`caseapp setup-link` prints the one-time link that sets up the office of a new server."""

import argparse
import os

import psycopg

from caseapp.cli import queries
from caseapp.cli.stack.data_folder import CannotStart, DataFolder, choose_folder
from caseapp.lib import setup_code
from caseapp.lib.service_urls import read_origin


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `caseapp setup-link`."""
    parser = subparsers.add_parser("setup-link", description="Print the one-time link that sets up the office.")
    parser.add_argument("--new", action="store_true", help="Make a new link; the one before stops working")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the link. Raises CannotStart with one sentence, also when the office is set up already."""
    database, given = os.environ.get("DATABASE_URL"), os.environ.get("CASEAPP_ORIGIN")
    origin = read_origin(given).url if given else ""
    if not database:
        raise CannotStart("Caseapp does not run here: start it, then ask for the link again.")
    code = find_setup_code(choose_folder(), database, renew=args.new)
    if code is None:
        raise CannotStart(f"The office is already set up: sign in at {origin}/.")
    print(f"Open this link to set up the office. It works once:  {setup_code.setup_link(origin, code)}")
    print(f"Without scripts in your browser, open {origin}/setup/ and type:  {code}")
    return 0


def find_setup_code(folder: DataFolder, database: str, *, renew: bool = False) -> str | None:
    """Return the set-up code, created if missing. Return None, and destroy a leftover, where an office exists.

    database  URL with the login of the web role
    renew     replace the code
    Raises    CannotStart if the database does not answer or has no tables yet
    """
    try:
        with psycopg.connect(database, connect_timeout=5) as connection:
            has_office = queries.has_office(connection)
    except psycopg.errors.UndefinedTable:
        raise CannotStart("The database has no tables yet: run `caseapp migrate`.") from None
    except psycopg.OperationalError:
        raise CannotStart("The database is unreachable.") from None
    if has_office:
        setup_code.destroy_code(folder.secrets)
        return None
    if renew:
        setup_code.replace_code(folder.secrets)
    setup_code.create_code(folder.secrets)
    return setup_code.read_code(folder.secrets)
