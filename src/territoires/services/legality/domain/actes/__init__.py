"""The norm @ctes, message by message: names, envelopes, archives and XML exchanged with the ministry.

Pure: bytes and values in, bytes and values out. Source: schema ``actesv1_1.xsd`` and the ministry's notice for the
names of files; what the ministry really sends where it deviates from them is noted beside the reader.
"""
