#!/usr/bin/env bash
# The project itself, from the folder whose rules are used: rules/common.smk says which that is.
set -euo pipefail
echo "$REPGEOM_ROOT" > "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/repgeom.pth"
