#!/usr/bin/env bash
# A fresh machine imitated: a bare Debian tree with python3-venv and git alone, a clone of what is committed here, then
# `./run` twice and `./run test`, once as root and once as an ordinary user. Needs root and debootstrap on the outside.
#
#   tests/run/fresh_machine.sh [--whole] [FOLDER]    the tree is made in FOLDER and kept there for the next time
#
# --whole    `./run test` without arguments: everything, on as many workers as there are cores. An ordinary user has no
#            Chromium in a bare tree, so its tests are left out and counted; root gets it by apt.
# TESTS      arguments of ./run test (default: tests/core tests/run/test_browser.py)
# USERS      default: visitor root (root may install Chromium by apt, so the other comes first)
# MIRROR     Debian mirror
# BIND       folders of the outside that the tree needs too, read-only: where pip finds packages, if not on the network
# PIP_*, SSL_* and *_CA_BUNDLE of the environment and pip.conf are handed in.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:-}" = --whole ]; then
  TESTS=
  shift
fi
tree=${1:-/var/tmp/fresh-machine}
: "${TESTS=tests/core tests/run/test_browser.py}" "${USERS:=visitor root}" "${MIRROR:=http://deb.debian.org/debian}" "${BIND:=}"
export TESTS USERS MIRROR BIND

if [ -z "${FRESH_INSIDE:-}" ]; then
  [ "$(id -u)" = 0 ] || { echo "fresh_machine: root is needed to make the tree" >&2; exit 2; }
  [ -x "$tree/usr/bin/git" ] ||
    debootstrap --variant=minbase --include=python3,python3-venv,git,ca-certificates bookworm "$tree" "$MIRROR" >/dev/null
  # Processes of their own, so that what is left behind can be counted, and mounts that end with them.
  FRESH_INSIDE=1 exec unshare --mount --pid --ipc --fork --kill-child "$0" "$tree"
fi

mount -t proc proc "$tree/proc"
mount --rbind /dev "$tree/dev"
mount -t tmpfs -o mode=1777 tmpfs "$tree/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$tree/dev/shm"
for folder in $BIND; do
  mkdir -p "$tree$folder"
  mount --bind -o ro "$folder" "$tree$folder"
done
cp /etc/resolv.conf "$tree/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
mkdir -p "$tree/etc/xdg/pip"
for conf in /etc/pip.conf ~/.config/pip/pip.conf; do
  if [ -f "$conf" ]; then
    case $conf in /etc/*) cp "$conf" "$tree/etc/pip.conf" ;; *) cp "$conf" "$tree/etc/xdg/pip/pip.conf" ;; esac
  fi
done
mapfile -t passed < <(env | grep -E '^(PIP_|SSL_|[A-Z]+_CA_BUNDLE=|https?_proxy=|no_proxy=)' || true)
git -C "$here" bundle create -q "$tree/tmp/sbilling.bundle" HEAD
chmod a+r "$tree/tmp/sbilling.bundle"
chroot "$tree" useradd -m visitor 2>/dev/null || true

cat >"$tree/tmp/try" <<'TRY'
#!/bin/bash
# In the tree, as one user: both commands, and what they leave behind.
set -euo pipefail
cd
rm -rf sbilling /var/tmp/sbilling-* 2>/dev/null || true
git clone -q -n /tmp/sbilling.bundle sbilling
cd sbilling
git checkout -q FETCH_HEAD 2>/dev/null || git checkout -q
out=$(mktemp) err=$(mktemp)
count() { # into $now: no subshell, which would be counted too
  local all=(/proc/[0-9]*)
  now=${#all[@]}
}
left() {
  count
  left=$((now - before))
  if ((left > 0)); then for p in /proc/[0-9]*; do tr '\0' ' ' <"$p/cmdline" && echo; done; fi
}
count
before=$now
export PORT=${PORT:-8000}
for start in first second; do
  : >"$out"
  ./run >"$out" 2>"$err" &
  pid=$!
  until grep -q READY "$out"; do
    kill -0 $pid 2>/dev/null || { cat "$err"; echo "$start start: ended without READY"; exit 1; }
    sleep 0.1
  done
  echo "$start start: $(grep READY "$out")"
  [ $start = second ] || cat "$err"
  python3 -c "import urllib.request as u; assert b'<form' in u.urlopen('http://127.0.0.1:$PORT/login/').read()"
  [ $start = first ] || echo "memory: $(cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ {s += $2} END {print int(s / 1024)}') MB PSS"
  began=$(date +%s%N)
  kill -INT $pid
  code=0
  wait $pid || code=$?
  took=$((($(date +%s%N) - began) / 1000000))
  left
  echo "Ctrl-C: exit $code after $took ms, left behind: $left processes"
  ((code == 0 && left <= 0))
done
git status --short
code=0
./run test $TESTS || code=$?
left
echo "./run test: exit $code, left behind: $left processes"
((left <= 0))
exit $code
TRY
chmod a+rx "$tree/tmp/try"

failed=0
for user in $USERS; do
  echo "=== $user"
  home=$(chroot "$tree" getent passwd "$user" | cut -d: -f6)
  chroot --userspec="$user:$user" "$tree" env -i HOME="$home" USER="$user" LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TESTS="$TESTS" ${PORT:+PORT="$PORT"} "${passed[@]}" \
    /tmp/try || failed=1
done
exit $failed
