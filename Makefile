# Two commands: `make run` and `make test`. Both set everything up by themselves.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: install run test check soak audit

install:
	@$(PYTHON) caseapp/tools/bootstrap.py

# exec, so that Ctrl-C and a SIGTERM to this line reach the supervisor itself.
run: install
	@exec $(BIN)/caseapp up --port $(PORT) $(if $(filter 1 yes true,$(DEMO)),--demo)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy caseapp tests
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m caseapp.tools.pytest_plugin
	$(BIN)/pytest -n 2 --dist worksteal

# The long runs: a simulated year of reminders, 100 random kills of each process, 10,000 rounds of save and read between two processes.
soak: install
	CASEAPP_YEAR_DAYS=365 CASEAPP_KILLS=100 CASEAPP_KILL_ROUNDS=100 CASEAPP_FRESHNESS_ROUNDS=10000 $(BIN)/pytest tests/stack/test_year.py tests/stack/test_kills.py tests/reminders/planning/test_processes.py tests/index -s

audit: install
	$(BIN)/pip-audit
