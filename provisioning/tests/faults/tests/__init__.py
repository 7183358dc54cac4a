"""Tests of the fault proxy: each fault through real boto3 in front of a real server."""
