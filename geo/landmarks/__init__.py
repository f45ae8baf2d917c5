"""Landmark texts: which county they name, if any."""

from geo.landmarks.reader import LandmarkKind, LandmarkReader, LandmarkReading

__all__ = ["LandmarkKind", "LandmarkReader", "LandmarkReading"]
