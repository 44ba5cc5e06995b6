//! From measures of frames to rows that say yes or no, and from rows to whole spans.

use super::{FRAMES_PER_ROW, Measure, SpeechRow};

/// Measures are taken over so many frames around a row: 1.5 s.
const WINDOW: usize = 75;
/// Decibels between the loudest and the softest tenth of a window. Clips with speech have 11.9 and more, of music and
/// noise three in four have less.
const LEAST_RANGE_DB: f32 = 10.5;
/// Decibels that the level moves within 80 ms, in the mean. Clips with speech have 3.3 and more but for single moments,
/// music that is in the range of the other two measures up to 3.1.
const LEAST_FLUX_DB: f32 = 3.2;
/// Share of a window's louder half that is periodic: speech 0.26 and more, a steam engine 0 to 0.26.
const LEAST_VOICED: f32 = 0.25;
/// A piano is periodic all the time, 0.97 to 1, and so are some voices: those whose level moves much more.
const MOST_VOICED: f32 = 0.96;
const FLUX_OF_VOICES_DB: f32 = 5.0;
/// A frame is periodic above this autocorrelation.
const LEAST_VOICING: f32 = 0.7;
/// Rows this far below the loudest tenth of their window are a pause.
const PAUSE_DB: f32 = 25.0;
/// Nobody speaks below this.
const SILENCE_DB: f32 = -60.0;
/// Pauses up to this many rows belong to the speech around them.
const LONGEST_PAUSE: usize = 10;
/// Shorter spans are no words.
const SHORTEST_SPAN: usize = 5;

/// One row for each `FRAMES_PER_ROW` measures.
pub(super) fn rows(measures: &[Measure]) -> Vec<SpeechRow> {
    let row = |(place, frames): (usize, &[Measure])| {
        let middle = place * FRAMES_PER_ROW + FRAMES_PER_ROW / 2;
        let window = &measures[middle.saturating_sub(WINDOW / 2)..(middle + WINDOW / 2 + 1).min(measures.len())];
        SpeechRow { speech: is_spoken(frames, window), level_db: mean_level(frames) }
    };
    let mut rows: Vec<SpeechRow> = measures.chunks(FRAMES_PER_ROW).enumerate().map(row).collect();
    fill_runs(&mut rows, false, LONGEST_PAUSE);
    fill_runs(&mut rows, true, SHORTEST_SPAN - 1);
    rows
}

fn is_spoken(row: &[Measure], window: &[Measure]) -> bool {
    let mut levels: Vec<f32> = window.iter().map(|frame| frame.level_db).collect();
    let flux = flux(&levels);
    levels.sort_by(f32::total_cmp);
    let at = |share: f32| levels[((levels.len() - 1) as f32 * share) as usize];
    let (soft, middle, loud) = (at(0.1), at(0.5), at(0.9));
    let here = row.iter().map(|frame| frame.level_db).fold(f32::MIN, f32::max);
    let voiced = voiced_share(window, middle);
    here >= (loud - PAUSE_DB).max(SILENCE_DB)
        && loud - soft >= LEAST_RANGE_DB
        && flux >= LEAST_FLUX_DB
        && voiced >= LEAST_VOICED
        && (voiced <= MOST_VOICED || flux >= FLUX_OF_VOICES_DB)
}

/// Mean change of the level over four frames, after smoothing by three.
fn flux(levels: &[f32]) -> f32 {
    let smooth: Vec<f32> = levels.windows(3).map(|three| three.iter().sum::<f32>() / 3.0).collect();
    let moves: Vec<f32> = smooth.windows(5).map(|five| (five[4] - five[0]).abs()).collect();
    moves.iter().sum::<f32>() / moves.len().max(1) as f32
}

fn voiced_share(window: &[Measure], middle_db: f32) -> f32 {
    let loud = || window.iter().filter(|frame| frame.level_db >= middle_db);
    let voiced = loud().filter(|frame| frame.voicing > LEAST_VOICING).count();
    voiced as f32 / loud().count().max(1) as f32
}

fn mean_level(frames: &[Measure]) -> f32 {
    let power = frames.iter().map(|frame| 10_f32.powf(frame.level_db / 10.0)).sum::<f32>() / frames.len() as f32;
    10.0 * power.log10()
}

/// Turns over runs of `what` that are at most `longest` rows; pauses only between two spans.
fn fill_runs(rows: &mut [SpeechRow], what: bool, longest: usize) {
    let mut start = 0;
    while start < rows.len() {
        let length = rows[start..].iter().take_while(|row| row.speech == rows[start].speech).count();
        let between = what || (start > 0 && start + length < rows.len());
        if rows[start].speech == what && length <= longest && between {
            rows[start..start + length].iter_mut().for_each(|row| row.speech = !what);
        }
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(rows: &str, what: bool, longest: usize) -> String {
        let mut rows: Vec<SpeechRow> =
            rows.chars().map(|sign| SpeechRow { speech: sign == 'x', level_db: -20.0 }).collect();
        fill_runs(&mut rows, what, longest);
        rows.iter().map(|row| if row.speech { 'x' } else { '.' }).collect()
    }

    #[test]
    fn short_pauses_are_filled_and_short_spans_dropped() {
        assert_eq!(filled("..xx..x...x..", false, 2), "..xxxxx...x..");
        assert_eq!(filled("x.xxx..xx", true, 2), "..xxx....");
        assert_eq!(filled("", true, 2), "");
    }
}
