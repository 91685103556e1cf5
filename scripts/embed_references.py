"""Make the vectors that tests compare embedders with: `python scripts/embed_references.py MODEL`.

MODEL is sentence-transformers/all-MiniLM-L6-v2 or the folder it is in. Needs the extra
sentence-transformers, in a virtual environment of its own. The texts are the shipped samples (CC0)
and a few queries; the file is a line of JSON each: text, vector (base64 of 384 float32).
"""

import base64
import json
import sys
from pathlib import Path

from sentence_transformers import SentenceTransformer

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "tests" / "core" / "embeddings" / "references.jsonl"
SAMPLES = 24
QUERIES = (
    "help me practise for a job interview",
    "explain a contract in plain words",
    "travel plan for a rainy week",
    "Übersetze höflich ins Englische",
    "日本語の文章を直す",
    "",
)


def main(model_name: str) -> None:
    """Write the file."""
    lines = (ROOT / "core" / "prompts" / "data" / "samples.jsonl").read_text().splitlines()
    samples = [json.loads(line) for line in lines[:SAMPLES]]
    texts = [f"{sample['name']}\n{sample['content']}" for sample in samples]
    texts += QUERIES
    model = SentenceTransformer(model_name)
    rows = [
        {
            "text": text,
            "vector": base64.b64encode(
                model.encode(text, normalize_embeddings=True).astype("<f4").tobytes()
            ).decode(),
        }
        for text in texts
    ]
    TARGET.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    main(sys.argv[1])
