"""The fact view of payments was first made here; 0004 makes it with the columns it has now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("treasury", "0001_payments_files_and_clearing")]

    operations = []
