"""Notes a second of Hugging Face `generate` on a GPT-2 with as many parameters as the accompaniment model.

The weights are random: speed does not depend on them. Four of its tokens stand for a note. Needs `transformers` and `torch`.
Prints one JSON object a line: a setting, notes a second of wall and of processor time.
"""

import argparse
import json
import os
import time

import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

PARAMETERS = 6_911_000
TOKENS_A_NOTE = 4


def model(dtype, attention):
    """Six layers, as ours; the width that comes nearest to as many parameters."""
    config = GPT2Config(
        vocab_size=320, n_positions=640, n_embd=304, n_layer=6, n_head=4, bos_token_id=0, eos_token_id=None,
        attn_implementation=attention,
    )
    torch.manual_seed(1)
    return GPT2LMHeadModel(config).eval().to(dtype)


def measure(network, batch, notes, sampling):
    prompt = torch.zeros(batch, 1, dtype=torch.long)
    options = {"do_sample": True, "top_k": 0, "top_p": 0.95} if sampling else {"do_sample": False}
    with torch.inference_mode():
        wall, processor = time.perf_counter(), time.process_time()
        tokens = TOKENS_A_NOTE * notes
        out = network.generate(
            prompt, attention_mask=torch.ones_like(prompt), min_new_tokens=tokens, max_new_tokens=tokens, use_cache=True,
            pad_token_id=0, **options,
        )
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
    made = batch * (out.shape[1] - 1) / TOKENS_A_NOTE
    return made / wall, made / processor


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--notes", type=int, default=128, help="notes a row")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dtype", nargs="+", default=["f32", "bf16"])
    parser.add_argument("--attention", nargs="+", default=["sdpa", "eager"])
    parser.add_argument("--draw", nargs="+", default=["greedy", "sampling"])
    parser.add_argument("--rounds", type=int, default=1)
    asked = parser.parse_args()
    logging.set_verbosity_error()
    dtypes = {"f32": torch.float32, "bf16": torch.bfloat16}
    for dtype in asked.dtype:
        for attention in asked.attention:
            network = model(dtypes[dtype], attention)
            parameters = sum(parameter.numel() for parameter in network.parameters())
            for threads in asked.threads:
                torch.set_num_threads(threads)
                measure(network, 1, 4, False)
                for draw in asked.draw:
                    for batch in asked.batch:
                        for _ in range(asked.rounds):
                            wall, processor = measure(network, batch, asked.notes, draw == "sampling")
                            print(json.dumps({
                                "dtype": dtype, "attention": attention, "threads": threads, "draw": draw, "batch": batch,
                                "parameters": parameters, "notes_a_second": round(wall, 1),
                                "notes_a_processor_second": round(processor, 1), "load": round(os.getloadavg()[0], 1),
                            }), flush=True)


if __name__ == "__main__":
    main()
