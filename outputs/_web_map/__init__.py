"""The web map's assets (page, script, style) and the geometry made for display."""
