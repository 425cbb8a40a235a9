"""A lease beside the row lock, by which channel a message went, a random-id index, and the nightly census."""

from django.db import migrations, models
from django.db.models import Q


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
        migrations.AddIndex(
            model_name="fire",
            index=models.Index(fields=["org_id", "id"], condition=Q(sent_on=None), name="reminders_fire_waiting"),
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
