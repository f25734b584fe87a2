#!/usr/bin/env bash
# Builds every fuzz target with clang and libFuzzer and runs each for FUZZ_SECONDS (60), one after the
# other, starting from fuzz/corpus/<target>. New inputs go to build/fuzz/corpus, crashes to build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake --preset fuzz
cmake --build build/fuzz --target fuzz_targets -j "$(nproc)"
for binary in build/fuzz/fuzz/*_fuzz; do
  name=$(basename "$binary")
  found="build/fuzz/corpus/$name"
  mkdir -p "$found"
  echo "== $name"
  "$binary" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$name-" "$found" "fuzz/corpus/$name" 2>&1 | tail -12
done
