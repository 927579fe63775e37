#!/usr/bin/env bash
# Why this exists: the interface is WebAssembly, and not every machine can fetch rustup's wasm32 target.
#
#   frontend/bundle/wasm-target.sh             make the target available (idempotent; instant when done)
#   frontend/bundle/wasm-target.sh --fallback  the same without asking rustup
#   frontend/bundle/wasm-target.sh --print     print the RUSTC for wasm (an empty line: the active toolchain has it)
#   frontend/bundle/wasm-target.sh cargo ...   run cargo with the compiler that has the target
#
# 1. the active toolchain has the target       -> nothing to do
# 2. rustup target add                         -> the normal machine
# 3. Debian's rustc-web, rust-web-src and lld  -> std is built once from source (about a minute) into a private
#    sysroot; after that no -Z flag and no linker setting is needed.
set -euo pipefail

TARGET=wasm32-unknown-unknown
DIR=${WASM_TOOLCHAIN_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/rust-wasm-toolchain}
MODE=${1:-}
say() { printf 'wasm-target: %s\n' "$*" >&2; }

# has_target RUSTC: does this compiler have std for the target?
has_target() {
  local lib
  lib=$("$1" --print target-libdir --target "$TARGET" 2>/dev/null) || return 1
  compgen -G "$lib/libstd-*.rlib" >/dev/null
}
# the private sysroot is good only for the very compiler it was built with
stamp() { /usr/bin/rustc -vV 2>/dev/null | sed -n 's/^\(release\|commit-hash\|LLVM version\): //p' | tr '\n' ' '; }
fallback_ready() {
  [ -x "$DIR/bin/rustc" ] && [ -f "$DIR/stamp" ] && [ "$(cat "$DIR/stamp")" = "$(stamp)" ] \
    && has_target "$DIR/bin/rustc"
}
# found [RUSTC]: the target is there; do what was asked for
found() {
  case $MODE in
    --print) printf '%s\n' "$1" ;;
    cargo)
      if [ -n "$1" ]; then
        # SYSROOT is for clippy-driver, which does not go through the wrapper
        export PATH="$DIR/bin:$PATH" RUSTC="$1" RUSTDOC="$DIR/bin/rustdoc" SYSROOT="$DIR"
      fi
      exec cargo "${CARGO_ARGS[@]}" ;;
  esac
  exit 0
}
CARGO_ARGS=("${@:2}")

if [ "$MODE" != --fallback ]; then
  if command -v rustc >/dev/null && has_target rustc; then found ""; fi
fi
if fallback_ready; then found "$DIR/bin/rustc"; fi
case $MODE in --print | cargo) say "no $TARGET yet: run frontend/bundle/wasm-target.sh"; exit 1 ;; esac

if [ "$MODE" != --fallback ] && command -v rustup >/dev/null; then
  say "rustup target add $TARGET"
  # without a way out rustup waits for ever
  if timeout "${RUSTUP_TIMEOUT:-120}" rustup target add "$TARGET" >&2 && has_target rustc; then exit 0; fi
  say "rustup could not fetch it: falling back to Debian's packages"
fi

command -v apt-get >/dev/null || { say "no apt-get here: install the $TARGET target yourself"; exit 1; }
SUDO=; [ "$(id -u)" = 0 ] || SUDO=sudo
apt_install() { $SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null; }
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$(dirname "$0")/../../Cargo.toml")
new_enough() { [ "$(printf '%s\n' "$wanted" "$(/usr/bin/rustc -V | cut -d' ' -f2)" | sort -V | head -n 1)" = "$wanted" ]; }
pkgs=(rustc-web cargo-web rust-web-src rust-web-clippy gcc libc6-dev)
installed() { [ "$(dpkg-query -W -f='${Status} ' "${pkgs[@]}" 2>/dev/null | grep -o 'ok installed' | wc -l)" = ${#pkgs[@]} ]; }
if ! installed || ! new_enough; then
  say "apt-get install ${pkgs[*]}"
  $SUDO apt-get update -qq >&2 || true
  apt_install "${pkgs[@]}"
fi
new_enough || { say "$(/usr/bin/rustc -V) is older than $wanted: add the bookworm-security suite to apt's sources"; exit 1; }
# a linker no older than the compiler's LLVM
llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
[ -x "/usr/lib/llvm-$llvm/bin/lld" ] || { say "apt-get install lld-$llvm"; apt_install "lld-$llvm"; }

tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
say "building std for $TARGET (about a minute, once)"
mkdir -p "$tmp/c/src"; : >"$tmp/c/src/lib.rs"
printf '[package]\nname="std-for-wasm"\nversion="0.0.0"\nedition="2024"\n[workspace]\n' >"$tmp/c/Cargo.toml"
( cd "$tmp/c"
  # embed-bitcode: cargo leaves it out, and then lto = "fat" fails with "failed to get bitcode from object file for LTO"
  env -u CARGO_ENCODED_RUSTFLAGS -u CARGO_BUILD_TARGET -u RUSTUP_TOOLCHAIN \
    RUSTFLAGS=-Cembed-bitcode=yes RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$tmp/t" CARGO_PROFILE_RELEASE_DEBUG=0 \
    /usr/bin/cargo build --release --quiet -Z build-std=std,panic_abort,proc_macro,test \
    --target "$TARGET" >&2 )

host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
new=$tmp/sysroot
mkdir -p "$new/bin" "$new/lib/rustlib/$TARGET/lib" "$new/lib/rustlib/$host/bin"
cp "$tmp/t/$TARGET/release/deps/"lib*.rlib "$new/lib/rustlib/$TARGET/lib/"
rm -f "$new/lib/rustlib/$TARGET/lib/"libstd_for_wasm-*.rlib
ln -s "/usr/lib/rustlib/$host/lib" "$new/lib/rustlib/$host/lib"            # the native std
ln -s "/usr/lib/llvm-$llvm/bin/lld" "$new/lib/rustlib/$host/bin/rust-lld"  # rustc's default wasm linker
[ -e /usr/lib/rustlib/src ] && ln -s /usr/lib/rustlib/src "$new/lib/rustlib/src"
for tool in rustc rustdoc; do
  printf '#!/bin/sh\nexec /usr/bin/%s --sysroot "%s" "$@"\n' "$tool" "$DIR" >"$new/bin/$tool"
  chmod +x "$new/bin/$tool"
done
for tool in cargo cargo-clippy clippy-driver; do ln -s "/usr/bin/$tool" "$new/bin/$tool"; done
stamp >"$new/stamp"
mkdir -p "$(dirname "$DIR")"; rm -rf "$DIR"; mv "$new" "$DIR"
fallback_ready || { say "the new sysroot does not work"; exit 1; }
say "ready: RUSTC=$DIR/bin/rustc"
