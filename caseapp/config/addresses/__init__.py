"""All URLs of the site, room by room."""

from django.conf import settings
from django.urls import include, path

from caseapp.ui.requests import health

urlpatterns = [
    path("healthz", health.report_alive, name="healthz"),
    path("readyz", health.report_ready, name="readyz"),
    path("", include("caseapp.config.addresses.doors")),
    path("", include("caseapp.config.addresses.security")),
    path("", include("caseapp.config.addresses.today")),
    path("", include("caseapp.config.addresses.cases")),
    path("", include("caseapp.config.addresses.hearings")),
    path("", include("caseapp.config.addresses.deadlines")),
    path("", include("caseapp.config.addresses.rules")),
    path("", include("caseapp.config.addresses.documents")),
    path("", include("caseapp.config.addresses.search")),
    path("", include("caseapp.config.addresses.calendar")),
    path("", include("caseapp.config.addresses.members")),
    path("", include("caseapp.config.addresses.audit")),
    path("", include("caseapp.config.addresses.recovery")),
    path("", include("caseapp.config.addresses.reminders")),
    path("", include("caseapp.config.addresses.clients")),
]
if settings.HAS_TOOLS:
    urlpatterns.append(path("styleguide/", include("caseapp.tools.styleguide.urls")))
