"""`python -m caseapp.cli.front --bind HOST:PORT` runs the front with its web server."""

from caseapp.cli.front.server import main

if __name__ == "__main__":
    raise SystemExit(main())
