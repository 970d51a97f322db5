#!/bin/sh
# Runs every fuzz target of the tree, one after the other: fuzz.sh TIME.
# An input that breaks one is left in its package's testdata/fuzz, as a test.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Before 1.27 Go now and then takes the end of the time for a failure: it then
# says this and nothing else (an input that breaks something is always named).
onlyTheEnd() {
	grep -q '^ *context deadline exceeded$' "$log" && ! grep -q -e 'Failing input' -e 'panic:' -e '_test.go:' "$log"
}

grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sort |
	while IFS=: read -r file target; do
		name=${target#func }
		echo "$(dirname "$file") $name"
		if go test -run '^$' -fuzz "^$name\$" -fuzztime "$1" -fuzzminimizetime 10x "$(dirname "$file")" >"$log" 2>&1 || onlyTheEnd; then
			tail -n 3 "$log"
		else
			cat "$log"
			exit 1
		fi
	done
