"""The panels beside the picture. They never import one another's insides, and no viewer."""
