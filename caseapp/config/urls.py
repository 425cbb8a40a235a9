"""Every address. Text travels by POST; paths hold random ids only."""

from django.urls import include, path

urlpatterns = [
    path("", include("caseapp.config.addresses")),
]
handler404 = "caseapp.ui.requests.error_pages.not_found"
handler400 = "caseapp.ui.requests.error_pages.bad_request"
handler403 = "caseapp.ui.requests.error_pages.not_found"
handler500 = "caseapp.ui.requests.error_pages.server_error"
