"""URLs of set-up, sign-in, lost access, joining, and a member's own profile, factors and reminders."""

from django.urls import path

from caseapp.account.views import (
    drafts,
    factors,
    join,
    lost_access,
    new_office,
    passphrase,
    profile,
    reminders,
    second_factor,
    sign_in,
)

app_name = "account"
urlpatterns = [
    path("setup/", new_office.set_up_office, name="setup"),
    path("setup/office/", new_office.set_up_further_office, name="setup_further"),
    path("setup/recovery/", new_office.set_up_recovery_code, name="recovery"),
    path("sign-in/", sign_in.login, name="login"),
    path("sign-in/factor/", second_factor.check_second_factor, name="factor"),
    path("sign-in/rescue/", second_factor.renew_passphrase, name="rescue"),
    path("sign-in/lost/", lost_access.request_recovery_link, name="lost"),
    path("sign-in/return/", lost_access.recover_account, name="recover"),
    path("sign-out/", sign_in.logout, name="logout"),
    path("lock/", sign_in.lock, name="lock"),
    path("unlock/", sign_in.unlock, name="unlock"),
    path("unlock/passkey/", sign_in.unlock_with_passkey, name="unlock_passkey"),
    path("join/", join.accept_invitation, name="join"),
    path("waiting/", join.wait_for_approval, name="waiting"),
    path("account/", profile.edit_profile, name="me"),
    path("account/cover/", profile.cover_names, name="cover"),
    path("account/here/", profile.keep_session_active, name="keep_active"),
    path("account/drafts/", drafts.show_drafts, name="drafts"),
    path("account/drafts/save/", drafts.save_draft, name="draft_save"),
    path("account/drafts/offers/", drafts.list_offers, name="draft_offers"),
    path("account/drafts/<uuid:draft_id>/", drafts.restore_draft, name="draft"),
    path("account/drafts/<uuid:draft_id>/discard/", drafts.discard_draft, name="draft_discard"),
    path("account/security/", factors.security_overview, name="security"),
    path("account/security/app/", factors.add_authenticator_app, name="app"),
    path("account/security/passkey/", factors.add_passkey, name="passkey"),
    path("account/security/factors/<uuid:factor_id>/remove/", factors.remove_factor, name="remove_factor"),
    path("account/security/check/", factors.confirm_identity, name="check"),
    path("account/security/passphrase/", passphrase.change_passphrase, name="passphrase"),
    path("account/devices/<uuid:device_id>/end/", factors.end_device, name="end_device"),
    path("account/devices/end-others/", factors.end_other_devices, name="end_others"),
    path("reminders/", reminders.edit_reminder_settings, name="reminders"),
    path("reminders/log/", reminders.show_delivery_log, name="delivery_log"),
]
