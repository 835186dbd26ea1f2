"""Reads the manifests: enabled services, activation, portal, navigation, health, REST root, error pages."""
