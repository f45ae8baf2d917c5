"""Run the command line: ``python -m arrest_atlas``."""

from arrest_atlas.cli import main

main(prog_name="arrest-atlas")
