"""Independent implementations, written out as loops, that the package's results are held against."""
