# Needs Python 3.11+ and make, nothing else. `make` alone lists what there is.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PACKAGES := portal environments provisioning
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links
# What a real installation sets; none of it is used for anything but reading the settings.
PRODUCTION := env DEBUG=false DEMO=false SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
	DATABASE_URL=postgres://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1:1/0 ALLOWED_HOSTS=portal.example.org

.PHONY: help up setup test check tests browser crash bench lock messages

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

up: setup ## the whole portal on this machine (PORT, DATA_DIR, WORKERS, HOST); Ctrl-C stops it
	@exec $(BIN)/python -m portal.up

setup: ## the virtual environment, installed from the lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@cmp -s requirements-dev.txt $(VENV)/installed.txt && $(BIN)/python -c '' 2>/dev/null || $(MAKE) --no-print-directory $(VENV)

.PHONY: $(VENV)
$(VENV):
	@echo "Installing into $(VENV) (a minute or two, once) ..."
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV) || \
		{ echo "Python's venv module is not whole here: install python3-venv." >&2; exit 1; }
	@rm -f $(VENV)/installed.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@cp requirements-dev.txt $(VENV)/installed.txt

test: setup check browser tests ## everything that CI runs

check: setup ## what reads the code without running it
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict $(PACKAGES) conftest.py manage.py
	@$(BIN)/lint-imports
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(PRODUCTION) $(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

browser:
	@command -v "$${CHROMIUM:-/usr/bin/chromium}" >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium; } || \
		{ echo "The browser tests need Chromium: install the package chromium, or set CHROMIUM to its path." >&2; exit 1; }

# Many tests wait for real time, and a busy machine can fail one: what fails runs again alone, and must pass.
tests:
	@$(BIN)/pytest -q -n 3 $(PYTEST) || { [ $$? = 1 ] && echo "Again, alone: what failed beside others." && \
		$(BIN)/pytest -q -x --last-failed --last-failed-no-failures none $(PYTEST); }

crash: setup ## kill workers at every call of a provision and of a destroy (half an hour)
	@EVERY_BOUNDARY=1 $(BIN)/pytest -q -o log_cli=true -o log_cli_level=INFO environments/tests/crash $(PYTEST)

bench: setup ## the engine beside a plain script, workers and memory; SCALE divides AWS's waits (30; 1 is AWS)
	@$(BIN)/python -m portal.bench --scale $(or $(SCALE),30)

lock: ## requirements*.txt from requirements*.in (needs uv; UPGRADE=--upgrade takes newer versions)
	@$(LOCK) $(UPGRADE) requirements.in --output-file requirements.txt
	@$(LOCK) $(UPGRADE) --constraint requirements.txt requirements-dev.in --output-file requirements-dev.txt

messages: setup ## collect texts for translation, then compile them (needs gettext)
	@$(PRODUCTION) $(BIN)/python manage.py collect_words
	@$(PRODUCTION) $(BIN)/python manage.py makemessages --all --no-obsolete --no-wrap --add-location file --ignore '.venv/*' --ignore '.data/*' --ignore '*/tests/*'
	@$(PRODUCTION) $(BIN)/python manage.py compilemessages --ignore '.venv/*' --ignore '.data/*'
