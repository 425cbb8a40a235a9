"""Text that was typed and not saved, and what writes it while a session is locked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_sheets_wait_for_their_holders"),
    ]

    operations = [
        migrations.CreateModel(
            name="TypedDraft",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("sealed", models.BinaryField()),
                ("gone_on", models.DateField()),
            ],
            options={
                "db_table": "accounts_draft",
            },
        ),
        migrations.AddField(
            model_name="session",
            name="draft_inbox",
            field=models.BinaryField(default=b""),
        ),
    ]
