"""The tables of docs/evaluation.md from a metrics.json of recipes/eval/music.toml, as Markdown.

    python3 tools/evaluation_tables.py out/music/metrics.json
"""

import json
import sys


def row(cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def table(head, rows):
    row(head)
    row(["---"] * len(head))
    for cells in rows:
        row(cells)
    print()


def spread(mean, deviation):
    digits = 3 if abs(mean) < 2 else 2
    return f"{mean:.{digits}f} ± {deviation:.{digits}f}"


def figure(value, digits=2):
    return "-" if value is None else f"{value:.{digits}f}"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        found = json.load(file)
    order = ["scale_consistency", "pitch_entropy", "pitch_class_entropy", "pitch_class_entropy_4_bars", "pitch_range",
             "empty_beat_rate", "inter_onset_interval", "grooving_similarity", "note_density", "polyphony", "repetition",
             "structure_4", "structure_8", "structure_16", "chord_irregularity", "clash_rate", "voice_leading"]
    measures = found["measures"]
    table(["measure", "composed", "real", "overlap", "ceiling", "ratio", "KL", "KL of real"],
          [[name, spread(measures[name]["mean"], measures[name]["deviation"]),
            spread(measures[name]["real_mean"], measures[name]["real_deviation"]), figure(found["overlap"][name]),
            figure(found["ceiling"][name]), figure(found["ratio"][name]), figure(measures[name]["kl"]),
            figure(measures[name]["kl_ceiling"])] for name in order])
    table(["set", "overlap / ceiling, mean", "least", "where", "degenerate"],
          [[one["label"], figure(one["ratio_mean"], 3), figure(one["ratio_min"], 3), one["worst"], one["degenerate"]]
           for one in found["sets"]])
    detail, real = found["obedience_detail"], found["obedience_real"]
    table(["asked", "within phrases", "within bars", "across", "real: within phrases", "real: across"],
          [[name, *(figure(detail[name][part], 3) for part in ("within_phrases", "within_bars", "across")),
            *(figure(real[name][part]) for part in ("within_phrases", "across"))]
           for name in ("density", "dynamics", "register", "melody_density", "arousal", "valence")])
    table(["knob", "asked", "heard", "rises at every step"],
          [[name, ", ".join(f"{value:g}" for value in knob["asked"]), ", ".join(figure(value) for value in knob["heard"]),
            "yes" if knob["monotone"] else "no"] for name, knob in sorted(found["knobs"].items())])
    print(f"mode as asked {found['obedience']['mode']:.3f} (real {found['mode_real']:.3f}); ends on the tonic "
          f"{found['ends_on_tonic']} of {found['pieces']}; degenerate {found['degenerate']}; copied {found['copied']}")
    for name in ("structure_8", "structure_16", "clash_rate", "voice_leading"):
        one = measures[name]
        print(f"{name}: in the middle 80 % of real songs {one['in_middle_80']:.0%}, over their 75th percentile "
              f"{one['over_real_75']:.0%}, that is {one['real_quantiles'][3]:.3f}")


if __name__ == "__main__":
    main()
