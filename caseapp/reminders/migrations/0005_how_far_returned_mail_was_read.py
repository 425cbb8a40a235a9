"""How far the mailbox of mail that came back was read."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reminders", "0004_a_message_can_be_seen"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadMailbox",
            fields=[
                ("id", models.IntegerField(primary_key=True, serialize=False)),
                ("place", models.CharField(max_length=64)),
                ("began", models.BigIntegerField()),
                ("ended", models.BigIntegerField()),
            ],
            options={"db_table": "reminders_read_mailbox"},
        ),
    ]
