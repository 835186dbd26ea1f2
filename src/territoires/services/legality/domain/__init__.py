"""The trade's rules of an act: words, files, life, open-data shape. Pure: dates and code lists are passed in."""
