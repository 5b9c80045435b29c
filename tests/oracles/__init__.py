"""What results are held against: independent implementations, written out as loops; what a page must be."""
