# SPDX-License-Identifier: AGPL-3.0-or-later
# A small front door; the build itself is Meson and Ninja. `make demo` and `make test` install the
# Debian packages that are missing, so that they work on a new machine.
BUILD ?= build
# One line of progress on a terminal, none elsewhere.
NINJA = ninja -C $(BUILD) $$([ -t 2 ] || echo --quiet)

# Sets of tools/install-packages; targets that need more say so.
PACKAGES = build run

.PHONY: all build demo test gate bench install-packages format lint docs clean

all: build

install-packages:
	@tools/install-packages $(PACKAGES)

$(BUILD)/build.ninja: | install-packages
	@echo "configuring $(BUILD)/ (log: $(BUILD)/meson-logs/meson-log.txt)"
	@out=$$(meson setup $(BUILD) --buildtype=release -Doptimization=2 2>&1) || { echo "$$out"; exit 1; }

build: $(BUILD)/build.ninja
	@$(NINJA)

# The program alone: a newcomer does not wait for the tests.
demo: $(BUILD)/build.ninja
	@echo "building $(BUILD)/src/cmd/leapocr"
	@$(NINJA) src/cmd/leapocr
	@tools/demo $(BUILD)/src/cmd/leapocr

test: PACKAGES = build run test
test: install-packages
	@tests/run

gate: PACKAGES = build run test
gate: install-packages
	@tests/gate

bench: PACKAGES = build run test bench
bench: build
	@bench/run $(BUILD)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

lint: build
	@tools/lint $(BUILD)

docs: build
	@tools/check-docs $(BUILD)/src/cmd/leapocr --write

clean:
	rm -rf build build-* out
