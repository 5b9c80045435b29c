"""What results are held against: independent implementations; a pretended card; what a page must be."""
