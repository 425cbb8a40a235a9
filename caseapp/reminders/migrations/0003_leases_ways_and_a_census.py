"""A lease beside the row lock, by which channel a message went, and the nightly census."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reminders", "0002_log_names_nobody_in_clear"),
    ]

    operations = [
        migrations.AddField(model_name="channel", name="lease", field=models.UUIDField(null=True)),
        migrations.AddField(model_name="channel", name="leased_until", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="delivery", name="by", field=models.CharField(default="email", max_length=8),
            preserve_default=False,
        ),
        # Room on each page for the day that is marked as sent: no index has to be written again for it.
        migrations.RunSQL(
            "ALTER TABLE reminders_fire SET (fillfactor = 85)", "ALTER TABLE reminders_fire RESET (fillfactor)"
        ),
        migrations.CreateModel(
            name="Census",
            fields=[
                ("org_id", models.UUIDField(primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(default=b"")),
                ("counted_at", models.DateTimeField(null=True)),
                ("missing", models.IntegerField(default=0)),
                ("missing_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "reminders_census"},
        ),
    ]
