#!/bin/bash
# `make elsewhere`: a fresh clone of HEAD on a bare Debian 13, as an ordinary user who can make no namespace: `make`,
# `doctor` and the tests of the wall. Needs root, debootstrap and some 6 GB below ${TMPDIR:-/var/tmp}.
#
# Everything that is mounted is mounted in a mount namespace of this command's own. It ends with the command, however
# that ends, and whoever removes the folder sees no mount in it.
set -euo pipefail

suite=trixie
cache=${XDG_CACHE_HOME:-$HOME/.cache}/recurrent-networks-course
base=$cache/$suite-with-python-and-make.tar
repository=$(cd "$(dirname "$0")/.." && pwd)

outside() {
  if [ "$(id -u)" != 0 ]; then
    echo "make elsewhere needs root: it makes a Debian in a folder and changes its root to it" >&2
    exit 1
  fi
  if [ ! -f "$base" ] && ! command -v debootstrap >/dev/null; then
    echo "make elsewhere needs debootstrap: apt install debootstrap" >&2
    exit 1
  fi
  git -C "$repository" diff --quiet HEAD || echo "Note: HEAD is tried, without what is not committed"
  work=$(mktemp -d -p "${TMPDIR:-/var/tmp}" elsewhere-XXXXXX)
  trap conclude EXIT
  trap 'exit 130' INT TERM
  unshare --mount --pid --fork --kill-child --mount-proc --propagation private "$0" inside "$work" &
  all=$!
  wait "$all"
}

conclude() {
  # unshare takes no milder signal while it waits. With it the kernel ends all that runs in there.
  if kill -KILL "$all" 2>/dev/null; then wait "$all" 2>/dev/null || true; fi
  printf '\nElsewhere: Debian 13, an ordinary user, no namespaces\n'
  cat "$work/times" "$work/step" 2>/dev/null || true
  rm -rf --one-file-system "$work" || { sleep 2 && rm -rf --one-file-system "$work"; }
}

make_base() {
  # Debian's own mirror, or the one that this machine takes Debian from.
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | head -n 1)
  debootstrap --variant=minbase --include=python3,make,python3-venv,ca-certificates "$suite" "$work/base" ${mirror:+"$mirror"}
  mkdir -p "$cache"
  tar --numeric-owner --one-file-system -C "$work/base" -cf "$base.part" .
  mv "$base.part" "$base"
}

furnish() {
  tar --numeric-owner -C "$root" -xf "$base"
  mount -t proc proc "$root/proc"
  mount --bind /sys "$root/sys"
  mount -o remount,bind,ro "$root/sys"
  mount -t tmpfs -o mode=755 dev "$root/dev"
  for device in null zero full random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
  mkdir "$root/dev/pts"
  mount -t devpts -o newinstance,ptmxmode=666 terminals "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  mkdir -m 1777 "$root/dev/shm"
  ln -s /proc/self/fd "$root/dev/fd"
  # How this machine reaches the network: names, certificates, pip's settings, where it has them.
  for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt /etc/pip.conf; do
    if [ -f "$file" ]; then cp -L "$file" "$root$file"; fi
  done
  chroot "$root" useradd --create-home --shell /bin/bash student
  for file in .pip/pip.conf .config/pip/pip.conf .netrc; do
    if [ -f "$HOME/$file" ]; then install -D -m 644 "$HOME/$file" "$root/home/student/$file"; fi
  done
  git -c safe.directory='*' clone --quiet --depth 1 "file://$repository" "$root/home/student/course"
  chroot "$root" chown -R student:student /home/student
}

# Runs a command in the course's folder, as the ordinary user, with this machine's settings of network and pip alone.
as_student() {
  local settings=()
  while IFS= read -r -d '' setting; do
    case ${setting%%=*} in
      *_CACHE_DIR | PIP_CONFIG_FILE | UV_PYTHON* | UV_CONFIG_FILE) ;;
      PIP_* | UV_* | *_proxy | *_PROXY | SSL_CERT_* | REQUESTS_CA_BUNDLE) settings+=("$setting") ;;
    esac
  done < <(env -0)
  chroot --userspec=student:student "$root" /usr/bin/env -i "${settings[@]}" HOME=/home/student USER=student \
    PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    /bin/sh -c 'cd ~/course && exec "$@"' sh "$@"
}

without_namespaces() {
  if as_student unshare --user true 2>/dev/null; then
    echo "A user can make a namespace in there: this is not the setting to be tried" >&2
    return 1
  fi
}

# Runs a step and notes how long it took. A step that fails ends everything.
step() {
  local began=$SECONDS
  printf '\n== %s\n' "$1"
  echo "not done  $1" >"$work/step"
  "${@:2}"
  printf '%6d s  %s\n' "$((SECONDS - began))" "$1" >>"$work/times"
  rm "$work/step"
}

inside() {
  work=$1
  root=$work/root
  mkdir -m 755 "$root"
  [ -f "$base" ] || step "debootstrap $suite, kept in $base" make_base
  step "unpack, furnish, clone" furnish
  step "no namespace can be made" without_namespaces
  step "make" as_student make
  step "doctor" as_student .venv/bin/python -m autograder doctor
  step "the tests of the wall" as_student .venv/bin/python -m pytest -n 2 --dist loadfile tests/test_wall.py
}

case ${1:-} in
  inside) inside "$2" ;;
  *) outside ;;
esac
