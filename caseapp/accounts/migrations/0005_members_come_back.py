from django.db import migrations, models


class Migration(migrations.Migration):
    """Members who lost their passphrase and are on their way back with new keys."""

    dependencies = [("accounts", "0004_groups_know_what_is_swept")]

    operations = [
        migrations.CreateModel(
            name="Return",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("tag", models.BinaryField()),
                ("expires_at", models.DateTimeField()),
                ("pending", models.BinaryField(default=b"")),
            ],
            options={"db_table": "accounts_return"},
        ),
    ]
