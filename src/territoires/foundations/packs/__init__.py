"""Law as dated data: thresholds, delays, code lists, asked as of a date, each with its source."""
