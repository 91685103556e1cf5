"""Own the page of extraction: take in a source, find it again, review what was found in it."""

import streamlit as st
from bson import ObjectId

from core.errors import NotFound
from streamlit_app import viewer
from streamlit_app.components import problem
from streamlit_app.components.extract.address import JOB, SOURCE, back_to_list
from streamlit_app.components.extract.job_page import job_page
from streamlit_app.components.extract.review_page import review_page
from streamlit_app.components.extract.sources_page import sources_page
from streamlit_app.components.title_row import title_row


def main() -> None:
    """Show the review of the source that the address names, else the sources and the way in."""
    scope = viewer.scope()
    source, job = st.query_params.get(SOURCE, ""), st.query_params.get(JOB, "")
    if not source and not job:
        sources_page(scope)
    elif not ObjectId.is_valid(source or job):
        title_row("Extract")
        problem.show(NotFound("source" if source else "job", source or job))
        back_to_list()
    elif source:
        review_page(scope, ObjectId(source))
    else:
        job_page(scope, ObjectId(job))


if __name__ == "__main__":
    main()
