"""The WSGI application of the twin."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "caseapp.tools.bench.plain_twin.settings"
application = get_wsgi_application()
