"""A fictional office for visitors, made through the services of the pages."""

from caseapp.cli.demo.office import add_parser, run, seed_office
from caseapp.cli.demo.papers import one_page_pdf

__all__ = ["add_parser", "one_page_pdf", "run", "seed_office"]
