#!/bin/sh
# Runs every notebook on the sample estate, in an environment of its own:
#
#   run.sh PROGRAM FOLDER    PROGRAM is sizewright; environment, estate and rendered pages go to FOLDER
set -eu
program=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
wanted=$(cksum <"$here/requirements.txt")
if [ "$(cat "$work/venv/made-for" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$work/venv"
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --requirement "$here/requirements.txt"
    echo "$wanted" >"$work/venv/made-for"
fi
rm -rf "$work/demo"
"$program" demo --quiet --no-charts --out "$work/demo" >/dev/null 2>&1
export SIZEWRIGHT_ASSESSMENT="$work/demo" SIZEWRIGHT="$program"
for notebook in "$here"/*.ipynb; do
    "$work/venv/bin/jupyter" nbconvert --log-level WARN --to html --execute --output-dir "$work/html" "$notebook"
    echo "ran $(basename "$notebook")"
done
