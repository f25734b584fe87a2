#!/usr/bin/env bash
# What `make check` runs: each check prints one line, and its findings where there are any.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
passed=0
step() {
  local name=$1
  shift
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    printf '  ok      %s\n' "$name"
    passed=$((passed + 1))
  else
    printf '  FAILED  %s\n' "$name"
    sed 's/^/          /' "$log" | head -100
    failed=$((failed + 1))
  fi
  rm -f "$log"
}

mapfile -t cpp < <(git ls-files -co --exclude-standard -- '*.cc' '*.h')
step "clang-format" clang-format-14 --dry-run --Werror "${cpp[@]}"
step "layers" .venv/bin/python tools/check_layers.py
step "licences" .venv/bin/python tools/check_licences.py
step "docs" .venv/bin/python tools/check_docs.py
step "ruff" .venv/bin/ruff check .
step "ruff format" .venv/bin/ruff format --check .
step "mypy --strict" .venv/bin/mypy
step "dashboard (tsc, style)" npm --prefix dashboard run --silent check
step "clang-tidy" .venv/bin/python tools/tidy.py build/release
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
