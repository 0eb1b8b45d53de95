#!/bin/sh
# Installs the dependencies when the lock file has changed since the last installation. The machine's own Node may be old.
set -eu
installed=node_modules/.installed-lock.json
if ! cmp -s package-lock.json "$installed"; then
  echo "Installing dependencies (first start, or the lock file changed) …"
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$installed"
fi
