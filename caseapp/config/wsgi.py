"""WSGI entry point of the web processes.

Gunicorn loads it once and forks the web processes from it: they share the memory of the program and start at once.
"""

import os

from django.core.wsgi import get_wsgi_application

from caseapp.lib import memory
from caseapp.lib.logs import quiet_logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseapp.config.settings")
memory.keep_private()
quiet_logs.install()

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402  # needs the loaded app registry

from caseapp.index.columns import freezing  # noqa: E402
from caseapp.reminders.monitoring import health_thread  # noqa: E402
from caseapp.ui import readiness, schema_state  # noqa: E402

_ = get_resolver().url_patterns  # loads every page


def begin_serving() -> None:
    """Begin what a process that answers pages does besides. Threads and connections do not survive a fork."""
    memory.keep_private()
    schema_state.start_watching()
    freezing.freeze_in_this_process("web")
    # Each web process checks that reminders go out: the check must not depend on the queue it checks.
    health_thread.start()
    readiness.watch.start()
