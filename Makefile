# What people do with this tree. `make test` is the only one that may install
# something: programs that tests need, from the distribution (scripts/needs.sh).

FUZZTIME ?= 1m
GOFMT := $(shell go env GOROOT)/bin/gofmt

.PHONY: test race check fuzz train build

test: ## every test; first gets what they need
	@sh scripts/needs.sh
	go test -p 1 -timeout 20m ./... # one package at a time: some of them measure time against real servers

race: ## every test under the race detector (needs a C compiler)
	@sh scripts/needs.sh
	go test -race -p 1 -timeout 60m ./...

check: ## format, vet, staticcheck
	@unformatted=$$($(GOFMT) -l .) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "not formatted; run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck ./...

fuzz: ## every fuzz target, each for FUZZTIME
	@sh scripts/fuzz.sh $(FUZZTIME)

train: ## learn the models of the built-in editions anew (about eight minutes)
	cd knowledge/match && go run ./train && go run ./train -edition 2026-02

build: ## one static binary: ./zizhi
	CGO_ENABLED=0 go build -trimpath -o zizhi ./cmd/zizhi
