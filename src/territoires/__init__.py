"""Territoires: the digital platform that a region's public bodies share."""
