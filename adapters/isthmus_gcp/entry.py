"""What the functions framework calls, `handle`, ready as soon as this module is imported: see `bundles`.

https://github.com/GoogleCloudPlatform/functions-framework-python
"""

from __future__ import annotations

from isthmus_gcp.function import start

handle = start()
