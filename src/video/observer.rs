//! Watches the pictures of one stream go by: their times, and the measures of those that are measured.

use ffmpeg_next::frame;

use super::{
    VideoError, VideoLimits, channel, clock::Clock, gallery::Gallery, measure::Measurer, still::Stiller,
    thumbnail::Thumbnailer,
};
use crate::artifact::Frames;

/// Pictures nearer than this to the last measured one are only counted: about 30 a second are enough.
const MEASURE_GAP_SECONDS: f64 = 0.03;

pub(super) struct Observer {
    pub(super) clock: Clock,
    pub(super) frames: Frames,
    pub(super) gallery: Gallery,
    /// The end of the preview was reached.
    pub(super) ended: bool,
    preview_seconds: f64,
    max_side: u32,
    thumbnailer: Thumbnailer,
    stiller: Stiller,
    measurer: Measurer,
}

impl Observer {
    pub(super) fn new(clock: Clock, preview_seconds: Option<f64>, rotation_degrees: u16, limits: VideoLimits) -> Self {
        Self {
            clock,
            frames: Frames { channels: channel::all(), times: Vec::new(), values: Vec::new() },
            gallery: Gallery::new(),
            ended: false,
            preview_seconds: preview_seconds.unwrap_or(f64::INFINITY),
            max_side: limits.max_side,
            thumbnailer: Thumbnailer::new(),
            stiller: Stiller::new(rotation_degrees),
            measurer: Measurer::default(),
        }
    }

    pub(super) fn watch(&mut self, picture: &frame::Video) -> Result<(), VideoError> {
        check_size(picture.width(), picture.height(), self.max_side)?;
        if self.ended {
            return Ok(());
        }
        let Some(time) = self.clock.picture(picture.timestamp(), picture.packet().duration) else { return Ok(()) };
        self.ended = time >= self.preview_seconds;
        if self.ended {
            return Ok(());
        }
        if self.gallery.wants(time) {
            self.gallery.hang(time, self.stiller.take(picture)?);
        }
        let measured_lately = self.frames.times.last().is_some_and(|last| time - last < MEASURE_GAP_SECONDS);
        if measured_lately {
            return Ok(());
        }
        let thumbnail = self.thumbnailer.shrink(picture)?;
        self.frames.values.push(self.measurer.measure(thumbnail));
        self.frames.times.push(time);
        Ok(())
    }
}

/// Refuses pictures that would take too much memory.
pub(super) fn check_size(width: u32, height: u32, limit: u32) -> Result<(), VideoError> {
    if width.max(height) > limit {
        return Err(VideoError::Dimensions { width, height, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ffmpeg_next::{Rational, format::Pixel};

    use super::*;

    fn observer(preview_seconds: Option<f64>) -> Observer {
        let clock = Clock::new(Rational::new(1, 120), (120, 1));
        Observer::new(clock, preview_seconds, 0, VideoLimits { max_side: 64, ..VideoLimits::default() })
    }

    fn picture(time: i64) -> frame::Video {
        let mut picture = frame::Video::new(Pixel::RGB24, 16, 16);
        picture.data_mut(0).fill(time as u8);
        picture.set_pts(Some(time));
        picture
    }

    #[test]
    fn many_pictures_a_second_are_thinned_to_about_thirty() {
        let mut observer = observer(None);
        for time in 0..240 {
            observer.watch(&picture(time)).unwrap();
        }
        assert_eq!(observer.frames.times.len(), 60);
        assert!((observer.clock.decoded_seconds() - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_preview_ends_before_the_first_picture_behind_it() {
        let mut observer = observer(Some(0.5));
        for time in 0..240 {
            observer.watch(&picture(time)).unwrap();
        }
        assert!(observer.ended);
        assert_eq!(observer.frames.times.len(), 15);
        assert_eq!(observer.frames.times.len(), observer.frames.values.len());
    }

    #[test]
    fn a_picture_that_grows_over_the_limit_is_refused() {
        let huge = frame::Video::new(Pixel::RGB24, 65, 16);
        let message = observer(None).watch(&huge).unwrap_err().to_string();
        assert_eq!(
            message,
            "the picture is 65x16, over the limit of 64 a side; raise max_side of source.video to take it"
        );
    }
}
