"""Rows of figures become Plotly figures here: pure, without Streamlit and without a database."""
