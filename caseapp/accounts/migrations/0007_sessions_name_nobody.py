from django.db import migrations, models


class Migration(migrations.Migration):
    """A session's row no longer says whose it is or when it began: `whose` opens with the cookie."""

    dependencies = [("accounts", "0006_stops_and_where_they_arrive")]

    operations = [
        # Rows from before cannot be sealed anew without their cookies; their people sign in again.
        migrations.RunSQL("DELETE FROM accounts_session", migrations.RunSQL.noop),
        migrations.RemoveIndex("session", "accounts_session_member"),
        migrations.RemoveField("session", "member_id"),
        migrations.RemoveField("session", "created_at"),
        migrations.RemoveField("session", "expires_at"),
        migrations.AddField("session", "whose", models.BinaryField(default=b""), preserve_default=False),
        migrations.AddField("session", "gone_on", models.DateField(default="2026-11-26"), preserve_default=False),
        migrations.AddIndex("session", models.Index(fields=["org_id"], name="accounts_session_office")),
        migrations.AddField("member", "session_epoch", models.IntegerField(default=0)),
    ]
