# One image for web, worker and scheduler; compose.yaml shows which command makes which.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
WORKDIR /srv/andamio
COPY requirements.txt ./
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --requirement requirements.txt
COPY . .
# Collecting reads the settings and needs none of their secrets.
RUN SECRET_KEY=collecting ALLOWED_HOSTS=localhost DATABASE_URL=postgres://localhost/none REDIS_URL=redis://localhost \
    /opt/venv/bin/python manage.py collectstatic --no-input \
    && /opt/venv/bin/python -m compileall -q /srv/andamio

FROM python:3.12-slim
# Two heaps for all threads: with one for each, as glibc has it, a worker is 20 MiB larger.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/tmp MALLOC_ARENA_MAX=2
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin andamio
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/andamio /srv/andamio
WORKDIR /srv/andamio
USER 10001
EXPOSE 8000
# Only web answers here: worker and scheduler switch the check off or bring their own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
CMD ["gunicorn", "portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
    "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--max-requests", "10000", "--max-requests-jitter", "1000"]
