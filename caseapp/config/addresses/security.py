"""URLs of a member's second factors, passphrase and devices."""

from django.urls import path

from caseapp.account.views import factors, passphrase, second_factor

urlpatterns = [
    path("login/factor/", second_factor.check_second_factor, name="factor"),
    path("login/rescue/", second_factor.renew_passphrase, name="rescue"),
    path("me/security/", factors.security_overview, name="security"),
    path("me/security/app/", factors.add_authenticator_app, name="app"),
    path("me/security/passkey/", factors.add_passkey, name="passkey"),
    path("me/security/factors/<uuid:factor_id>/remove/", factors.remove_factor, name="remove_factor"),
    path("me/security/check/", factors.confirm_identity, name="check"),
    path("me/security/passphrase/", passphrase.change_passphrase, name="passphrase"),
    path("me/devices/<uuid:device_id>/end/", factors.end_device, name="end_device"),
    path("me/devices/end-others/", factors.end_other_devices, name="end_others"),
]
