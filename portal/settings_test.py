"""The settings of tests: a few lines over the product's own."""

import os

# Nothing of the person's shell may decide a test; conftest.py says where PostgreSQL and Redis are.
os.environ.update(
    SECRET_KEY="key-of-the-tests", DEBUG="false", DEMO="false", HTTPS="false", COLLECTED_STATIC="false"
)
os.environ.update(
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1", EMAIL_URL="memorymail://", LOG_LEVEL="WARNING"
)
# Where a person wants the tests to run; empty: conftest.py starts servers of its own.
GIVEN_SERVERS = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
os.environ.setdefault("DATABASE_URL", "postgres://127.0.0.1/andamio")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
for name in ("AWS_ENDPOINT_URL", "OIDC_SERVER_URL", "QUEUE_BACKEND"):
    os.environ.pop(name, None)

from portal.settings import *  # noqa: E402, F403  (the product's settings read what stands above)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Placeholders must not look like a person's choice to the processes of xdist, which inherit this environment.
for name, given in GIVEN_SERVERS.items():
    if not given:
        del os.environ[name]
