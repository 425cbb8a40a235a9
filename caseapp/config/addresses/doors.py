"""Addresses of the doors."""

from django.urls import path

from caseapp.account.views import new_office as setup
from caseapp.account.views import profile as me
from caseapp.account.views import sign_in as views

urlpatterns = [
    path("setup/", setup.office, name="setup"),
    path("setup/recovery/", setup.recovery, name="recovery"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("lock/", views.lock, name="lock"),
    path("unlock/", views.unlock, name="unlock"),
    path("unlock/passkey/", views.unlock_with_passkey, name="unlock_passkey"),
    path("me/", me.me, name="me"),
    path("me/cover/", me.cover, name="cover"),
    path("me/here/", me.here, name="here"),
]
