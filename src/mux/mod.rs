//! The scored video: every packet of picture as it was, the programme encoded beside it.
//!
//! `container` decides what file comes out, `lane` carries packets over, `sound` encodes the programme, `priming` tells
//! players to skip the encoder's lead-in where libav's muxers do not. Times stay those of the input's clock.

mod container;
mod copy;
mod error;
mod lane;
mod libav;
mod output;
mod preview;
mod priming;
mod sound;

#[cfg(test)]
mod clips;

pub(crate) use self::{
    container::Container,
    copy::{Request, mux},
    error::MuxError,
};
