# `make run` and `make test` set up everything they need. The other targets are for contributors (CONTRIBUTING.md).
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: install install-all run test unit fix check house translations migration soak load audit compose-test pin-images

# The `caseapp` command and what running it needs.
install:
	@$(PYTHON) caseapp/tools/bootstrap.py local
	@$(PYTHON) caseapp/tools/git_hooks.py

# Also the tools and what the tests need.
install-all:
	@$(PYTHON) caseapp/tools/bootstrap.py all
	@$(PYTHON) caseapp/tools/git_hooks.py

# exec, so that Ctrl-C and a SIGTERM to this line reach the supervisor itself.
run: install
	@exec $(BIN)/caseapp up --port $(PORT) $(if $(filter 1 yes true,$(DEMO)),--demo)

# The whole suite, browser tests included: some 25 minutes on two cores. Four processes, because many tests of a whole
# stack wait for a process to stop or to start again: the others compute meanwhile.
test: check
	$(BIN)/python -m caseapp.tools.pytest_plugin
	$(BIN)/pytest -n 4 --dist worksteal --durations 25

# The law, byte formats, records, docs and tools, without browser, stack and database: under a minute on two cores.
# The commands that the docs show are left to `make test`: they start many processes.
UNIT := tests/rules tests/vault/core tests/lib tests/records tests/docs $(wildcard tests/tools/test_*.py)
unit: install-all
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser and not stack" -q --durations 5 $(UNIT) \
	  --ignore tests/docs/test_documented_commands.py

# Format, and fix what ruff can fix.
fix: install-all
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format --quiet .

check: install-all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy caseapp tests
	$(BIN)/lint-imports
	$(BIN)/python -m caseapp.tools.house
	$(BIN)/python -m caseapp.tools.dead_code

# The shape of the code with its limits.
house: install-all
	@$(BIN)/python -m caseapp.tools.house -v

# Bring the Spanish and French catalogues into step with the code; lists what is still to be translated.
translations: install-all
	$(BIN)/python -m caseapp.tools.translations

# Write the migration of a room's changed tables: make migration ROOM=reminders NAME=channel_is_optional
migration: install-all
	CASEAPP_MODE=test DJANGO_SETTINGS_MODULE=caseapp.config.settings \
	  $(BIN)/django-admin makemigrations $(ROOM) --name $(NAME)

# The long runs: a simulated year of reminders, 100 random kills of each process, 10,000 rounds of save and read between two processes.
soak: install-all
	CASEAPP_YEAR_DAYS=365 CASEAPP_KILLS=100 CASEAPP_KILL_ROUNDS=100 CASEAPP_FRESHNESS_ROUNDS=10000 \
	  CASEAPP_BACKUP_KILLS=20 CASEAPP_UPGRADE_KILLS=20 $(BIN)/pytest \
	  tests/stack/test_year.py tests/stack/test_kills.py tests/reminders/planning/test_processes.py tests/index \
	  tests/cli/backup/test_kills_of_backup_and_restore.py tests/upgrade/test_interrupted.py -s

# 40 people at work for ten minutes over 5,000 cases, written into docs/performance.md; MINUTES=1 prints a short run.
load: install-all
	@$(if $(MINUTES),$(BIN)/caseapp bench load --minutes $(MINUTES),$(BIN)/caseapp bench all --only load)

audit: install-all
	$(BIN)/pip-audit

# docker-compose.yml on a real engine: a first case over HTTPS, backup, restart, restore, seal scan, upgrade; it says so
# where there is no engine. Some 20 minutes.
compose-test: install-all
	@$(BIN)/python -u -m tests.compose

# Write the digests of the base images into Dockerfile and docker-compose.yml, where a registry answers.
pin-images: install-all
	@$(BIN)/python -m caseapp.tools.pin_images
