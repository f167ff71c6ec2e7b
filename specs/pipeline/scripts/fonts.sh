#!/usr/bin/env bash
set -euo pipefail
: "${FONTS_TOKEN:?}"
