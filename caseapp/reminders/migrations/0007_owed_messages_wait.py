"""When an owed message is tried next."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reminders", "0006_mail_that_waits"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="try_after",
            field=models.DateTimeField(null=True),
        ),
    ]
