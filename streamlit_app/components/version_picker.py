"""Own the choice of a version by selector: what is served, labels, numbers with drafts marked."""

import streamlit as st

from streamlit_app.components.run_target import Target


def version_picker(target: Target) -> None:
    """Draw the choice; another one goes into the address."""
    options = version_options(target)
    key = f"playground_version_{target.prompt.key}"
    selector = target.selector
    if selector is not None and selector not in options:
        options[selector] = selector
    names = list(options)
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    st.selectbox(
        "Version",
        names,
        index=names.index(selector) if selector else None,
        key=key,
        format_func=lambda name: options.get(str(name), str(name)),
        on_change=_write_address,
        args=(key,),
        placeholder="No version yet",
        disabled=not names,
    )


def _write_address(key: str) -> None:
    st.query_params["version"] = st.session_state[key]


def version_options(target: Target) -> dict[str, str]:
    """Return the selectors to pick, each in words."""
    prompt = target.prompt
    options: dict[str, str] = {}
    if prompt.current_version:
        options["latest"] = f"latest → {prompt.current_version}"
    options |= {f"label:{name}": f"{name} → {number}" for name, number in prompt.labels.items()}
    for version in target.versions:
        mark = "" if version.is_published else " · draft"
        options[version.version] = f"{version.version}{mark}"
    return options
