"""What ministack does otherwise than AWS, corrected in its own process before it serves.

`apply` runs in ministack's interpreter, not in the tests': these modules use the standard library and ministack alone.
A correction replaces text of ministack's source, which is pinned, or a whole function; where the text is no longer
there, ministack has changed and does not start.
"""
