"""Root URL configuration. Text is sent by POST; paths contain only random ids."""

from django.urls import include, path

urlpatterns = [
    path("", include("caseapp.config.addresses")),
]
handler404 = "caseapp.ui.requests.error_pages.not_found"
handler400 = "caseapp.ui.requests.error_pages.bad_request"
handler403 = "caseapp.ui.requests.error_pages.not_found"
handler500 = "caseapp.ui.requests.error_pages.server_error"
