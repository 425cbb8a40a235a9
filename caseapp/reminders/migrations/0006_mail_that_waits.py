"""Mail of invitations that the mail server put off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0005_how_far_returned_mail_was_read"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingMail",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("org_id", models.UUIDField()),
                ("id", models.UUIDField()),
                ("sealed", models.BinaryField(default=b"")),
                ("tries", models.IntegerField(default=1)),
                ("try_after", models.DateTimeField()),
            ],
            options={
                "db_table": "reminders_waiting_mail",
            },
        ),
    ]
