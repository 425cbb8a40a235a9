"""Entry point of the web processes."""

import os

from django.core.wsgi import get_wsgi_application

from caseapp.lib import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseapp.config.settings")
memory.keep_private()

application = get_wsgi_application()

from caseapp.reminders.monitoring import health_thread  # noqa: E402  # its tables are known only now

# Each web process looks by itself whether reminders still go out: that must not hang on the queue it looks at.
health_thread.start()
