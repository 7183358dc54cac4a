"""Tests of the design system: tags, tokens, components, the frame of a page."""
