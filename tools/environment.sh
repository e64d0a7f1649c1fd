#!/bin/sh
# Makes .venv where there is none that serves, and brings the pinned packages into it.
# tools/environment.sh [PYTHON]; without one it looks for a Python itself, the system's own first: distributions build
# theirs with a profile, pyenv does not: with such a one marking takes a twelfth longer, `make check` a quarter.
set -eu
cd "$(dirname "$0")/.."
PATH=${PATH#"$PWD/.venv/bin:"} # where .venv has to be made anew, its own Python is no use

# Prints "3.13" where this command runs and is CPython: a shim of pyenv may well stand on the PATH and run nothing.
version() {
  "$1" -c 'import sys; sys.version_info[0] == 3 and sys.implementation.name == "cpython" or sys.exit(1)
print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

# Whether every pinned package has a wheel for this version. TensorFlow is the last to have one for a new Python.
supported() {
  case $1 in 3.11 | 3.12 | 3.13) ;; *) return 1 ;; esac
}

# Whether it can make an environment as it is. Debian's own lacks a package for that.
complete() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null
}

# Sets python and its version, or says what was found and what is needed.
find_python() {
  found= incomplete=
  for candidate in "$@"; do
    if is=$(version "$candidate"); then
      python=$(command -v "$candidate")
      if ! supported "$is"; then
        found="$found${found:+, }$candidate is $is"
      elif complete "$python"; then
        return
      else
        incomplete=${incomplete:-$python}
      fi
    elif command -v "$candidate" >/dev/null; then
      found="$found${found:+, }$candidate is no Python 3 that runs"
    fi
  done
  if [ "$incomplete" ]; then
    python=$incomplete is=$(version "$incomplete")
    return
  fi
  echo "This course needs Python 3.11, 3.12 or 3.13, and here ${found:-is none}: install one and say which," \
    "as in  make PYTHON=python3.13" >&2
  exit 1
}

make_environment() {
  if ! complete "$python"; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
      echo "$python cannot make an environment, for its module venv is incomplete:" \
        "on Debian and Ubuntu  apt install python$is-venv" >&2
      exit 1
    fi
    echo "Installing python$is-venv, for $python to make an environment with"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -yqq "python$is-venv" >/dev/null
  fi
  echo "Making .venv with Python $is ($python)"
  "$python" -m venv --clear .venv
}

here=$(version .venv/bin/python) || here=
if [ $# -gt 0 ]; then
  find_python "$1"
  [ "$here" = "$is" ] || make_environment
elif ! supported "$here" || ! .venv/bin/pip --version >/dev/null 2>&1; then
  find_python ${SYSTEM_PYTHON-/usr/bin/python3} python3 python3.13 python3.12 python3.11 python
  make_environment
fi
exec .venv/bin/python tools/install.py
