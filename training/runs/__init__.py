"""Recipes and the step that ships their result."""
