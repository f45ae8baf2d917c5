"""The front door: one call, or one command, from files to maps."""

from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.demo import simulate
from arrest_atlas.options import Inputs, Options
from arrest_atlas.period import Period
from arrest_atlas.pipeline import demo, run
from arrest_atlas.run_map import explore
from arrest_atlas.simulated_records import SimulatedRecords, simulate_records

__all__ = [
    "Analysis",
    "Inputs",
    "Options",
    "Period",
    "SimulatedRecords",
    "analyse",
    "demo",
    "explore",
    "run",
    "simulate",
    "simulate_records",
]
