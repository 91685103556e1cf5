"""Prompts, their versions and the labels that move over them."""
