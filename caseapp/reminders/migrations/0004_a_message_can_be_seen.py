"""That whoever got a message opened Today afterwards: silences that day's repeat."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reminders", "0003_leases_ways_and_a_census"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="seen",
            field=models.BooleanField(db_default=False),
        ),
    ]
