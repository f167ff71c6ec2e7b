"""A step of the build."""

import pathlib

import markupsafe

pathlib.Path("prepared.txt").write_text(str(markupsafe.escape("<prepared>")))
