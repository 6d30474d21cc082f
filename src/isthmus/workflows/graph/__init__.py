"""Pictures of a definition: as Mermaid, for pages that draw it, and as SVG."""
