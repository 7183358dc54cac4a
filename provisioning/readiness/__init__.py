"""Readiness: the checklist of the guide behind the catalogue, each item asked of AWS itself."""
