PYTHON ?= python3

.PHONY: install

install:
	@$(PYTHON) scripts/install.py
