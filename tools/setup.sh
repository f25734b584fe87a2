#!/usr/bin/env bash
# Installs what the project needs on Debian 12 or Ubuntu 24.04: system packages, .venv, node_modules.
# Safe to run again: what is there already is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
SUDO=""
[ "$(id -u)" -eq 0 ] || SUDO="sudo"

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

packages=(
  build-essential cmake ninja-build pkg-config ccache ca-certificates git
  libexpected-dev libre2-dev libisal-dev libzstd-dev zlib1g-dev libbrotli-dev libsqlite3-dev libsodium-dev
  libcli11-dev libtomlplusplus-dev libspdlog-dev prometheus-cpp-dev libcurl4-openssl-dev libssl-dev
  libjemalloc-dev libgtest-dev libgmock-dev libbenchmark-dev libsimdjson-dev libnghttp2-dev
  clang-14 libclang-rt-14-dev clang-tidy-14 clang-format-14
  chromium fonts-dejavu-core
  openssl nasm unicode-data unzip
)
# Debian 12 has Boost 1.81 under a name of its own; where the unversioned one is newer, that serves.
if apt-cache show libboost1.81-dev >/dev/null 2>&1; then packages+=(libboost1.81-dev)
else packages+=(libboost-dev); fi

node_major() { node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/'; }
if ! command -v npm >/dev/null || [ "$(node_major || echo 0)" -lt 18 ]; then packages+=(nodejs npm); fi
if ! "$PYTHON" -c 'import ensurepip, venv, sysconfig, os, sys
sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' 2>/dev/null; then
  packages+=(python3 python3-venv python3-dev)
fi

missing=()
for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
if [ ${#missing[@]} -gt 0 ]; then
  echo "-- installing ${#missing[@]} system packages: ${missing[*]}"
  $SUDO apt-get update -qq
  # Looked up again: before the update the lists may have been empty.
  if [[ " ${missing[*]} " == *" libboost-dev "* ]] && apt-cache show libboost1.81-dev >/dev/null 2>&1; then
    missing=("${missing[@]/#libboost-dev/libboost1.81-dev}")
  fi
  DEBIAN_FRONTEND=noninteractive $SUDO apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >/tmp/apitoolkit-setup.$$.log 2>&1 || { tail -40 /tmp/apitoolkit-setup.$$.log; rm -f /tmp/apitoolkit-setup.$$.log; exit 1; }
  rm -f /tmp/apitoolkit-setup.$$.log
else
  echo "-- system packages: all there"
fi

echo "-- Python environment .venv"
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
# Debian 12's own pip cannot be told where to build an extension.
.venv/bin/pip install --quiet --disable-pip-version-check --upgrade 'pip>=23.1'
.venv/bin/pip install --quiet --disable-pip-version-check -r python/requirements-dev.txt

echo "-- node modules of the dashboard"
(cd dashboard && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund)
