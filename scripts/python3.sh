#!/bin/sh
# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
#
# Run a program with a Python that can make the virtual environment: sh scripts/python3.sh PROGRAM ARGUMENT...
# PYTHON=/path/to/python3 names one; otherwise the first that works is taken. A candidate is run, not only looked up:
# version managers leave names on the PATH that start nothing.
set -u

works='import sys; sys.exit(sys.version_info < (3, 11))'
without_venv=

for python in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
    "$python" -c "$works" >/dev/null 2>&1 || continue
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        exec "$python" "$@"
    fi
    without_venv=$python
done

if [ -n "$without_venv" ]; then
    echo "Python at $without_venv has no module venv; on Debian: apt-get install python3-venv" >&2
else
    echo "No Python 3.11 or newer was found; install one, or name it: make PYTHON=/path/to/python3 ..." >&2
fi
exit 1
