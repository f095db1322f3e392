# Every command a person needs. They work from any folder and in any order: each brings what it lacks.

export PATH := $(CURDIR)/.node/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run demo test check format clean reset node

# npm writes this file last.
packages := node_modules/.package-lock.json

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1	\2/p' Makefile | awk -F '\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'

run: $(packages) ## start Postern with its own PostgreSQL on http://localhost:8628; Ctrl-C stops both
	@POSTERN_MODE=development exec bin/postern serve

demo: ## play with curl, against a running server, what five kinds of API let their users do
	@bin/demo

test: $(packages) ## run every test, or some: make test T=test/flows/device.test.ts
	@exec node test/support/run.ts $(T)

check: $(packages) ## check format, lint and types
	@node_modules/.bin/biome check --error-on-warnings
	@node_modules/.bin/tsc --noEmit -p .

format: $(packages) ## put the source into the form that check wants
	@node_modules/.bin/biome check --write

clean: ## remove what make has brought: node_modules, .node, dist
	rm -rf node_modules .node dist

reset: ## remove the development data (.postern); the next run begins anew
	@if kill -0 "$$(head -n 1 .postern/postgres/data/postmaster.pid 2>/dev/null)" 2>/dev/null; then \
		echo 'Its database is running: stop Postern first (after a crash: make run, then Ctrl-C).' >&2; exit 1; fi
	rm -rf .postern

# No package needs its install script; src/postgres/binaries.ts does what one of them would have done.
$(packages): package.json package-lock.json | node
	@npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

node:
	@test -x .node/bin/node || node -e 'process.exit(parseInt(process.versions.node) < 24 ? 1 : 0)' || bin/bring-node
