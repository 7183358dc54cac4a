"""Tests of the Django app: pages, services, API."""
