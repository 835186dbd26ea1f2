"""Pages of what is called under: dynamic purchasing systems, framework agreements."""
