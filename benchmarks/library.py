"""The library that is measured: the shipped samples over and over, each with words of its own."""

from core.prompts.bulk import PromptRecord
from core.prompts.samples import read_samples
from core.values.body import VersionBody


def make_records(count: int) -> list[PromptRecord]:
    """Return so many prompts to bring in, published, with the samples' folders and tags."""
    samples = read_samples()
    return [
        PromptRecord(
            key=f"{sample.key[:40]}-{number}",
            name=f"{sample.name} {number}",
            folder=sample.folder,
            tags=sample.tags,
            body=VersionBody(
                content=f"{sample.body.content} {number}",
                required_fields=sample.body.required_fields,
            ),
            publish=True,
        )
        for number in range(count)
        for sample in (samples[number % len(samples)],)
    ]
