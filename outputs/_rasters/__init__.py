"""Surfaces on a grid: cells, rates that keep their cases, smoothing, files, images."""
