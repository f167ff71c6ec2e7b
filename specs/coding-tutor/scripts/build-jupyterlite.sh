#!/bin/sh
set -eu
mkdir -p frontend/public/jupyterlite
