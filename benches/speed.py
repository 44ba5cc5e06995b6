"""The accompaniment stage beside Hugging Face `generate`, taken in turns on one machine: one table of medians.

    python3 benches/speed.py --python VENV/bin/python [--rounds 5] [--drafts 1]

VENV has `torch` and `transformers`. Both sides are whole processes: ours reads its weights within the time that is measured,
theirs has its model before the clock starts. Run it on a quiet machine.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PIECES = {"30 s": 12, "2 min": 48, "10 min": 240}


def test_program():
    """Builds the release tests and says where they lie."""
    command = ["cargo", "test", "--release", "--lib", "--no-run", "--message-format=json"]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in built.splitlines()]
    return next(message["executable"] for message in messages if message.get("executable"))


def last_objects(command, **variables):
    out = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables})
    return [json.loads(line[line.index("{"):]) for line in out.stdout.splitlines() if "{" in line]


def ours(program, bars, candidates, drafts, guidance):
    command = [program, "speed_of_accompaniment", "--ignored", "--nocapture", "--test-threads", "1"]
    return last_objects(command, BARS=str(bars), CANDIDATES=str(candidates), DRAFTS=str(drafts), GUIDANCE=str(guidance))[-1]


def theirs(python, batch, setting):
    dtype, attention, threads, draw = setting
    command = [python, "benches/hugging_face.py", "--batch", str(batch), "--dtype", dtype, "--attention", attention,
               "--threads", str(threads), "--draw", draw]
    return last_objects(command)[-1]


def median(rounds, name):
    return statistics.median(one[name] for one in rounds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", required=True, help="a Python with torch and transformers")
    parser.add_argument("--program", help="the built test program; without it the release tests are built")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--drafts", type=int, default=12, help="most drafts of a bar; `generate` makes one")
    parser.add_argument("--settings", nargs="+", default=["f32,sdpa,1,greedy", "f32,sdpa,2,greedy", "bf16,sdpa,1,greedy"],
                        help="of Hugging Face: dtype,attention,threads,draw; the best of them counts")
    asked = parser.parse_args()
    program = asked.program or test_program()
    settings = [tuple(setting.split(",")) for setting in asked.settings]
    for candidates in (8, 1):
        own = {(piece, guidance): [] for piece in PIECES for guidance in (1, 2)}
        other = {setting: [] for setting in settings}
        for _ in range(asked.rounds):
            for (piece, guidance), rounds in own.items():
                rounds.append(ours(program, PIECES[piece], candidates, asked.drafts, guidance))
            for setting, rounds in other.items():
                rounds.append(theirs(asked.python, candidates, setting))
        for name in ("notes_a_second", "notes_a_processor_second"):
            best = max(median(rounds, name) for rounds in other.values())
            print(f"{candidates} candidates, {name}, load {os.getloadavg()[0]:.1f}")
            for setting, rounds in other.items():
                print(f"  generate {','.join(setting)}: {median(rounds, name):.0f}")
            for (piece, guidance), rounds in own.items():
                found = median(rounds, name)
                print(f"  {piece}, guidance {guidance}: {found:.0f}, {found / best:.1f} times the best,"
                      f" {median(rounds, 'peak_megabytes'):.0f} MB")


if __name__ == "__main__":
    main()
