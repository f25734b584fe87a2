#!/usr/bin/env bash
# Pictures of every page at phone, laptop and wall width, light and dark, into build/screenshots/; and
# the two that the README shows: the list from a real server with real traffic, and the request of
# the tests' made-up shop, since a real one's stack names this machine's folders.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p docs/images build/screenshots
npm --prefix dashboard run --silent test -- appearance
APITOOLKIT_SCREENSHOTS="$PWD/build/screenshots" .venv/bin/python -m pytest tests/e2e/test_dashboard.py -q
cp build/screenshots/requests.png docs/images/requests.png
cp build/screenshots/request-1280-light.png docs/images/request.png
