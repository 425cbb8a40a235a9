"""Every address. Text travels by POST; paths hold random ids only."""

from django.urls import include, path

urlpatterns = [
    path("", include("caseapp.web.urls")),
]
handler404 = "caseapp.web.errors.not_found"
handler400 = "caseapp.web.errors.bad_request"
handler403 = "caseapp.web.errors.not_found"
handler500 = "caseapp.web.errors.server_error"
