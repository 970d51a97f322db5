#!/bin/sh
# Looks for the programs that tests need and installs those that are missing
# from the distribution, where it may: with apt-get, as root or with a sudo that
# asks for no password. Otherwise it says what to type and goes on: tests whose
# part is missing are skipped then, or fail where CI=true.
set -u

has() { command -v "$1" >/dev/null 2>&1; }

missing=
if ! has redis-server || ! has redis-cli; then
	missing="$missing redis-server"
fi
if ! has chromium && ! has chromium-browser && ! has google-chrome && ! has google-chrome-stable; then
	missing="$missing chromium"
fi
if ! has fc-list || [ -z "$(fc-list :lang=zh file)" ]; then
	missing="$missing fonts-noto-cjk fontconfig"
fi
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	as_root="sudo -n"
fi

# $missing and $as_root are lists of words.
# shellcheck disable=SC2086
install() {
	has apt-get && $as_root true 2>/dev/null || return 1
	echo "tests need$missing: installing"
	$as_root apt-get update -qq &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

if ! install; then
	echo "tests need$missing, which could not be installed here. On Debian or Ubuntu type:"
	echo "    sudo apt-get update && sudo apt-get install -y$missing"
	echo "Without them the tests that use them are skipped, or fail where CI=true."
fi
