"""An address book without addresses."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
