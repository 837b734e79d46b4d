# The one list of commands, for people and for CI. `make help` explains them.
# Works with GNU make 4.3 and later, also with -j.

PYTHON ?= python3
VENV ?= .venv
# Where torch comes from. Empty: from pip's own index, which on Linux means the large CUDA build; the small one is at
# https://download.pytorch.org/whl/cpu
TORCH_INDEX_URL ?=
PIP_FLAGS ?=
SHARED ?= ../shared
# What `make test` hands to pytest, e.g. make test TESTS="tests/corpus -k titles"
TESTS ?=
# What `make test-faults` and `make soak` are told
FAULTS ?=
# What `make test-telegram` hands to pytest
SCENARIOS ?=
# How many requests of each kind `make test-http` makes to an operation
REQUESTS ?= 100
# What `make test-web` hands to pytest
WEB ?=
# The tag of `make image`, and the folder of `make wheelhouse`
TAG ?=
WHEELHOUSE ?=
# What `make bench-telegram` is told
BENCH_TELEGRAM ?=
# What `make bench-http` is told
BENCH_HTTP ?=
# What `make bench-telegram-kill` is told
TELEGRAM_KILL ?=
SOAK ?=
# What `make eval` asks, and of which sources; its index is kept apart from the one that `make run` serves.
EVAL_CORPUS ?= $(SHARED)/seeds
EVAL_FILES ?= $(SHARED)/eval/seeds_questions.jsonl $(SHARED)/eval/seeds_dialogues.jsonl
# Where the reader's training keeps its examples and checkpoints.
TRAINING_DIR ?= $(DATA_DIR)/reader_training
# What `make bench` runs: modules of evals/
BENCHMARKS ?= $(filter-out reader_benchmark index_benchmark http_benchmark,$(patsubst evals/%.py,%,$(wildcard evals/*_benchmark.py evals/*_throughput.py)))
# What `make eval-reader` is told, e.g. make eval-reader READER_EVAL="--parts reading --sets xquad_zh --questions 100"
READER_EVAL ?=
# What `make bench-index` is told, e.g. make bench-index BENCH_INDEX="--parts scale --sizes 10000 --resume"; and the
# step before it, which embeds the real part once: some 15 minutes on two idle cores, less with BENCH_INDEX_EMBEDDING="--most 8000"
BENCH_INDEX ?=
BENCH_INDEX_EMBEDDING ?= --threads 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DATA_DIR := $(or $(YIJU_DATA_DIR),data)
MODELS_DIR := $(or $(YIJU_MODELS_DIR),$(DATA_DIR)/models)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run prepare test test-telegram test-http test-web test-postgres test-faults soak check lint fmt eval eval-reader train-reader bench bench-index bench-http bench-telegram bench-telegram-kill image test-image wheelhouse test-wheelhouse pictures docs clean distclean

help: ## what the commands do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "Variables: PYTHON=$(PYTHON)  VENV=$(VENV)  TORCH_INDEX_URL=$(or $(TORCH_INDEX_URL),(pip's own index))"
	@echo "Settings come from YIJU_* variables, e.g. YIJU_CORPUS_DIR=../my-files make run; see docs/README.md"

run: prepare ## install, prepare the models, index, and serve on http://127.0.0.1:8000
	@echo "==> index: bringing the index in line with the sources"
	$(BIN)/yiju index
	@echo "==> serve: stop with Ctrl-C"
	$(BIN)/yiju serve

prepare: $(VENV)/.installed ## install and prepare the models
	@echo "==> models: unpacking and exporting them once, then checking them"
	$(BIN)/yiju prepare

test: $(VENV)/.installed-dev ## run the tests (TESTS="tests/corpus -k title" for some of them)
	$(BIN)/python -m pytest $(TESTS)

check: lint test ## everything CI runs: linters, types, import layers, all tests (docs among them)

test-telegram: $(VENV)/.installed-dev ## scenarios over the real Telegram bot and a Bot API server (SCENARIOS="-k group" for some)
	$(BIN)/python -m pytest tests/telegram_server tests/telegram_scenarios $(SCENARIOS)

test-http: $(VENV)/.installed-dev ## many made-up requests to every operation of the HTTP API (REQUESTS=500 for more)
	YIJU_TEST_HTTP_REQUESTS=$(REQUESTS) $(BIN)/python -m pytest tests/bot/channels/test_http_contract.py

test-web: $(VENV)/.installed-dev ## the pages in Debian's chromium; pictures in artefacts/web (WEB="-k source" for some)
	$(BIN)/python -m pytest tests/web $(WEB)

test-postgres: $(VENV)/.installed-dev ## the tests of the database on a PostgreSQL server of their own (TESTS="tests/corpus" for some)
	tests/with-postgres $(BIN)/python -m pytest -m postgres $(TESTS)

test-faults: $(VENV)/.installed-dev ## kill, cut off and fill up an index at hundreds of points (FAULTS="--only restore" for some)
	$(BIN)/python -m evals.index_faults $(FAULTS)

soak: prepare $(VENV)/.installed-dev ## ask a server for ten minutes while its documents change (SOAK="--seconds 60" for less)
	$(BIN)/python -m evals.index_soak --models "$(MODELS_DIR)" $(SOAK)

lint: $(VENV)/.installed-dev ## ruff, mypy and the import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/.installed-dev ## format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(VENV)/.installed-dev ## check the docs: links, and a row for every setting, command, route and metric
	$(BIN)/python -m pytest -q tests/test_docs.py

# Settings of one's own database must not lead here.
eval: export YIJU_DATABASE_URL =
eval: prepare ## ask the evaluation questions over EVAL_CORPUS (default: the shared seeds)
	@test -e "$(EVAL_CORPUS)" || { echo "no $(EVAL_CORPUS): set SHARED, or EVAL_CORPUS and EVAL_FILES" >&2; exit 1; }
	YIJU_DATA_DIR=$(DATA_DIR)/evaluation YIJU_MODELS_DIR=$(MODELS_DIR) $(BIN)/yiju index "$(EVAL_CORPUS)"
	for file in $(EVAL_FILES); do \
	  echo "==> $$file"; \
	  YIJU_DATA_DIR=$(DATA_DIR)/evaluation YIJU_MODELS_DIR=$(MODELS_DIR) $(BIN)/yiju eval "$$file" || exit 1; \
	done

# Near misses are made with jieba, which only development needs.
# One and a half hours on two cores with bfloat16 units, of which training is one; a killed run is gone on with.
train-reader: export OMP_WAIT_POLICY = PASSIVE
train-reader: $(VENV)/.installed-dev prepare ## train the reader anew from SHARED and pack it (docs/models.md)
	@test -d "$(SHARED)/data" || { echo "no $(SHARED)/data: set SHARED" >&2; exit 1; }
	test -e $(TRAINING_DIR)/figures.jsonl || $(BIN)/python -m evals.reader_training.making.make_figures --shared $(SHARED) --out $(TRAINING_DIR)
	test -e $(TRAINING_DIR)/cloze.jsonl || $(BIN)/python -m evals.reader_training.cloze.make --shared $(SHARED) --out $(TRAINING_DIR)/cloze.jsonl --most 30000
	test -e $(TRAINING_DIR)/examples.jsonl || $(BIN)/python -m evals.reader_training.examples --shared $(SHARED) --folder $(TRAINING_DIR)
	$(BIN)/python -m evals.reader_training.train --shared $(SHARED) --folder $(TRAINING_DIR) --run $(TRAINING_DIR)/people --made 0 --rate 2e-4
	$(BIN)/python -m evals.reader_training.train --shared $(SHARED) --folder $(TRAINING_DIR) --run $(TRAINING_DIR)/reader --made 19000 --rate 1.8e-4 --start $(TRAINING_DIR)/people/reader.safetensors
	$(BIN)/python -m evals.reader_training.pack $(TRAINING_DIR)/reader/reader.safetensors

eval-reader: $(VENV)/.installed-dev prepare ## rank, read and refuse with the trained reader and the rules, on documents never trained on
	@test -e "$(SHARED)/data" || { echo "no $(SHARED)/data: set SHARED" >&2; exit 1; }
	$(BIN)/python -m evals.reader_benchmark --shared "$(SHARED)" --models "$(MODELS_DIR)" $(READER_EVAL)

bench: prepare ## run the benchmarks under evals/
	@for script in $(BENCHMARKS); do \
	  echo "==> $$script"; $(BIN)/python -m evals.$$script || exit 1; \
	done

bench-index: $(VENV)/.installed-dev prepare ## how the index does at up to a million passages (BENCH_INDEX="--parts scale --resume")
	@test -e "$(SHARED)/data" || { echo "no $(SHARED)/data: set SHARED" >&2; exit 1; }
	$(BIN)/python -m evals.index_embedding --shared "$(SHARED)" --models "$(MODELS_DIR)" $(BENCH_INDEX_EMBEDDING)
	$(BIN)/python -m evals.index_benchmark --shared "$(SHARED)" --models "$(MODELS_DIR)" $(BENCH_INDEX)

bench-telegram: prepare $(VENV)/.installed-dev ## let 200 people ask 2,000 questions in Telegram and over HTTP (BENCH_TELEGRAM="--questions 200" for less)
	$(BIN)/python -m evals.telegram_load --models "$(MODELS_DIR)" $(BENCH_TELEGRAM)

bench-http: prepare $(VENV)/.installed-dev ## ask over HTTP with 1 to 128 clients, overload it, stop it (BENCH_HTTP="--seconds 3" for less)
	$(BIN)/python -m evals.http_benchmark --models "$(MODELS_DIR)" $(BENCH_HTTP)

bench-telegram-kill: $(VENV)/.installed-dev prepare ## kill the Telegram bot under load and start it again (TELEGRAM_KILL="--kills 10" for less)
	$(BIN)/python -m evals.telegram_kill --models "$(MODELS_DIR)" $(TELEGRAM_KILL)

image: ## build the container image with buildah (TAG, BASE=debian or registry, WHEELHOUSE, MODELS; docs/deploy.md)
	deploy/build-image $(TAG)

test-image: ## run that image without root, network and a writable root, and ask it
	deploy/test-image $(TAG)

wheelhouse: prepare ## everything an installation without a network needs, in dist/wheelhouse
	PYTHON=$(BIN)/python MODELS="$(MODELS_DIR)" deploy/make-wheelhouse $(WHEELHOUSE)

test-wheelhouse: ## install it where no network is, and ask it
	PYTHON=$(PYTHON) deploy/test-wheelhouse $(WHEELHOUSE)

pictures: $(VENV)/.installed-dev prepare ## talk to the real bot and draw the pictures of docs/telegram.md
	$(BIN)/python -m evals.telegram_pictures --models "$(MODELS_DIR)"

clean: ## remove caches and build products; data and the virtual environment stay
	rm -rf build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find bot retrieval embeddings corpus evals tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove the virtual environment too
	rm -rf "$(VENV)"

# --- the virtual environment: each stamp is touched only when its step has succeeded -----------------------------

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { echo "no $(PYTHON): apt-get install -y python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is $$($(PYTHON) -V), yiju needs 3.11 or later: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module. On Debian and Ubuntu: apt-get install -y python3-venv" >&2; exit 1; }
	@echo "==> venv: $(VENV)"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.torch: $(VENV)/.created constraints.txt
ifneq ($(TORCH_INDEX_URL),)
	@echo "==> torch from $(TORCH_INDEX_URL)"
	$(PIP) install $(PIP_FLAGS) --no-deps -c constraints.txt --index-url $(TORCH_INDEX_URL) torch
endif
	@touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "==> dependencies, pinned in constraints.txt: the first time this takes some minutes"
	$(PIP) install $(PIP_FLAGS) -c constraints.txt -e '.[models]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed pyproject.toml constraints.txt
	@echo "==> development tools"
	$(PIP) install $(PIP_FLAGS) -c constraints.txt -e '.[models,dev]'
	@touch $@
