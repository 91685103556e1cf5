"""Prompts as files: all their versions in our own format, out of one library and into another."""

from core.transfer.bring_in import bring_in
from core.transfer.export import ExportQuery, export_prompts
from core.transfer.outcome import Item, Refusal, Report

__all__ = ["ExportQuery", "Item", "Refusal", "Report", "bring_in", "export_prompts"]
