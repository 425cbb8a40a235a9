"""All URLs of the site. Text travels by POST; paths have random ids only."""

from django.conf import settings
from django.urls import include, path

from caseapp.ui.requests import health

FEATURES = (
    "account",
    "today",
    "cases",
    "clients",
    "hearings",
    "deadlines",
    "documents",
    "law",
    "search",
    "calendar",
    "help",
    "team",
    "trail",
    "intake",
    "conflicts",
    "moving",
)
urlpatterns = [
    path("healthz", health.report_alive, name="healthz"),
    path("session", health.report_session, name="session"),
    path("readyz", health.report_ready, name="readyz"),
    *(path("", include(f"caseapp.{feature}.urls")) for feature in FEATURES),
]
if settings.HAS_TOOLS:
    urlpatterns.append(path("styleguide/", include("caseapp.tools.styleguide.urls")))
handler404 = "caseapp.ui.requests.error_pages.not_found"
handler400 = "caseapp.ui.requests.error_pages.bad_request"
handler403 = "caseapp.ui.requests.error_pages.not_found"
handler500 = "caseapp.ui.requests.error_pages.server_error"
