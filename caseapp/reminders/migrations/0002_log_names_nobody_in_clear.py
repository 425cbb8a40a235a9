from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reminders", "0001_outbox_fires_channels_log"),
    ]

    operations = [
        migrations.RemoveField(model_name="delivery", name="member_id"),
        # Lines written before this open as nobody's and are left out of the log; they still prevent repeats.
        migrations.AddField(
            model_name="delivery", name="sealed", field=models.BinaryField(default=b""), preserve_default=False
        ),
        migrations.AddField(model_name="outboxstate", name="unread", field=models.IntegerField(default=0)),
        migrations.AddField(model_name="outboxstate", name="shuffled_at", field=models.DateTimeField(null=True)),
    ]
