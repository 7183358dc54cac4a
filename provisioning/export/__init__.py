"""What can be taken out of Andamio: the permissions that it needs, and environments in AWS's own words."""
