"""`python -m caseapp.tools.bench.pages.twin_server --bind HOST:PORT --run FOLDER`: serve the twin as the product is.

The same front, the same web server, processes and threads; only the application differs.
"""

import sys

from caseapp.cli.front import server
from caseapp.cli.stack.processes import web_server_command

APPLICATION, TWIN = "caseapp.config.wsgi:application", "caseapp.tools.bench.plain_twin.wsgi:application"
OF_THE_PRODUCT = ("--config", "--logger-class")  # options whose values name modules of the product


def twin_command(socket: str) -> list[str]:
    """Return the product's command of the web server with the twin's application, without hooks and quiet logger."""
    command = [TWIN if word == APPLICATION else word for word in web_server_command(socket)]
    for option in OF_THE_PRODUCT:
        at = command.index(option)
        command[at : at + 2] = []
    return command


if __name__ == "__main__":
    server.__dict__["web_server_command"] = twin_command
    sys.exit(server.main())
