# Everything from a fresh clone: needs python3 with venv, and make. `make help` lists the commands.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes
export CASEREG_ENV ?= development

.PHONY: help run test check bench messages requirements format secrets audit sbom licences

help:
	@echo "make run           the site with its demo on http://127.0.0.1:8000"
	@echo "make test          all tests, on SQLite and, where its programs are found, on PostgreSQL"
	@echo "make check         linting, types, import contracts, templates, migrations, generated files"
	@echo "make secrets       the secrets that docker-compose.yml reads, where they are missing"
	@echo "make bench         what counting a year costs, as ratios, into docs/benchmarks.md"
	@echo "make format        put code and templates into the project's format"
	@echo "make messages      collect the texts to translate, and compile the translations"
	@echo "make requirements  compile requirements*.in with hashes"
	@echo "make audit         known weaknesses of the packages, where OSV's database is reachable"
	@echo "make sbom          what the site is made of, as CycloneDX, into build/"
	@echo "make licences      the packages' licences, into docs/licences.md"

run: $(VENV)/installed
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_demo
	@echo
	@echo "The site: http://127.0.0.1:8000 (Ctrl+C ends it)"
	@$(BIN)/python manage.py runserver 127.0.0.1:8000 --noreload

test: $(VENV)/installed-dev
	@$(BIN)/python -m tests.run $(ARGS)

check: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m tests.guards.messages --check
	$(BIN)/python -m tests.spec.manifest --check
	$(BIN)/python -m tests.guards.licences --check
	folder=$$(mktemp -d) && export DATABASE_URL=sqlite:///$$folder/check.sqlite3 && \
		$(BIN)/python manage.py migrate --verbosity 0 && $(BIN)/python manage.py document_tables --check; \
		status=$$?; rm -r $$folder; exit $$status
	CASEREG_ENV=production SECRET_KEY=$$(head -c 60 /dev/urandom | base64 -w 0) ALLOWED_HOSTS=register.example.se \
		DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py check --deploy --fail-level WARNING

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

bench: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench.run

messages: $(VENV)/installed-dev
	$(BIN)/python -m tests.guards.messages

secrets:
	@docker/secrets.sh

requirements: $(VENV)/installed-dev
	for name in requirements requirements-oidc requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
			$$name.in --output-file $$name.txt || exit 1; \
	done

audit: $(VENV)/installed-dev
	@$(BIN)/python -m tests.guards.weaknesses

# Reproducible: the same packages give the same bytes.
sbom: $(VENV)/installed-dev
	@mkdir -p build
	@for name in requirements requirements-oidc; do \
		PYTHONWARNINGS=ignore::UserWarning $(BIN)/cyclonedx-py requirements --pyproject pyproject.toml \
			--output-reproducible --output-file build/$$name.cdx.json $$name.txt || exit 1; \
		echo "build/$$name.cdx.json"; \
	done

licences: $(VENV)/installed-dev
	@$(BIN)/python -m tests.guards.licences

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the site needs …"
	@$(PIP) --requirement requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests and checks need …"
	@$(PIP) --requirement requirements-dev.txt
	@touch $@ $(VENV)/installed
