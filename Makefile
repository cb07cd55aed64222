# 第一次运行只需要 Python >= 3.11 和 make；其余都装进 .venv。
# The first run needs only Python >= 3.11 and make; everything else goes into .venv.

PYTHON ?= python3
UV ?= $(shell command -v uv 2>/dev/null)
JOBS ?= 2
OUT ?= out/demo
NOTEBOOK ?= notebooks/01_first_round.ipynb

VENV := .venv
BIN := $(VENV)/bin
# .made: the environment; .runtime: evaltool in it; .dev: and what tests and checks need.
MADE := $(VENV)/.made
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
PINS := pyproject.toml constraints.txt
CHINESE := $(VENV)/share/jupyter/lab/settings/overrides.json

ifneq ($(strip $(UV)),)
INSTALL = "$(UV)" pip install --quiet --python $(BIN)/python -c constraints.txt
else
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
endif

# An environment holds its own place in its scripts: a checkout that was moved needs a new one.
ifneq ($(wildcard $(MADE)),)
ifneq ($(shell cat $(MADE)),$(CURDIR))
$(shell rm -rf $(VENV))
endif
endif

.PHONY: help demo test faults lab lint bench generated clean

help:
	@echo 'make demo   用自带样例走完一轮评价，结果在 $(OUT)     | a whole round on the sample data'
	@echo 'make lab    打开中文界面的 JupyterLab 和第一个笔记本  | JupyterLab in Chinese, first notebook'
	@echo 'make test   运行快的测试                            | the quick tests'
	@echo 'make faults 成批出报告的故障测试（杀一百次等，约十分钟）| faults of the batch: a hundred kills and more'
	@echo 'make lint   ruff 和 mypy                            | ruff and mypy'
	@echo 'make bench  计时                                    | timings'
	@echo 'make generated  重做由别处生成的文件（样例、表单结构、问题代码、各版本的字典和核对表）| remake committed files made from others'
	@echo 'make clean  删除 .venv、缓存和 out/demo              | remove what make made'
	@echo
	@echo '换一个 Python | another Python:  make demo PYTHON=python3.12'

demo: $(RUNTIME)
	$(BIN)/evaltool demo --out "$(OUT)"

test: $(DEV)
	$(BIN)/pytest -n $(JOBS) $(PYTEST_ARGS)

faults: $(DEV)
	$(BIN)/pytest -n $(JOBS) -m long -s $(PYTEST_ARGS)

lab: $(RUNTIME) $(CHINESE)
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" $(LAB_ARGS) $(NOTEBOOK)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(RUNTIME)
	$(BIN)/python benchmarks/loading.py
	$(BIN)/python benchmarks/scoring.py $(BENCH_ARGS)
	$(BIN)/python benchmarks/gate.py
	$(BIN)/python benchmarks/intake.py

# What is made from something else and committed all the same; tests compare it.
generated: $(RUNTIME)
	$(BIN)/python -c "from pathlib import Path; from evaltool.scheme.schemas import write; write(Path('indicators/schema'))"
	$(BIN)/python -m evaltool.problems > docs/problems.md
	$(BIN)/python -m evaltool.question_lines > docs/questions.md
	$(BIN)/python -c "from pathlib import Path; from evaltool.documents.publishing import write_pages; write_pages(Path('docs/editions'))"
	$(BIN)/python data/generate_sample.py

clean:
	rm -rf $(VENV) out/demo out/ci build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name .git -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo '需要 Python 3.11 或更高版本；"$(PYTHON)" 是：' "$$($(PYTHON) --version 2>&1 || true)"; \
	  echo '装好后指明用哪一个，例如：make demo PYTHON=python3.12'; \
	  echo 'Python 3.11 or newer is needed; name one: make demo PYTHON=python3.12'; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  { [ -n '$(UV)' ] && "$(UV)" venv --quiet --python "$(PYTHON)" $(VENV); } || { \
	  echo '无法建立虚拟环境。Debian/Ubuntu 上先装 python3-venv。'; \
	  echo 'No virtual environment could be made. On Debian or Ubuntu, install python3-venv first.'; exit 1; }; }
	@printf '%s' '$(CURDIR)' > $@

$(RUNTIME): $(MADE) $(PINS)
	@echo '安装 evaltool 和它用到的软件包，只在第一次，约 1 分钟……| installing, this once, about a minute'
	$(INSTALL) -e .
	@touch $@

$(DEV): $(MADE) $(PINS)
	@echo '安装 evaltool 和测试工具，只在第一次，约 1 分钟……| installing with test tools, this once, about a minute'
	$(INSTALL) -e '.[dev]'
	@touch $(RUNTIME) $@

# Defaults of this environment's JupyterLab: a Chinese interface, and no question about news from the internet.
# What a user chooses in the Settings menu still wins, and nothing is written to the home folder here.
$(CHINESE): $(MADE)
	@mkdir -p $(@D)
	@printf '%s\n' '{' \
	  '  "@jupyterlab/translation-extension:plugin": {"locale": "zh_CN"},' \
	  '  "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}' \
	  '}' > $@
