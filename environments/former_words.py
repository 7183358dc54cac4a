"""What the engine said before: journals and plans still hold it, so its translations stay."""

from django.utils.translation import gettext_noop as _

FORMER_WORDS = (
    _("Address of the NAT gateway"),
    _("Alarms by e-mail to %(email)s"),
    _("Bucket"),
    _("Bucket of files"),
    _("Database parameter group"),
    _("Database subnet group"),
    _("Elastic IP"),
    _("Gateway endpoint for S3"),
    _("Logs of the database"),
    _("Logs of the tasks"),
    _("Range of tasks"),
    _("Role of the application"),
    _("Role that starts tasks"),
    _("Route table of the private subnets"),
    _("Route table of the public subnets"),
    _("Scaling by CPU"),
    _("Scaling limits"),
    _("Security group %(key)s"),
    _("Service blue"),
    _("Subnet %(key)s"),
    _("Target group %(colour)s"),
    _("Topic of the alarms"),
    _("Validation of the certificate"),
    _("What starting a task takes"),
    _("What the application may do"),
)
