"""Who is whose neighbour: by contiguity, by distance, or by a user's file."""

from spatial_models.graphs.contiguity import contiguity
from spatial_models.graphs.distances import distance_band, k_nearest, kernel_graph
from spatial_models.graphs.files import read_graph
from spatial_models.graphs.operations import attach_isolates, coarsen_graph, describe_graph

__all__ = [
    "attach_isolates",
    "coarsen_graph",
    "contiguity",
    "describe_graph",
    "distance_band",
    "k_nearest",
    "kernel_graph",
    "read_graph",
]
