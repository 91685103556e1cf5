"""The CodeMirror editor and diff view of the app, as typed Streamlit calls."""

from streamlit_app.editor.code_editor import EditorState, Finding, code_editor, current_text
from streamlit_app.editor.merge_view import merge_view

__all__ = ["EditorState", "Finding", "code_editor", "current_text", "merge_view"]
