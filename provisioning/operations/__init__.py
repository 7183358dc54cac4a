"""Recipes: each file turns what is wanted into the steps of one operation. Pure; the engine acts."""
