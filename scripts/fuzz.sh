#!/bin/sh
# Runs every fuzz target of the tree, one after the other: fuzz.sh TIME.
# An input that breaks one is left in its package's testdata/fuzz, as a test.
set -eu

grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort |
	while IFS=: read -r file target; do
		name=${target#func }
		echo "$(dirname "$file") $name"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" -fuzzminimizetime 10x "$(dirname "$file")"
	done
