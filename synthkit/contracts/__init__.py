"""Contract tests as functions, for our own registries and for the authors of plugins."""
