//! What pictures show, as a network sees it: EfficientNet-Lite0 (Apache-2.0), trained by others on `ImageNet`.
//!
//! `clip` is the vision tower of a CLIP file that a user brings. `network` is the network that ships, `tensors` reads its weights, `block` folds batch norms into them, `semantic` turns stills into tracks. Knows nothing of
//! stages and of what people feel about a picture (`affect` does).

mod block;
mod clip;
mod network;
mod semantic;
mod tensors;

pub(crate) use self::{
    clip::Clip,
    network::EfficientNet,
    semantic::{FEATURES, embeddings, semantic},
    tensors::NetworkFileError,
};
