"""Run every measurement, one after another: `python -m benchmarks`."""

import asyncio

from benchmarks import compare, http, pages, prompts, providers, startup, ui


def main() -> None:
    """Print every figure."""
    print("# Start-up and idle memory")
    startup.main()
    print("\n# Prompts and versions, in process")
    asyncio.run(prompts.main())
    print("\n# Fetching and rendering by REST")
    http.main()
    print("\n# Calls to a model that answers at once")
    asyncio.run(providers.main())
    print("\n# Comparisons, with a model that answers in a second")
    asyncio.run(compare.main())
    print("\n# Pages, in Chromium")
    ui.main()
    print("\n# Pages, by what they cost the server")
    pages.main()


if __name__ == "__main__":
    main()
