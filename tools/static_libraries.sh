#!/usr/bin/env bash
# Builds what a wheel links in and the distribution's -dev packages do not have in a form that suits:
# a libcurl that speaks HTTP(S) only (the packaged one needs some twenty further libraries, LDAP and
# Kerberos among them, some of them copyleft), an RE2 compiled as position-independent code, and an
# ISA-L that is an archive at all.
# The sources are the distribution's own, with its security patches. Usage: static_libraries.sh PREFIX
set -euo pipefail
mkdir -p "$1"
prefix=$(cd "$1" && pwd)
JOBS=${JOBS:-$(nproc)}
work=$prefix/src
rm -rf "$work"
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"

# Source packages are rarely switched on, so here is an apt of our own, which changes nothing outside.
apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT) # $(ORIGIN)' 'Created-By: Packages' |
  grep -E '# (Debian|Ubuntu)$' | sort -u >"$work/apt/sources.list"
[ -s "$work/apt/sources.list" ] || { echo "apt names no Debian or Ubuntu archive" >&2; exit 1; }
cat >"$work/apt/apt.conf" <<CONF
Dir::Etc::SourceList "$work/apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$work/apt/lists";
Dir::Cache "$work/apt/cache";
APT::Sandbox::User "$(id -un)";
CONF
export APT_CONFIG=$work/apt/apt.conf
cd "$work"
{
  apt-get update -qq && apt-get source -qq curl libisal re2
} >apt.log 2>&1 || { cat apt.log; exit 1; }

launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
{
  # Without a path to the roots: src/net/ca_file.h looks for them where the wheel runs.
  cmake -G Ninja -S curl-*/ -B curl-build -DCMAKE_BUILD_TYPE=Release "${launcher[@]}" \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
    -DCMAKE_FIND_LIBRARY_SUFFIXES=.a -DBUILD_SHARED_LIBS=OFF -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF \
    -DENABLE_MANUAL=OFF -DHTTP_ONLY=ON -DCURL_DISABLE_NTLM=ON -DCURL_USE_OPENSSL=ON -DCURL_ZLIB=OFF \
    -DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF \
    -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none
  cmake --build curl-build -j "$JOBS" --target install
  # The archive has the tables that are made from Unicode's taken out.
  make -C re2-*/ -j "$JOBS" static-install prefix="$prefix" \
    CXX="$(command -v ccache || true) g++" CXXFLAGS="-O3 -fPIC" REBUILD_TABLES=1
  # Only what compresses, and the checksums that it needs.
  make -C libisal-*/ -j "$JOBS" -f Makefile.unx units="igzip crc" CC="gcc -fPIC" lib
  install -D -m 644 libisal-*/bin/isa-l.a "$prefix/lib/libisal.a"
  mkdir -p "$prefix/lib/pkgconfig"
  sed "s|^libdir=.*|libdir=$prefix/lib|" "$(pkg-config --variable=pcfiledir libisal)/libisal.pc" \
    >"$prefix/lib/pkgconfig/libisal.pc"
} >build.log 2>&1 || { tail -40 build.log; exit 1; }

# What is linked in must come with its licence.
for package in libisal-dev libcurl4-openssl-dev libre2-dev libssl-dev zlib1g-dev libzstd-dev libbrotli-dev libexpected-dev; do
  printf '==== %s ====\n\n' "$package"
  cat "/usr/share/doc/$package/copyright"
  echo
done >"$prefix/LICENSES.linked"
cat /usr/share/common-licenses/Apache-2.0 >>"$prefix/LICENSES.linked"  # what OpenSSL's refers to
rm -rf "$work"
