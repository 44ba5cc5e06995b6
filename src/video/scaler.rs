//! Scales pictures of one stream, whose size and format may change on the way, to RGB.

use ffmpeg_next::{
    Rational,
    format::Pixel,
    frame,
    software::scaling::{Context, Flags},
};

use super::{VideoError, libav};

/// The size that a picture is scaled to.
type SizeOf = fn(&frame::Video) -> (u32, u32);

pub(super) struct Scaler {
    size: SizeOf,
    flags: Flags,
    fitted: Option<Fitted>,
}

/// A scaler for pictures of one kind.
struct Fitted {
    context: Context,
    /// Format, size and shape of the pixels.
    input: (Pixel, u32, u32, Rational),
    scaled: frame::Video,
}

impl Scaler {
    pub(super) fn new(size: SizeOf, flags: Flags) -> Self {
        Self { size, flags, fitted: None }
    }

    pub(super) fn scale(&mut self, picture: &frame::Video) -> Result<&frame::Video, VideoError> {
        let input = (picture.format(), picture.width(), picture.height(), picture.aspect_ratio());
        let fitted = match self.fitted.take().filter(|fitted| fitted.input == input) {
            Some(fitted) => fitted,
            None => Fitted::new(picture, (self.size)(picture), self.flags)?,
        };
        let fitted = self.fitted.insert(fitted);
        fitted.context.run(picture, &mut fitted.scaled).map_err(|_| unscalable(picture))?;
        Ok(&fitted.scaled)
    }
}

impl Fitted {
    fn new(picture: &frame::Video, (width, height): (u32, u32), flags: Flags) -> Result<Self, VideoError> {
        let input = (picture.format(), picture.width(), picture.height(), picture.aspect_ratio());
        let (format, from_width, from_height, _) = input;
        let context = Context::get(format, from_width, from_height, Pixel::RGB24, width, height, flags);
        let mut context = context.map_err(|_| unscalable(picture))?;
        libav::match_colors(&mut context, picture);
        let scaled = frame::Video::new(Pixel::RGB24, width, height);
        if scaled.planes() == 0 {
            return Err(VideoError::Memory);
        }
        Ok(Self { context, input, scaled })
    }
}

fn unscalable(picture: &frame::Video) -> VideoError {
    VideoError::PixelFormat(format!("{:?}", picture.format()).to_lowercase())
}
