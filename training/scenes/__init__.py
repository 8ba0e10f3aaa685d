"""Scenes: pictures that can be rendered at any viewport and any scale, with questions about them.

`vocabulary` names what can appear, `assets` loads fonts, emoji and photographs, `layout` places the
objects, `render` turns a viewport into pixels, `questions` asks, `dataset` writes V* Bench folders.
"""
