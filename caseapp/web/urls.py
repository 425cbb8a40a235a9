"""Every address of the web, room by room."""

from django.urls import include, path

from caseapp.web import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("caseapp.web.doors.urls")),
    path("", include("caseapp.web.security.urls")),
    path("styleguide/", include("caseapp.web.styleguide.urls")),
    path("", include("caseapp.web.today.urls")),
    path("", include("caseapp.web.cases.urls")),
    path("", include("caseapp.web.hearings.urls")),
    path("", include("caseapp.web.deadlines.urls")),
    path("", include("caseapp.web.rules.urls")),
    path("", include("caseapp.web.documents.urls")),
    path("", include("caseapp.web.search.urls")),
    path("", include("caseapp.web.calendar.urls")),
    path("", include("caseapp.web.members.urls")),
    path("", include("caseapp.web.audit.urls")),
    path("", include("caseapp.web.recovery.urls")),
    path("", include("caseapp.web.reminders.urls")),
    path("", include("caseapp.web.clients.urls")),
]
