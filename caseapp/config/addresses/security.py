"""Addresses of one's own account."""

from django.urls import path

from caseapp.account.views import factors as pages
from caseapp.account.views import passphrase as renewal
from caseapp.account.views import second_factor as door

urlpatterns = [
    path("login/factor/", door.factor, name="factor"),
    path("login/rescue/", door.rescue, name="rescue"),
    path("me/security/", pages.overview, name="security"),
    path("me/security/app/", pages.app, name="app"),
    path("me/security/passkey/", pages.passkey, name="passkey"),
    path("me/security/factors/<uuid:factor_id>/remove/", pages.remove, name="remove_factor"),
    path("me/security/check/", pages.check, name="check"),
    path("me/security/passphrase/", renewal.change, name="passphrase"),
    path("me/devices/<uuid:device_id>/end/", pages.end_device, name="end_device"),
    path("me/devices/end-others/", pages.end_others, name="end_others"),
]
