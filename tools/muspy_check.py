#!/usr/bin/env python3
"""Holds our measures against MusPy's on the first 20 composed pieces.

    pip install muspy
    tools/muspy_check.py PIECES.json OUT/music/metrics.json

PIECES.json is the blob that eval.compose put out (run.json names its digest; store/cache/blobs holds it). Prints a Markdown
table: the largest difference of each measure that both have.
"""
import json
import sys

import muspy

OURS = {
    "scale_consistency": muspy.scale_consistency,
    "pitch_entropy": muspy.pitch_entropy,
    "pitch_class_entropy": muspy.pitch_class_entropy,
    "pitch_range": muspy.pitch_range,
    "polyphony": muspy.polyphony,
    "empty_beat_rate": muspy.empty_beat_rate,
}
FILES = 20
STEPS_A_BEAT = 4


def music(song):
    notes = song["melody"] + song["accompaniment"]
    track = muspy.Track(
        notes=[muspy.Note(note["start"], note["pitch"], note["duration"], note["velocity"]) for note in notes]
    )
    return muspy.Music(resolution=STEPS_A_BEAT, tracks=[track])


def main():
    takes = json.load(open(sys.argv[1]))["takes"][:FILES]
    values = json.load(open(sys.argv[2]))["values"]
    print("| measure | ours, mean | MusPy, mean | largest difference |\n|---|---|---|---|")
    for name, theirs in OURS.items():
        pairs = [(values[name][i], theirs(music(take["song"]))) for i, take in enumerate(takes)]
        means = [sum(column) / len(column) for column in zip(*pairs)]
        worst = max(abs(a - b) for a, b in pairs)
        print(f"| {name} | {means[0]:.4f} | {means[1]:.4f} | {worst:.2g} |")


main()
