"""Each environment's stack as a column of its own, so that the database keeps two from having one."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from provisioning.names import stack_of


def fill(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    """The stack follows from the identity."""
    environment = apps.get_model('environments', 'Environment')
    for one in environment.objects.only('pk', 'identity').iterator():
        environment.objects.filter(pk=one.pk).update(stack=stack_of(str(one.identity)))


class Migration(migrations.Migration):

    dependencies = [
        ('environments', '0004_mail'),
    ]

    operations = [
        migrations.AddField(
            model_name='environment',
            name='stack',
            field=models.CharField(default='', editable=False, max_length=8),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='environment',
            name='stack',
            field=models.CharField(editable=False, max_length=8, unique=True),
        ),
    ]
