"""That whoever got a message opened Today afterwards, and when somebody of an office last did."""

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
        migrations.AddField(
            model_name="census",
            name="looked_on",
            field=models.DateField(null=True),
        ),
    ]
