//! Which pictures of a video become stills: of each second the first in its second half, or what there is.
//!
//! Memory is bounded: a video with more seconds than the gallery holds gets a still every two, four, eight seconds.

use crate::artifact::Stills;

/// About 135 MB, and fifteen minutes at a still a second.
const MOST: usize = 900;

pub(super) struct Gallery {
    span_seconds: f64,
    /// No picture before this is wanted, unless there is none yet.
    next: f64,
    times: Vec<f64>,
    rgb: Vec<Vec<u8>>,
    most: usize,
}

impl Gallery {
    pub(super) fn new() -> Self {
        Self { span_seconds: 1.0, next: 0.0, times: Vec::new(), rgb: Vec::new(), most: MOST }
    }

    pub(super) fn wants(&self, time: f64) -> bool {
        self.times.is_empty() || time >= self.next
    }

    /// Takes a picture that it wants. One of the same span makes way: a video's first picture is often black.
    pub(super) fn hang(&mut self, time: f64, still: Vec<u8>) {
        if self.times.last().is_some_and(|last| self.span(*last) == self.span(time)) {
            self.times.pop();
            self.rgb.pop();
        }
        self.times.push(time);
        self.rgb.push(still);
        while self.times.len() >= self.most {
            self.span_seconds *= 2.0;
            self.thin_out();
        }
        self.next = ((time / self.span_seconds + 0.5).floor() + 0.5) * self.span_seconds;
    }

    pub(super) fn into_stills(self, seconds: f64) -> Stills {
        Stills { span_seconds: self.span_seconds, seconds, times: self.times, rgb: self.rgb }
    }

    fn span(&self, time: f64) -> u64 {
        (time / self.span_seconds) as u64
    }

    /// Keeps the first still of each span.
    fn thin_out(&mut self) {
        let hung: Vec<_> = std::mem::take(&mut self.times).into_iter().zip(std::mem::take(&mut self.rgb)).collect();
        for (time, still) in hung {
            if self.times.last().is_none_or(|last| self.span(*last) != self.span(time)) {
                self.times.push(time);
                self.rgb.push(still);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hung(times: &[f64], most: usize) -> Stills {
        let mut gallery = Gallery { most, ..Gallery::new() };
        for (picture, time) in times.iter().enumerate() {
            if gallery.wants(*time) {
                gallery.hang(*time, vec![picture as u8]);
            }
        }
        gallery.into_stills(times.last().map_or(0.0, |last| last + 0.04))
    }

    #[test]
    fn one_still_from_the_middle_of_each_second() {
        let times: Vec<f64> = (0..100).map(|picture| f64::from(picture) * 0.04).collect();
        assert_eq!(hung(&times, 900).times, [0.52, 1.52, 2.52, 3.52]);
    }

    #[test]
    fn slides_are_all_seen() {
        assert_eq!(hung(&[0.0, 10.0, 20.0, 20.4, 31.7], 900).times, [0.0, 10.0, 20.0, 31.7]);
        assert_eq!(hung(&[0.0], 900).times, [0.0]);
    }

    #[test]
    fn a_long_video_gets_fewer_a_second() {
        let times: Vec<f64> = (0..400).map(|picture| f64::from(picture) * 0.25).collect();
        let stills = hung(&times, 32);
        assert!(stills.span_seconds > 3.9 && stills.times.len() >= 16, "{stills:?}");
        assert_eq!(stills.times.len(), stills.rgb.len());
    }

    proptest! {
        #[test]
        fn never_too_many_never_two_a_span(
            steps in prop::collection::vec(0.01_f64..9.0, 1..300), most in 2_usize..40,
        ) {
            let times: Vec<f64> = steps.iter().scan(0.0, |time, step| { *time += step; Some(*time) }).collect();
            let stills = hung(&times, most);
            prop_assert!(!stills.times.is_empty() && stills.times.len() < most);
            let span = |time: &f64| (time / stills.span_seconds) as u64;
            prop_assert!(stills.times.windows(2).all(|two| span(&two[0]) < span(&two[1])));
        }
    }
}
