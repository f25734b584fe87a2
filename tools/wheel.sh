#!/usr/bin/env bash
# `make wheel`: a wheel for $PYTHON in build/wheels that runs without anything but the C library, made
# from the source distribution, so that that one is proven too. Its tag says which glibc it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
root=$PWD
wheels=$root/build/wheels

tag=$("$PYTHON" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
stamp=build/static/.made
if [ ! -f "$stamp" ] || [ tools/static_libraries.sh -nt "$stamp" ]; then
  echo "-- the libraries that are linked in (once, two minutes)"
  tools/static_libraries.sh build/static
  touch "$stamp"
fi

echo "-- source distribution"
rm -rf build/sdist
mkdir -p build/sdist "$wheels"
.venv/bin/python -c 'from scikit_build_core.build import build_sdist; build_sdist("build/sdist")' >build/sdist/log 2>&1 ||
  { cat build/sdist/log; exit 1; }
# Unpacked here, and not by pip in /tmp, for the compiler cache; as of now, since the times in the
# archive do not tell the build what has changed.
tar -xmf build/sdist/*.tar.gz -C build/sdist --strip-components=1 --one-top-level=source

echo "-- wheel for $tag"
builder=build/venvs/build-$tag
[ -x "$builder/bin/pip" ] || "$PYTHON" -m venv "$builder"
# Not in an isolated environment, whose random path the compiler cache would take for a difference.
"$builder/bin/pip" install --quiet --disable-pip-version-check 'pip>=23.1' nanobind scikit-build-core
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
"$builder/bin/pip" wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
  --wheel-dir "$raw" \
  -C build-dir="$root/build/wheel-$tag" -C cmake.define.APITOOLKIT_STATIC=ON \
  -C cmake.define.CMAKE_PREFIX_PATH="$root/build/static" \
  -C cmake.define.APITOOLKIT_LICENSES="$root/build/static/LICENSES.linked" build/sdist/source

rm -f "$wheels"/*-"$tag"-*.whl
PATH="$root/.venv/bin:$PATH" .venv/bin/auditwheel repair --wheel-dir "$wheels" "$raw"/*.whl >"$raw/log" 2>&1 ||
  { cat "$raw/log"; exit 1; }
for wheel in "$wheels"/*-"$tag"-*.whl; do
  if unzip -l "$wheel" | grep -q '\.libs/'; then
    echo "$wheel bundles a shared library; all of them should be linked in" >&2
    exit 1
  fi
  printf '%s  %s KiB, unpacked %s KiB\n' "${wheel#"$root"/}" "$(($(stat -c %s "$wheel") / 1024))" \
    "$(($(unzip -l "$wheel" | awk 'END {print $1}') / 1024))"
done
