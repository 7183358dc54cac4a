"""The REST API under /api/v1/: the same services and errors as the pages."""
