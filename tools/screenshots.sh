#!/usr/bin/env bash
# Refreshes the pictures that the README shows, from a real server with real traffic in Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p docs/images
APITOOLKIT_SCREENSHOTS="$PWD/build/screenshots" .venv/bin/python -m pytest tests/e2e/test_dashboard.py -q
cp build/screenshots/requests.png build/screenshots/request.png docs/images/
