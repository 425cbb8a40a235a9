"""URLs of set-up, sign-in, lock and profile."""

from django.urls import path

from caseapp.account.views import new_office, profile, sign_in

urlpatterns = [
    path("setup/", new_office.set_up_office, name="setup"),
    path("setup/recovery/", new_office.set_up_recovery_code, name="recovery"),
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("lock/", sign_in.lock, name="lock"),
    path("unlock/", sign_in.unlock, name="unlock"),
    path("unlock/passkey/", sign_in.unlock_with_passkey, name="unlock_passkey"),
    path("me/", profile.edit_profile, name="me"),
    path("me/cover/", profile.cover_names, name="cover"),
    path("me/here/", profile.keep_session_active, name="here"),
]
