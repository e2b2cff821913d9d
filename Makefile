# make demo: everything from nothing to a district in the browser. make test: everything that must hold.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check lint fmt bench new-module clean install-dev lock

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.installed-dev
BENCH_INSTALLED := $(VENV)/.installed-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
PORT ?= 8000
ARTEFACTS ?= artefacts
PYTEST_OPTIONS ?=

help:
	@echo "make demo                 一条命令：安装、建库、演示区县、启动（RESET=1 重来，THROUGH=2023-12-31 推演到年底，PORT=8000）"
	@echo "make test                 全部检查与测试"
	@echo "make check                一分钟内的检查（不含数据库测试）"
	@echo "make bench                性能对比，结果在 var/bench.json"
	@echo "make new-module NAME=...  新模块骨架"
	@echo "make clean                停止内置数据库，删除虚拟环境与缓存（DATA=1 连同数据）"

# The first Python from 3.11 on that really starts: a shim may exist without its version.
$(BIN)/python:
	@for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	  for candidate in $$(type -aP $$name); do \
	    $$candidate -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "使用 $$candidate（$$($$candidate --version)）建立虚拟环境"; \
	    $$candidate -m venv $(VENV) && exit 0; \
	  done; \
	done; \
	echo "需要 Python 3.11 或更新版本（Debian、Ubuntu 另需：apt-get install python3-venv）。" >&2; exit 1

$(INSTALLED): requirements.txt pyproject.toml | $(BIN)/python
	@echo "安装依赖（版本见 requirements.txt）……"
	@$(PIP) -r requirements.txt
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

$(DEV_INSTALLED): $(INSTALLED) requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(BENCH_INSTALLED): $(INSTALLED) requirements-bench.txt
	@$(PIP) -r requirements-bench.txt
	@touch $@

install-dev: $(DEV_INSTALLED)

demo: $(INSTALLED)
	@$(BIN)/fisc demo --brief $(if $(THROUGH),--through $(THROUGH)) $(if $(RESET),--reset)
	@exec $(BIN)/fisc up --port $(PORT)

lint: $(DEV_INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/lint-imports

fmt: $(DEV_INSTALLED)
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

check: lint
	$(BIN)/mypy src/fisc/base src/fisc/kernel
	$(BIN)/pytest -q src/fisc/base tests/conformance/test_imports.py

test: lint
	@mkdir -p $(ARTEFACTS)
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadgroup --junitxml=$(ARTEFACTS)/junit.xml $(PYTEST_OPTIONS)

bench: $(BENCH_INSTALLED)
	@$(BIN)/python -m bench

new-module: $(INSTALLED)
	@test -n "$(NAME)" || { echo "用法：make new-module NAME=英文名" >&2; exit 2; }
	@$(BIN)/python -m fisc.kernel.modules.scaffold "$(NAME)"

lock: $(DEV_INSTALLED) $(BENCH_INSTALLED)
	@$(BIN)/python scripts/lock.py

clean:
	@test ! -x $(BIN)/fisc || $(BIN)/fisc db stop
	@test -z "$(DATA)" || test ! -x $(BIN)/fisc || $(BIN)/fisc db remove --yes
	@test -z "$(DATA)" || rm -rf var
	@rm -rf $(VENV) build dist $(ARTEFACTS) .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find src tests -name __pycache__ -prune -exec rm -rf {} +
