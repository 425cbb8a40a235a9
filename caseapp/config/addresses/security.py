"""URLs of a member's second factors, passphrase and devices."""

from django.urls import path

from caseapp.account.views import factors, passphrase, second_factor

urlpatterns = [
    path("login/factor/", second_factor.factor, name="factor"),
    path("login/rescue/", second_factor.rescue, name="rescue"),
    path("me/security/", factors.overview, name="security"),
    path("me/security/app/", factors.app, name="app"),
    path("me/security/passkey/", factors.passkey, name="passkey"),
    path("me/security/factors/<uuid:factor_id>/remove/", factors.remove, name="remove_factor"),
    path("me/security/check/", factors.check, name="check"),
    path("me/security/passphrase/", passphrase.change, name="passphrase"),
    path("me/devices/<uuid:device_id>/end/", factors.end_device, name="end_device"),
    path("me/devices/end-others/", factors.end_others, name="end_others"),
]
