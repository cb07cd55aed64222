"""Questions about figures that were read right and may still be wrong."""
