import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """A session keeps its `chain` when its cookie is renewed. Old rows get ids of their own."""

    dependencies = [("accounts", "0002_grants_groups_invitations_factors")]

    operations = [
        # Sessions from before have no `about` and open no more: their people sign in again.
        migrations.RunSQL("DELETE FROM accounts_session", migrations.RunSQL.noop),
        migrations.AddField("session", "chain", models.UUIDField(default=uuid.uuid4)),
    ]
